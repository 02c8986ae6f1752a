//! Clients and credentials on the wire.

use std::sync::Arc;

use hotline_proto::v1 as pb;
use hotline_proto::v1::Role;
use pb::issue_credential_request::Proof as Asked;
use prost::Message as _;

use super::fields::{Fields, Lines};
use super::once;
use super::page::Page;
use super::ticket_service::key_of;
use super::wire::{Wire as _, time};
use crate::access::Permit;
use crate::access::client::read::{self, Filter};
use crate::access::client::{Act, Client, ClientKind, Credential, CredentialKind, Proof};
use crate::access::credentials::roles_fault;
use crate::closed_loop::ClosedLoop;
use crate::desk::clients::create_client::CreateClient;
use crate::desk::clients::issue_credential::IssueCredential;
use crate::desk::clients::revoke_client::RevokeClient;
use crate::desk::clients::revoke_credential::RevokeCredential;
use crate::desk::clients::{CREDENTIALS_MAX, not_found};
use crate::platform::{Fault, random};
use crate::ticket::Actor;

/// The longest note and the longest name, in characters.
const NOTE_CHARS_MAX: usize = 500;
const PRINCIPAL_CHARS_MAX: usize = 128;
/// The longest URI, in bytes.
const URI_BYTES_MAX: usize = 512;
/// The longest subject, in bytes.
const SUBJECT_BYTES_MAX: usize = 255;

fn principal(field: &str, value: &str, fields: &mut Fields) -> String {
    if value == Actor::SYSTEM {
        fields.wrong(field, "is the name under which the hotline acts by itself");
    }
    fields.text(field, value, 1..=PRINCIPAL_CHARS_MAX, Lines::One)
}

fn note(value: &str, fields: &mut Fields) -> String {
    fields.text("note", value, 1..=NOTE_CHARS_MAX, Lines::Many)
}

fn roles(numbers: &[i32], has_unit: bool, fields: &mut Fields) -> Vec<Role> {
    let known = |number: &i32| Role::try_from(*number).ok().filter(|role| *role != Role::Unspecified);
    let mut roles: Vec<_> = numbers.iter().filter_map(known).collect();
    roles.sort_unstable();
    roles.dedup();
    if roles.len() != numbers.len() {
        fields.wrong("roles", "are the contract's, each once");
    } else if let Some(fault) = roles_fault(&roles, has_unit) {
        fields.wrong("roles", fault);
    }
    roles
}

pub(super) async fn create_client(
    closed_loop: &ClosedLoop,
    permit: &Permit,
    request: &pb::CreateClientRequest,
) -> Result<pb::CreateClientResponse, Fault> {
    let mut fields = Fields::default();
    let key = key_of(permit, &request.request_id, request, &mut fields);
    let has_unit = !request.unit.is_empty();
    let create = CreateClient {
        principal: principal("principal", &request.principal, &mut fields),
        kind: fields.choice("kind", request.kind, ClientKind::Machine),
        roles: roles(&request.roles, has_unit, &mut fields),
        unit: has_unit.then(|| fields.unit("unit", &request.unit)),
        note: note(&request.note, &mut fields),
    };
    let asked = Arc::new((fields.finish(create)?, permit.clone()));
    once::once(closed_loop, key, move |work| {
        let asked = Arc::clone(&asked);
        Box::pin(async move {
            let client = asked.0.run(work, &asked.1.actor(), asked.1.credentials()).await?;
            Ok(pb::CreateClientResponse { client: Some(encode(&client)) })
        })
    })
    .await
}

