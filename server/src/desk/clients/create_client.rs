//! `CreateClient`: a new client, which can do nothing until a credential is issued to it.

use hotline_proto::v1::{ErrorReason, Role};
use prost::Message;
use serde_json::json;

use super::{ClientAdmin, record};
use crate::access::Permit;
use crate::access::client::write::ClientWriteLock;
use crate::access::client::{Act, Client, ClientKind, read};
use crate::desk::directory::units;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::{Actor, UnitCode};

/// A client to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateClient {
    /// Its name.
    pub principal: String,
    /// What it is.
    pub kind: ClientKind,
    /// Its roles, in rising order.
    pub roles: Vec<Role>,
    /// The unit that it acts for.
    pub unit: Option<UnitCode>,
    /// Why.
    pub note: String,
}

impl ClientAdmin {
    /// Runs the command, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`CreateClient::run`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn create_client<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: CreateClient,
        answer: fn(&Client) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&command.run(work, &permit.actor(), permit.credentials()).await?))
            })
            .await
    }
}

impl CreateClient {
    /// Makes the client. An administrator from the credentials file cannot make a client with their own name. The
    /// file's entry would be ignored at once, before the client has a credential.
    ///
    /// # Errors
    /// `CLIENT_EXISTS`, `UNIT_UNKNOWN`, `OWN_ACCESS`.
    pub async fn run(&self, work: &Work, administrator: &Actor, shown: &[String]) -> Result<Client, Fault> {
        let turn = ClientWriteLock::take(work, &administrator.principal, shown).await?;
        if read::find(&work.tx, &self.principal).await?.is_some() {
            return Err(Fault::new(ErrorReason::ClientExists).with("client", &self.principal));
        }
        if self.principal == administrator.principal {
            return Err(Fault::new(ErrorReason::OwnAccess).with("client", &self.principal));
        }
        if let Some(unit) = &self.unit
            && !units::find(&work.tx, unit).await?.is_some_and(|unit| unit.is_active)
        {
            return Err(Fault::new(ErrorReason::UnitUnknown).at("unit", "no such unit, or not active"));
        }
        let client = Client {
            principal: self.principal.clone(),
            kind: self.kind,
            roles: self.roles.clone(),
            unit: self.unit.clone(),
            created: Act { by: administrator.principal.clone(), at: work.now(), note: self.note.clone() },
            revoked: None,
        };
        turn.add(work, &client).await?;
        let roles: Vec<_> = client.roles.iter().map(hotline_proto::v1::Role::as_str_name).collect();
        record(
            work,
            administrator,
            "CreateClient",
            &client.principal,
            json!({ "roles": roles, "unit": client.unit.as_ref().map(UnitCode::as_str) }),
        )
        .await?;
        Ok(client)
    }
}
