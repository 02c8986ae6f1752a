//! `IssueCredential`: one more credential of a client. Old and new ones are valid side by side, so that one can be
//! replaced without a pause.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use serde_json::json;

use super::{CREDENTIALS_MAX, ClientAdmin, find_active, record};
use crate::access::Permit;
use crate::access::client::write::ClientWriteLock;
use crate::access::client::{Act, ClientKind, Credential, CredentialKind, Proof, read};
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work, random};
use crate::ticket::{Actor, Instant};

/// The kind of credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofRequest {
    /// A token, which is made here and shown once.
    Token,
    /// A certificate with this URI.
    Certificate {
        /// The URI.
        uri: String,
    },
    /// A token of the identity provider.
    Subject {
        /// The provider.
        issuer: String,
        /// The subject.
        subject: String,
    },
}

/// A credential to issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueCredential {
    /// The client.
    pub principal: String,
    /// Its kind.
    pub proof: ProofRequest,
    /// The instant of expiry.
    pub expires_at: Option<Instant>,
}

/// The answer to a request for a credential.
pub struct IssuedCredential<A> {
    /// The recorded answer: of this request, or of the first one with its id.
    pub answer: A,
    /// The id that this request made. An answer with another id belongs to the first request, which has shown its
    /// token.
    pub id: String,
    /// The token that this request made.
    pub token: Option<String>,
}

impl ClientAdmin {
    /// Issues a credential, once per request; `answer` makes the answer, which is recorded and never holds the token.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND`, `CLIENT_REVOKED`, `CREDENTIAL_TAKEN`, `CREDENTIALS_EXHAUSTED`; `INVALID_FIELDS` if it is not
    /// for this kind of client, or has expired; `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn issue_credential<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: IssueCredential,
        answer: fn(&Credential) -> A,
    ) -> Result<IssuedCredential<A>, Fault> {
        let (proof, token) = proof_of(&command.proof)?;
        let id = random::id().map_err(|error| Fault::internal(format!("a credential's id: {error}")))?;
        let id = id.to_string();
        let new = NewCredential {
            id: id.clone(),
            principal: command.principal,
            proof,
            expires_at: command.expires_at,
        };
        let answer = self
            .store
            .run_once(&self.clock, key, (permit.clone(), new, answer), async |work, input| {
                let (permit, new, answer) = input;
                Ok(answer(&new.issue(work, &permit.actor(), permit.credentials()).await?))
            })
            .await?;
        Ok(IssuedCredential { answer, id, token })
    }
}

/// The stored part of a proof, and the new token if it is one.
fn proof_of(request: &ProofRequest) -> Result<(Proof, Option<String>), Fault> {
    Ok(match request {
        ProofRequest::Token => {
            let token = random::token().map_err(|error| Fault::internal(format!("a token: {error}")))?;
            (Proof::of_token(&token), Some(token))
        }
        ProofRequest::Certificate { uri } => (Proof::of_uri(uri), None),
        ProofRequest::Subject { issuer, subject } => (Proof::of_subject(issuer, subject), None),
    })
}

/// A credential with its id and its stored part.
#[derive(Debug)]
struct NewCredential {
    id: String,
    principal: String,
    proof: Proof,
    expires_at: Option<Instant>,
}

/// Why it is not issued. Pure.
fn refusal(kind: ClientKind, proof: CredentialKind) -> Option<&'static str> {
    match (kind, proof) {
        (ClientKind::Staff, CredentialKind::Certificate) => Some("is for a machine"),
        (ClientKind::Machine, CredentialKind::Subject) => Some("is for staff"),
        _ => None,
    }
}

impl NewCredential {
    async fn issue(&self, work: &Work, administrator: &Actor, shown: &[String]) -> Result<Credential, Fault> {
        let turn = ClientWriteLock::take(work, &administrator.principal, shown).await?;
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
