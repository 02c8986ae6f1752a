//! `RevokeCredential`: from the next call on, no server admits the credential; the client's other credentials stay
//! valid.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use serde_json::json;

use super::{ClientAdmin, record};
use crate::access::Permit;
use crate::access::client::write::ClientWriteLock;
use crate::access::client::{Act, Credential, read};
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::Actor;

/// A credential to revoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeCredential {
    /// Its id.
    pub id: String,
    /// Why.
    pub note: String,
}

impl ClientAdmin {
    /// Runs the command, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`RevokeCredential::run`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn revoke_credential<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: RevokeCredential,
        answer: fn(&Credential) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&command.run(work, &permit.actor(), permit.credentials()).await?))
            })
            .await
    }
}

impl RevokeCredential {
    /// Revokes the credential, unless the call itself was authenticated by it. An administrator who replaces a
    /// credential must first show that the new one works.
    ///
    /// # Errors
    /// `CREDENTIAL_NOT_FOUND`, `CREDENTIAL_REVOKED`, `OWN_ACCESS`.
    pub async fn run(
        &self,
        work: &Work,
        administrator: &Actor,
        shown: &[String],
    ) -> Result<Credential, Fault> {
        let turn = ClientWriteLock::take(work, &administrator.principal, shown).await?;
        let refused = |reason| Fault::new(reason).with("credential", &self.id);
        let found = read::find_credential(&work.tx, &self.id).await?;
        let mut credential = found.ok_or_else(|| refused(ErrorReason::CredentialNotFound))?;
        if credential.revoked.is_some() {
            return Err(refused(ErrorReason::CredentialRevoked));
        }
        if shown.contains(&self.id) {
            return Err(refused(ErrorReason::OwnAccess));
        }
        credential.revoked =
            Some(Act { by: administrator.principal.clone(), at: work.now(), note: self.note.clone() });
        turn.put_credential(work, &credential).await?;
        record(
            work,
            administrator,
            "RevokeCredential",
            &credential.principal,
            json!({ "credential": credential.id }),
        )
        .await?;
        Ok(credential)
    }
}
