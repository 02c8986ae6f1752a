//! The tables of clients, credentials and the revision, and the conversion of their rows.

use chrono::DateTime;
use hotline_proto::v1::Role;
use sea_orm::ActiveValue::Set;

use super::{Act, Client, ClientKind, Credential, CredentialKind, Proof};
use crate::access::credentials::{role_name, role_of};
use crate::platform::Fault;
use crate::ticket::{Instant, UnitCode};

pub(super) mod client {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "client")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub principal: String,
        pub kind: i16,
        pub roles: String,
        pub unit: Option<String>,
        pub note: String,
        pub created_by: String,
        pub created_at: i64,
        pub revoked_by: Option<String>,
        pub revoked_at: Option<i64>,
        pub revoke_note: Option<String>,
        pub revision: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod credential {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "client_credential")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub principal: String,
        pub kind: i16,
        pub proof: String,
        pub expires_at: Option<i64>,
        pub issued_by: String,
        pub issued_at: i64,
        pub revoked_by: Option<String>,
        pub revoked_at: Option<i64>,
        pub revoke_note: Option<String>,
        pub revision: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod revision {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_revision")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i16,
        pub revision: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn instant(micros: i64) -> Result<Instant, Fault> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Fault::internal("a client's instant out of range"))
}

fn revoked(by: Option<String>, at: Option<i64>, note: Option<String>) -> Result<Option<Act>, Fault> {
    let act = |at| Ok(Act { by: by.unwrap_or_default(), at: instant(at)?, note: note.unwrap_or_default() });
    at.map(act).transpose()
}

fn roles_of(text: &str) -> Option<Vec<Role>> {
    text.split(',').map(role_of).collect()
}

pub(super) fn client_of(row: client::Model) -> Result<Client, Fault> {
    let broken = |what: &str| Fault::internal(format!("client {:?}: {what}", row.principal));
    Ok(Client {
        kind: ClientKind::of_stored(row.kind).ok_or_else(|| broken("unknown kind"))?,
        roles: roles_of(&row.roles).ok_or_else(|| broken("unknown role"))?,
        unit: row.unit.map(UnitCode),
        created: Act { by: row.created_by, at: instant(row.created_at)?, note: row.note },
        revoked: revoked(row.revoked_by, row.revoked_at, row.revoke_note)?,
        principal: row.principal,
    })
}

pub(super) fn client_row(client: &Client, revision: i64) -> client::ActiveModel {
    let roles: Vec<_> = client.roles.iter().copied().map(role_name).collect();
    client::ActiveModel {
        principal: Set(client.principal.clone()),
        kind: Set(client.kind.stored()),
        roles: Set(roles.join(",")),
        unit: Set(client.unit.as_ref().map(|unit| unit.0.clone())),
        note: Set(client.created.note.clone()),
        created_by: Set(client.created.by.clone()),
        created_at: Set(client.created.at.timestamp_micros()),
        revoked_by: Set(client.revoked.as_ref().map(|act| act.by.clone())),
        revoked_at: Set(client.revoked.as_ref().map(|act| act.at.timestamp_micros())),
        revoke_note: Set(client.revoked.as_ref().map(|act| act.note.clone())),
        revision: Set(revision),
    }
}

pub(super) fn credential_of(row: credential::Model) -> Result<Credential, Fault> {
    let kind = CredentialKind::of_stored(row.kind);
    let kind = kind.ok_or_else(|| Fault::internal(format!("credential {}: unknown kind", row.id)))?;
    Ok(Credential {
        principal: row.principal,
        proof: Proof { kind, text: row.proof },
        expires_at: row.expires_at.map(instant).transpose()?,
        issued: Act { by: row.issued_by, at: instant(row.issued_at)?, note: String::new() },
        revoked: revoked(row.revoked_by, row.revoked_at, row.revoke_note)?,
        id: row.id,
    })
}

pub(super) fn credential_row(credential: &Credential, revision: i64) -> credential::ActiveModel {
    credential::ActiveModel {
        id: Set(credential.id.clone()),
        principal: Set(credential.principal.clone()),
        kind: Set(credential.proof.kind.stored()),
        proof: Set(credential.proof.text.clone()),
        expires_at: Set(credential.expires_at.map(|at| at.timestamp_micros())),
        issued_by: Set(credential.issued.by.clone()),
        issued_at: Set(credential.issued.at.timestamp_micros()),
        revoked_by: Set(credential.revoked.as_ref().map(|act| act.by.clone())),
        revoked_at: Set(credential.revoked.as_ref().map(|act| act.at.timestamp_micros())),
        revoke_note: Set(credential.revoked.as_ref().map(|act| act.note.clone())),
        revision: Set(revision),
    }
}
