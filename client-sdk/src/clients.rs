//! Administration of clients: make clients, issue credentials, revoke both.

use chrono::{DateTime, Utc};
use hotline_proto::v1;
use uuid::Uuid;

use crate::admin::Admin;
use crate::call::Command;
use crate::convert::{IntoProto as _, setters};
use crate::error::Error;
use crate::model::{Client, ClientKind, ClientState, ClientView, Credential, IssuedCredential, Proof, Role};
use crate::page::{self, Listing};

/// Makes a client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateClient {
    /// Its name, which never changes: the name of a program or a post, never of a company.
    pub principal: String,
    /// What it is.
    pub kind: ClientKind,
    /// Its roles. The role of a unit cannot be combined with others.
    pub roles: Vec<Role>,
    /// The unit that it acts for. Required for the role of a unit, not allowed otherwise.
    pub unit: Option<String>,
    /// Why, 1 to 500 characters.
    pub note: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl CreateClient {
    /// Makes a client with any roles but a unit's.
    pub fn new(
        principal: impl Into<String>,
        kind: ClientKind,
        roles: &[Role],
        note: impl Into<String>,
    ) -> Self {
        let (principal, note) = (principal.into(), note.into());
        Self { principal, kind, roles: roles.to_vec(), unit: None, note, request_id: None }
    }

    /// Makes a client that acts for a unit.
    pub fn for_unit(
        principal: impl Into<String>,
        kind: ClientKind,
        unit: impl Into<String>,
        note: impl Into<String>,
    ) -> Self {
        Self { unit: Some(unit.into()), ..Self::new(principal, kind, &[Role::Unit], note) }
    }
}

setters! {
    CreateClient {
        principal: String,
        kind: ClientKind,
        roles: Vec<Role>,
        unit: Option<String>,
        note: String,
        request_id: Option<Uuid>,
    }
}

/// Issues a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IssueCredential {
    /// The client.
    pub principal: String,
    /// The kind of credential.
    pub proof: Proof,
    /// The instant of expiry.
    pub expire_time: Option<DateTime<Utc>>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl IssueCredential {
    /// Issues a credential without expiry.
    pub fn new(principal: impl Into<String>, proof: Proof) -> Self {
        Self { principal: principal.into(), proof, expire_time: None, request_id: None }
    }
}

setters! {
    IssueCredential {
        principal: String,
        proof: Proof,
        expire_time: Option<DateTime<Utc>>,
        request_id: Option<Uuid>,
    }
}

/// Revokes a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevokeCredential {
    /// The credential.
    pub credential_id: String,
    /// Why, 1 to 500 characters.
    pub note: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl RevokeCredential {
    /// Revokes a credential for a reason.
    pub fn new(credential_id: impl Into<String>, note: impl Into<String>) -> Self {
        Self { credential_id: credential_id.into(), note: note.into(), request_id: None }
    }
}

setters! {
    RevokeCredential { credential_id: String, note: String, request_id: Option<Uuid> }
}

/// Revokes a client, for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevokeClient {
    /// The client.
    pub principal: String,
    /// Why, 1 to 500 characters.
    pub note: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl RevokeClient {
    /// Revokes a client for a reason.
    pub fn new(principal: impl Into<String>, note: impl Into<String>) -> Self {
        Self { principal: principal.into(), note: note.into(), request_id: None }
    }
}

setters! {
    RevokeClient { principal: String, note: String, request_id: Option<Uuid> }
}

/// A filter of clients; by default all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListClients {
    /// In this state only.
    pub state: Option<ClientState>,
    /// Clients that act for this unit only.
    pub unit: Option<String>,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

setters! {
    ListClients { state: Option<ClientState>, unit: Option<String>, page_size: Option<u32> }
}

impl Admin {
    /// Makes a client. For administrators, as are all methods on clients.
    ///
    /// # Errors
    /// `CLIENT_EXISTS`, `UNIT_UNKNOWN`, `OWN_ACCESS`, `REQUEST_ID_REUSED`.
    pub async fn create_client(&self, command: CreateClient) -> Result<Client, Error> {
        self.0.command(command).await
    }

    /// Reads a client with its credentials.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND`.
    pub async fn get_client(&self, principal: impl Into<String>) -> Result<ClientView, Error> {
        self.0.query(v1::GetClientRequest { principal: principal.into() }).await
    }

    /// Lists clients by name.
    pub fn list_clients(&self, which: ListClients) -> Listing<Client> {
        let request = v1::ListClientsRequest {
            page_size: which.page_size.into_proto(),
            page_token: String::new(),
            state: which.state.into_proto(),
            unit: which.unit.into_proto(),
        };
        page::list(self.0.clone(), request)
    }

    /// Issues a credential to a client. Only this answer holds the token.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND`, `CLIENT_REVOKED`, `CREDENTIAL_TAKEN`, `CREDENTIALS_EXHAUSTED`, `REQUEST_ID_REUSED`.
    pub async fn issue_credential(&self, command: IssueCredential) -> Result<IssuedCredential, Error> {
        self.0.command(command).await
    }

    /// Revokes a credential, from the next call on.
    ///
    /// # Errors
    /// `CREDENTIAL_NOT_FOUND`, `CREDENTIAL_REVOKED`, `OWN_ACCESS`, `REQUEST_ID_REUSED`.
    pub async fn revoke_credential(&self, command: RevokeCredential) -> Result<Credential, Error> {
        self.0.command(command).await
    }

    /// Revokes a client for ever, from the next call on.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND`, `CLIENT_REVOKED`, `OWN_ACCESS`, `REQUEST_ID_REUSED`.
    pub async fn revoke_client(&self, command: RevokeClient) -> Result<Client, Error> {
        self.0.command(command).await
    }
}

/// A command on a client.
macro_rules! client_command {
    ($($command:ident = $request:ident -> $changed:ident { $($field:ident),+ })+) => { $(
        impl Command for $command {
            type Request = v1::$request;
            type Changed = $changed;

            fn request_id(&self) -> Option<Uuid> {
                self.request_id
            }

            fn into_request(self, request_id: String) -> Self::Request {
                v1::$request { request_id, $($field: self.$field.into_proto()),+ }
            }
        }
    )+ };
}

client_command! {
    CreateClient = CreateClientRequest -> Client { principal, kind, roles, unit, note }
    IssueCredential = IssueCredentialRequest -> IssuedCredential { principal, proof, expire_time }
    RevokeCredential = RevokeCredentialRequest -> Credential { credential_id, note }
    RevokeClient = RevokeClientRequest -> Client { principal, note }
}