pub(super) async fn client(
    closed_loop: &ClosedLoop,
    request: &pb::GetClientRequest,
) -> Result<pb::GetClientResponse, Fault> {
    let mut fields = Fields::default();
    let name = fields.text("principal", &request.principal, 1..=PRINCIPAL_CHARS_MAX, Lines::One);
    let name = fields.finish(name)?;
    let reader = closed_loop.store.reader();
    let client = read::find(reader, &name).await?.ok_or_else(|| not_found(&name))?;
    let credentials = read::credentials_of(reader, &name, CREDENTIALS_MAX).await?;
    Ok(pb::GetClientResponse {
        client: Some(encode(&client)),
        credentials: credentials.iter().map(encode_credential).collect(),
    })
}

pub(super) async fn clients(
    closed_loop: &ClosedLoop,
    permit: &Permit,
    request: &pb::ListClientsRequest,
) -> Result<pb::ListClientsResponse, Fault> {
    let mut fields = Fields::default();
    fields.page_size(request.page_size);
    let is_revoked = match pb::ClientState::try_from(request.state) {
        Ok(pb::ClientState::Unspecified) => None,
        Ok(state) => Some(state == pb::ClientState::Revoked),
        Err(_) => {
            fields.wrong("state", "is not one of the contract's values");
            None
        }
    };
    let unit = (!request.unit.is_empty()).then(|| fields.unit("unit", &request.unit).0);
    let filter = fields.finish(Filter { is_revoked, unit })?;
    let rest = pb::ListClientsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page =
        Page::read(request.page_size, &request.page_token, permit.method().path, &rest.encode_to_vec())?;
    let behind = page.key::<1>()?.map(|[name]| name);
    let found = read::page(closed_loop.store.reader(), &filter, behind.as_deref(), page.reach()).await?;
    let (clients, next_page_token) = page.show(&found, |client| client.principal.clone(), encode);
    Ok(pb::ListClientsResponse { clients, next_page_token })
}

fn visible(field: &str, value: &str, fields: &mut Fields) -> String {
    let is_visible = value.bytes().all(|byte| byte.is_ascii_graphic()) && value.contains(':');
    if value.is_empty() {
        fields.wrong(field, "is required");
    } else if value.len() > URI_BYTES_MAX || !is_visible {
        fields.wrong(field, format!("is a URI of at most {URI_BYTES_MAX} visible ASCII characters"));
    }
    value.to_owned()
}

/// What is to be shown, and the token where there is one, which nobody will see again.
fn proof_of(asked: Option<&Asked>, fields: &mut Fields) -> Result<(Proof, String), Fault> {
    Ok(match asked {
        Some(Asked::Certificate(one)) => {
            (Proof::of_uri(&visible("certificate.uri", &one.uri, fields)), String::new())
        }
        Some(Asked::Subject(one)) => {
            let issuer = visible("subject.issuer", &one.issuer, fields);
            let subject = fields.text("subject.subject", &one.subject, 1..=SUBJECT_BYTES_MAX, Lines::One);
            if subject.len() > SUBJECT_BYTES_MAX {
                fields.wrong("subject.subject", format!("has at most {SUBJECT_BYTES_MAX} bytes"));
            }
            (Proof::of_subject(&issuer, &subject), String::new())
        }
        other => {
            if other.is_none() {
                fields.wrong("token", "is required, or certificate, or subject");
            }
            let token = random::token().map_err(|error| Fault::internal(format!("a token: {error}")))?;
            (Proof::of_token(&token), token)
        }
    })
}

