//! `IssueCredential`: one more way for a client to show who it is. Old and new ones are good side by side, so that one
//! can be exchanged without a pause.

use hotline_proto::v1::ErrorReason;
use serde_json::json;

use super::{CREDENTIALS_MAX, find_active, record};
use crate::access::client::write::Turn;
use crate::access::client::{Act, ClientKind, Credential, CredentialKind, Proof, read};
use crate::platform::{Fault, Work};
use crate::ticket::{Actor, Instant};

/// A credential to issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueCredential {
    /// Its id, made by whoever asks for the unit of work, so that a repeat can be told from the first.
    pub id: String,
    /// The client.
    pub principal: String,
    /// What is kept of it.
    pub proof: Proof,
    /// From when it is no longer good.
    pub expires_at: Option<Instant>,
}

/// Why it is not issued. Pure.
fn refusal(kind: ClientKind, proof: CredentialKind) -> Option<&'static str> {
    match (kind, proof) {
        (ClientKind::Staff, CredentialKind::Certificate) => Some("is for a machine"),
        (ClientKind::Machine, CredentialKind::Subject) => Some("is for staff"),
        _ => None,
    }
}

impl IssueCredential {
    /// Issues it.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND`, `CLIENT_REVOKED`, `CREDENTIAL_TAKEN`, `CREDENTIALS_EXHAUSTED`; `INVALID_FIELDS` where it is
    /// not for this kind of client, or over already.
    pub async fn run(
        &self,
        work: &Work,
        administrator: &Actor,
        shown: &[String],
    ) -> Result<Credential, Fault> {
        let turn = Turn::take(work, &administrator.principal, shown).await?;
        let client = find_active(work, &self.principal).await?;
        let invalid = |field: &str, what: &str| Fault::new(ErrorReason::InvalidFields).at(field, what);
        if let Some(what) = refusal(client.kind, self.proof.kind) {
            return Err(invalid("credential", what));
        }
        if self.expires_at.is_some_and(|end| end <= work.now()) {
            return Err(invalid("expire_time", "lies in the future"));
        }
        let held = read::credentials_of(&work.tx, &self.principal, CREDENTIALS_MAX).await?;
        if held.len() as u64 >= CREDENTIALS_MAX {
            return Err(Fault::new(ErrorReason::CredentialsExhausted).with("client", &self.principal));
        }
        let credential = Credential {
            id: self.id.clone(),
            principal: self.principal.clone(),
            proof: self.proof.clone(),
            expires_at: self.expires_at,
            issued: Act { by: administrator.principal.clone(), at: work.now(), note: String::new() },
            revoked: None,
        };
        turn.add_credential(work, &credential).await?;
        record(
            work,
            administrator,
            "IssueCredential",
            &credential.principal,
            json!({ "credential": credential.id, "kind": credential.proof.kind.word() }),
        )
        .await?;
        Ok(credential)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_for_machines_and_subjects_for_staff() {
        use ClientKind::{Machine, Staff};
        use CredentialKind::{Certificate, Subject, Token};
        for (kind, proof, is_refused) in [
            (Machine, Token, false),
            (Machine, Certificate, false),
            (Machine, Subject, true),
            (Staff, Token, false),
            (Staff, Certificate, true),
            (Staff, Subject, false),
        ] {
            assert_eq!(refusal(kind, proof).is_some(), is_refused, "{kind:?} {proof:?}");
        }
    }
}
