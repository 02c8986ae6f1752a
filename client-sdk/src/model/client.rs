//! Who may call the hotline, and the credentials that identify them.

use chrono::{DateTime, Utc};
use hotline_proto::v1;
use serde::{Deserialize, Serialize};

use super::Role;
use crate::convert::{FromProto, IntoProto, Malformed, answers, open_enum, plain_record, record};
use crate::credentials::Token;

open_enum! {
    /// What a client is.
    ClientKind = ClientKind {
        /// A program.
        Machine = "程序",
        /// A person.
        Staff = "人员",
    }
}

open_enum! {
    /// Whether a client may call.
    ClientState = ClientState {
        /// It may call.
        Active = "有效",
        /// It may not call, and never will again.
        Revoked = "已注销",
    }
}

record! {
    /// A caller that the hotline knows.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Client = Client {
        /// Its name in events and logs. It never changes.
        principal: String,
        /// What it is.
        kind: ClientKind,
        /// What it may be.
        roles: Vec<Role>,
        /// The unit that it acts for.
        unit: Option<String>,
        /// Whether it may call.
        state: ClientState,
        /// Who made it.
        created_by: String,
        /// When.
        create_time: DateTime<Utc>,
        /// Why.
        note: String,
        /// Who revoked it.
        revoked_by: Option<String>,
        /// When.
        revoke_time: Option<DateTime<Utc>>,
        /// Why.
        revoke_note: Option<String>,
    }
}

record! {
    /// Who the caller is to the hotline.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    WhoAmI = WhoAmIResponse {
        /// Its principal, as events and records name it.
        principal: String,
        /// Its roles; behind a gateway, those that the gateway has too.
        roles: Vec<Role>,
        /// The code of the unit that it acts for.
        unit: Option<String>,
        /// From when on its credentials are not good any more; `None` if none of them expires.
        expire_time: Option<DateTime<Utc>>,
        /// The principal of the gateway that the call came through.
        gateway: Option<String>,
        /// The server's time when it answered.
        now: DateTime<Utc>,
    }
}

/// The kind of a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Proof {
    /// A bearer token that the server makes.
    Token,
    /// A client certificate with this one URI. For machines.
    Certificate {
        /// For example `spiffe://hotline/chaoyang-gateway`.
        uri: String,
    },
    /// A token of the identity provider. For staff.
    Subject {
        /// The issuer, exactly as its tokens name it.
        issuer: String,
        /// The subject.
        subject: String,
    },
}

record! {
    /// One credential that identifies a client.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Credential = Credential {
        /// A UUID.
        id: String,
        /// The client.
        principal: String,
        /// The kind of the credential.
        proof: Proof,
        /// The instant of expiry.
        expire_time: Option<DateTime<Utc>>,
        /// Who issued it.
        issued_by: String,
        /// When.
        issue_time: DateTime<Utc>,
        /// Who revoked it.
        revoked_by: Option<String>,
        /// When.
        revoke_time: Option<DateTime<Utc>>,
        /// Why.
        revoke_note: Option<String>,
    }
}

impl FromProto<Option<v1::credential::Proof>> for Proof {
    fn from_proto(value: Option<v1::credential::Proof>, at: &'static str) -> Result<Self, Malformed> {
        use v1::credential::Proof as Shown;
        Ok(match value.ok_or(Malformed(at))? {
            Shown::Token(_) => Self::Token,
            Shown::Certificate(one) => Self::Certificate { uri: one.uri },
            Shown::Subject(one) => Self::Subject { issuer: one.issuer, subject: one.subject },
        })
    }
}

impl IntoProto<Option<v1::issue_credential_request::Proof>> for Proof {
    fn into_proto(self) -> Option<v1::issue_credential_request::Proof> {
        use v1::issue_credential_request::Proof as Asked;
        Some(match self {
            Self::Token => Asked::Token(v1::TokenProof {}),
            Self::Certificate { uri } => Asked::Certificate(v1::CertificateProof { uri }),
            Self::Subject { issuer, subject } => Asked::Subject(v1::SubjectProof { issuer, subject }),
        })
    }
}

record! {
    /// A client with its credentials.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ClientView = GetClientResponse {
        /// The client.
        client: Client,
        /// Its credentials, the oldest first.
        credentials: Vec<Credential>,
    }
}

// Not with serde: it holds a token.
plain_record! {
    /// An issued credential.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    IssuedCredential = IssueCredentialResponse {
        /// The credential.
        credential: Credential,
        /// The bearer token. Only this answer holds it, and it can never be read again.
        token: Option<Token>,
        /// Whether an earlier answer to the same request id has shown the token. If that answer was lost, revoke the
        /// credential and issue another one.
        token_withheld: bool,
    }
}

impl FromProto<String> for Option<Token> {
    fn from_proto(value: String, _: &'static str) -> Result<Self, Malformed> {
        Ok(Some(value).filter(|token| !token.is_empty()).map(Token::from))
    }
}

answers! {
    Client: CreateClientResponse.client, RevokeClientResponse.client;
    Credential: RevokeCredentialResponse.credential;
}
