//! Changes clients and credentials. A change locks the revision first, so that changes are made one after the other, in
//! the order in which every server reads them.

use hotline_proto::v1::ErrorReason;
use sea_orm::ActiveValue::Unchanged;
use sea_orm::ExprTrait as _;
use sea_orm::entity::prelude::*;

use super::rows::{client, client_row, credential, credential_row, revision};
use super::{Client, Credential, read};
use crate::platform::{Fault, Work, failpoint};

/// The lock on changes of clients, held until the unit of work ends.
#[derive(Debug, Clone, Copy)]
pub struct ClientWriteLock {
    revision: i64,
}

impl ClientWriteLock {
    /// Waits for the lock. The administrator's access, as authenticated for this call, must not have been revoked
    /// meanwhile. If two administrators revoke each other, or each other's credentials, the second one is refused.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`.
    pub async fn take(work: &Work, administrator: &str, shown: &[String]) -> Result<Self, Fault> {
        revision::Entity::update_many()
            .col_expr(revision::Column::Revision, Expr::col(revision::Column::Revision).add(1))
            .filter(revision::Column::Id.eq(read::REVISION))
            .exec(&work.tx)
            .await?;
        let turn = Self { revision: read::revision(&work.tx).await? };
        if is_still_good(work, administrator, shown).await? {
            return Ok(turn);
        }
        Err(Fault::new(ErrorReason::Unauthenticated))
    }

    /// Adds a client.
    ///
    /// # Errors
    /// Refusals of the database.
    pub async fn add(self, work: &Work, client: &Client) -> Result<(), Fault> {
        failpoint::reach("client.write").await?;
        let row = client_row(client, self.revision);
        client::Entity::insert(row).exec_without_returning(&work.tx).await?;
        Ok(())
    }

    /// Stores a client that has changed.
    ///
    /// # Errors
    /// Refusals of the database.
    pub async fn put(self, work: &Work, client: &Client) -> Result<(), Fault> {
        failpoint::reach("client.write").await?;
        let mut row = client_row(client, self.revision);
        row.principal = Unchanged(client.principal.clone());
        client::Entity::update(row).exec(&work.tx).await?;
        Ok(())
    }

    /// Adds a credential.
    ///
    /// # Errors
    /// `CREDENTIAL_TAKEN` if it belongs to another client already.
    pub async fn add_credential(self, work: &Work, credential: &Credential) -> Result<(), Fault> {
        failpoint::reach("client.write").await?;
        let taken = credential::Entity::find()
            .filter(credential::Column::Kind.eq(credential.proof.kind.stored()))
            .filter(credential::Column::Proof.eq(credential.proof.text.as_str()))
            .filter(credential::Column::RevokedAt.is_null())
            .one(&work.tx)
            .await?;
        if taken.is_some() {
            return Err(Fault::new(ErrorReason::CredentialTaken));
        }
        let row = credential_row(credential, self.revision);
        credential::Entity::insert(row).exec_without_returning(&work.tx).await?;
        Ok(())
    }

    /// Stores a credential that has changed.
    ///
    /// # Errors
    /// Refusals of the database.
    pub async fn put_credential(self, work: &Work, credential: &Credential) -> Result<(), Fault> {
        failpoint::reach("client.write").await?;
        let mut row = credential_row(credential, self.revision);
        row.id = Unchanged(credential.id.clone());
        credential::Entity::update(row).exec(&work.tx).await?;
        Ok(())
    }
}

/// Whether an administrator would be admitted now with the credentials of the call. None of the credentials and none of
/// their clients may be revoked. If a principal came from the credentials file, there must be no client with that name
/// by now, because the client overrides the file.
async fn is_still_good(work: &Work, administrator: &str, shown: &[String]) -> Result<bool, Fault> {
    let mut has_own = false;
    for id in shown {
        let Some(credential) = read::find_credential(&work.tx, id).await? else { return Ok(false) };
        let client = read::find(&work.tx, &credential.principal).await?;
        if credential.revoked.is_some() || client.is_none_or(|client| client.revoked.is_some()) {
            return Ok(false);
        }
        has_own |= credential.principal == administrator;
    }
    Ok(has_own || read::find(&work.tx, administrator).await?.is_none())
}
