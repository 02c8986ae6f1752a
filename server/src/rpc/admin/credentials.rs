//! `IssueCredential` and `RevokeCredential`.

use hotline_proto::v1 as pb;

use super::AdminApi;
use super::client_fields::{note, principal, revoked};
use crate::access::Permit;
use crate::access::client::{Credential, CredentialKind};
use crate::desk::clients::issue_credential::{IssueCredential, IssuedCredential, ProofRequest};
use crate::desk::clients::revoke_credential::RevokeCredential;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::scalars::{optional_time, time};

/// The longest URI, in bytes.
const URI_BYTES_MAX: usize = 512;
/// The longest subject, in bytes.
const SUBJECT_BYTES_MAX: usize = 255;
/// The longest id, in characters.
const ID_CHARS_MAX: usize = 36;

impl Handler<AdminApi> for pb::IssueCredentialRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = IssueCredential {
            proof: proof(self.proof.as_ref(), &mut fields),
            principal: principal("principal", &self.principal, &mut fields),
            expires_at: fields.time("expire_time", self.expire_time.as_ref()),
        };
        // The answer that a repeat reads: the recorded one has no token.
        let answer = |credential: &Credential| pb::IssueCredentialResponse {
            credential: Some(encode(credential)),
            token: String::new(),
            token_withheld: credential.proof.kind == CredentialKind::Token,
        };
        let issued = api.clients.issue_credential(permit, key, fields.finish(command)?, answer).await?;
        Ok(with_token(issued))
    }
}

/// The answer with the token, if this request issued the credential.
fn with_token(issued: IssuedCredential<pb::IssueCredentialResponse>) -> pb::IssueCredentialResponse {
    let IssuedCredential { mut answer, id, token } = issued;
    let is_own = answer.credential.as_ref().is_some_and(|credential| credential.id == id);
    if let Some(token) = token.filter(|_| is_own) {
        answer.token = token;
        answer.token_withheld = false;
    }
    answer
}

impl Handler<AdminApi> for pb::RevokeCredentialRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = RevokeCredential {
            id: fields.text("credential_id", &self.credential_id, 1..=ID_CHARS_MAX, Lines::One),
            note: note(&self.note, &mut fields),
        };
        let answer =
            |credential: &Credential| pb::RevokeCredentialResponse { credential: Some(encode(credential)) };
        api.clients.revoke_credential(permit, key, fields.finish(command)?, answer).await
    }
}

/// The kind of credential.
fn proof(wanted: Option<&pb::issue_credential_request::Proof>, fields: &mut Fields) -> ProofRequest {
    use pb::issue_credential_request::Proof;
    match wanted {
        Some(Proof::Certificate(one)) => {
            ProofRequest::Certificate { uri: uri("certificate.uri", &one.uri, fields) }
        }
        Some(Proof::Subject(one)) => {
            let issuer = uri("subject.issuer", &one.issuer, fields);
            let subject = fields.text("subject.subject", &one.subject, 1..=SUBJECT_BYTES_MAX, Lines::One);
            if subject.len() > SUBJECT_BYTES_MAX {
                fields.wrong("subject.subject", format!("has at most {SUBJECT_BYTES_MAX} bytes"));
            }
            ProofRequest::Subject { issuer, subject }
        }
        Some(Proof::Token(_)) => ProofRequest::Token,
        None => {
            fields.wrong("token", "is required, or certificate, or subject");
            ProofRequest::Token
        }
    }
}

fn uri(field: &str, value: &str, fields: &mut Fields) -> String {
    let is_visible = value.bytes().all(|byte| byte.is_ascii_graphic()) && value.contains(':');
    if value.is_empty() {
        fields.wrong(field, "is required");
    } else if value.len() > URI_BYTES_MAX || !is_visible {
        fields.wrong(field, format!("is a URI of at most {URI_BYTES_MAX} visible ASCII characters"));
    }
    value.to_owned()
}

pub(super) fn encode(credential: &Credential) -> pb::Credential {
    use pb::credential::Proof as Shown;
    let (revoked_by, revoke_time, revoke_note) = revoked(credential.revoked.as_ref());
    let proof = &credential.proof;
    let shown = match proof.kind {
        CredentialKind::Token => Shown::Token(pb::TokenProof {}),
        CredentialKind::Certificate => {
            Shown::Certificate(pb::CertificateProof { uri: proof.uri().unwrap_or_default().to_owned() })
        }
        CredentialKind::Subject => {
            let (issuer, subject) = proof.subject().unwrap_or_default();
            Shown::Subject(pb::SubjectProof { issuer: issuer.to_owned(), subject: subject.to_owned() })
        }
    };
    pb::Credential {
        id: credential.id.clone(),
        principal: credential.principal.clone(),
        proof: Some(shown),
        expire_time: optional_time(credential.expires_at),
        issued_by: credential.issued.by.clone(),
        issue_time: Some(time(credential.issued.at)),
        revoked_by,
        revoke_time,
        revoke_note,
    }
}