pub(super) async fn issue_credential(
    closed_loop: &ClosedLoop,
    permit: &Permit,
    request: &pb::IssueCredentialRequest,
) -> Result<pb::IssueCredentialResponse, Fault> {
    let mut fields = Fields::default();
    let key = key_of(permit, &request.request_id, request, &mut fields);
    let (proof, token) = proof_of(request.proof.as_ref(), &mut fields)?;
    let id = random::id().map_err(|error| Fault::internal(format!("a credential's id: {error}")))?;
    let issue = IssueCredential {
        id: id.to_string(),
        principal: principal("principal", &request.principal, &mut fields),
        proof,
        expires_at: fields.time("expire_time", request.expire_time.as_ref()),
    };
    let asked = Arc::new((fields.finish(issue)?, permit.clone()));
    let has_token = !token.is_empty();
    let mut answer = once::once(closed_loop, key, move |work| {
        let asked = Arc::clone(&asked);
        Box::pin(async move {
            let credential = asked.0.run(work, &asked.1.actor(), asked.1.credentials()).await?;
            // As a repeat will read it: what is recorded has no token.
            Ok(pb::IssueCredentialResponse {
                credential: Some(encode_credential(&credential)),
                token: String::new(),
                token_withheld: has_token,
            })
        })
    })
    .await?;
    // Another id than ours was issued by an earlier request, whose answer has shown the token.
    if has_token && answer.credential.as_ref().is_some_and(|credential| credential.id == id.to_string()) {
        answer.token = token;
        answer.token_withheld = false;
    }
    Ok(answer)
}

pub(super) async fn revoke_credential(
    closed_loop: &ClosedLoop,
    permit: &Permit,
    request: &pb::RevokeCredentialRequest,
) -> Result<pb::RevokeCredentialResponse, Fault> {
    let mut fields = Fields::default();
    let key = key_of(permit, &request.request_id, request, &mut fields);
    let revoke = RevokeCredential {
        id: fields.text("credential_id", &request.credential_id, 1..=36, Lines::One),
        note: note(&request.note, &mut fields),
    };
    let asked = Arc::new((fields.finish(revoke)?, permit.clone()));
    once::once(closed_loop, key, move |work| {
        let asked = Arc::clone(&asked);
        Box::pin(async move {
            let (revoke, permit) = &*asked;
            let credential = revoke.run(work, &permit.actor(), permit.credentials()).await?;
            Ok(pb::RevokeCredentialResponse { credential: Some(encode_credential(&credential)) })
        })
    })
    .await
}

pub(super) async fn revoke_client(
    closed_loop: &ClosedLoop,
    permit: &Permit,
    request: &pb::RevokeClientRequest,
) -> Result<pb::RevokeClientResponse, Fault> {
    let mut fields = Fields::default();
    let key = key_of(permit, &request.request_id, request, &mut fields);
    let revoke = RevokeClient {
        principal: principal("principal", &request.principal, &mut fields),
        note: note(&request.note, &mut fields),
    };
    let asked = Arc::new((fields.finish(revoke)?, permit.clone()));
    once::once(closed_loop, key, move |work| {
        let asked = Arc::clone(&asked);
        Box::pin(async move {
            let client = asked.0.run(work, &asked.1.actor(), asked.1.credentials()).await?;
            Ok(pb::RevokeClientResponse { client: Some(encode(&client)) })
        })
    })
    .await
}

fn revoked(act: Option<&Act>) -> (String, Option<prost_types::Timestamp>, String) {
    act.map(|act| (act.by.clone(), Some(time(act.at)), act.note.clone())).unwrap_or_default()
}

fn encode(client: &Client) -> pb::Client {
    let (revoked_by, revoke_time, revoke_note) = revoked(client.revoked.as_ref());
    let state = if client.revoked.is_some() { pb::ClientState::Revoked } else { pb::ClientState::Active };
    pb::Client {
        principal: client.principal.clone(),
        kind: client.kind.number(),
        roles: client.roles.iter().map(|role| i32::from(*role)).collect(),
        unit: client.unit.as_ref().map(|unit| unit.0.clone()).unwrap_or_default(),
        state: state.into(),
        created_by: client.created.by.clone(),
        create_time: Some(time(client.created.at)),
        note: client.created.note.clone(),
        revoked_by,
        revoke_time,
        revoke_note,
    }
}

fn encode_credential(credential: &Credential) -> pb::Credential {
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
        expire_time: credential.expires_at.map(time),
        issued_by: credential.issued.by.clone(),
        issue_time: Some(time(credential.issued.at)),
        revoked_by,
        revoke_time,
        revoke_note,
    }
}
