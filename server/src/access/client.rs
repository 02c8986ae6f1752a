//! Clients: the people and programs that the hotline knows, and their credentials. Only the client says what it may do;
//! a credential only identifies it.
//!
//! A *proof* is the stored part of a credential: the digest of a token, the URI of a certificate, or the issuer and
//! subject of a person whom an identity provider has signed in. A proof belongs to one client at a time.

pub mod read;
mod rows;
pub mod write;

use hotline_proto::v1::Role;
use sha2::{Digest as _, Sha256};

use super::Caller;
use crate::ticket::{Instant, UnitCode};

/// What a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    /// A program: a telephone exchange, a district's gateway.
    Machine,
    /// A person.
    Staff,
}

impl ClientKind {
    const fn stored(self) -> i16 {
        match self {
            Self::Machine => 1,
            Self::Staff => 2,
        }
    }

    const fn of_stored(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Machine),
            2 => Some(Self::Staff),
            _ => None,
        }
    }
}

/// The kinds of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialKind {
    /// A bearer token that the server made.
    Token,
    /// A client certificate with this URI.
    Certificate,
    /// Signed in by an identity provider, under this subject.
    Subject,
}

impl CredentialKind {
    const fn stored(self) -> i16 {
        match self {
            Self::Token => 1,
            Self::Certificate => 2,
            Self::Subject => 3,
        }
    }

    /// Its name in records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Certificate => "certificate",
            Self::Subject => "subject",
        }
    }

    const fn of_stored(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Token),
            2 => Some(Self::Certificate),
            3 => Some(Self::Subject),
            _ => None,
        }
    }
}

/// The stored part of a credential, by which it is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Proof {
    /// The kind of the credential.
    pub kind: CredentialKind,
    /// SHA-256 of a token in hexadecimal; a URI; or an issuer and a subject, with a line break between them.
    text: String,
}

impl Proof {
    /// The proof of a token.
    #[must_use]
    pub fn of_token(token: &str) -> Self {
        Self { kind: CredentialKind::Token, text: hex::encode(Sha256::digest(token)) }
    }

    /// The proof of a certificate.
    #[must_use]
    pub fn of_uri(uri: &str) -> Self {
        Self { kind: CredentialKind::Certificate, text: uri.to_owned() }
    }

    /// The proof of a person whom a provider signs in. Neither part may hold a line break.
    #[must_use]
    pub fn of_subject(issuer: &str, subject: &str) -> Self {
        Self { kind: CredentialKind::Subject, text: format!("{issuer}\n{subject}") }
    }

    /// The URI of a certificate.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        (self.kind == CredentialKind::Certificate).then_some(self.text.as_str())
    }

    /// The issuer and the subject.
    #[must_use]
    pub fn subject(&self) -> Option<(&str, &str)> {
        (self.kind == CredentialKind::Subject).then(|| self.text.split_once('\n')).flatten()
    }
}

/// An action on a client or a credential: who, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// The principal.
    pub by: String,
    /// When.
    pub at: Instant,
    /// Why, in their words; may be empty.
    pub note: String,
}

/// A client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its name in events and logs. It never changes.
    pub principal: String,
    /// What it is.
    pub kind: ClientKind,
    /// Its roles, in rising order.
    pub roles: Vec<Role>,
    /// The unit that it acts for, with the role of a unit.
    pub unit: Option<UnitCode>,
    /// Who made it.
    pub created: Act,
    /// Who revoked it.
    pub revoked: Option<Act>,
}

impl Client {
    /// The client as a caller.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller {
            principal: self.principal.clone(),
            roles: self.roles.clone(),
            unit: self.unit.clone(),
            ..Caller::default()
        }
    }
}

/// A credential of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// A UUID.
    pub id: String,
    /// Its client.
    pub principal: String,
    /// Its proof.
    pub proof: Proof,
    /// The instant of expiry.
    pub expires_at: Option<Instant>,
    /// Who issued it.
    pub issued: Act,
    /// Who revoked it.
    pub revoked: Option<Act>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_tables_stay_as_they_are() {
        for (kind, number) in [(ClientKind::Machine, 1), (ClientKind::Staff, 2)] {
            assert_eq!((kind.stored(), ClientKind::of_stored(number)), (number, Some(kind)));
        }
        assert_eq!([0, 3, -1].map(ClientKind::of_stored), [None; 3]);
        for (kind, number, word) in [
            (CredentialKind::Token, 1, "token"),
            (CredentialKind::Certificate, 2, "certificate"),
            (CredentialKind::Subject, 3, "subject"),
        ] {
            assert_eq!((kind.stored(), CredentialKind::of_stored(number)), (number, Some(kind)));
            assert_eq!(kind.word(), word);
        }
        assert_eq!([0, 4, -1].map(CredentialKind::of_stored), [None; 3]);
    }

    #[test]
    fn a_proof_keeps_no_token_and_tells_what_it_is_of() {
        let token = Proof::of_token("secret");
        // SHA-256 of the token, computed by another program.
        assert_eq!(token.text, "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b");
        assert_eq!((token.uri(), token.subject()), (None, None));
        let certificate = Proof::of_uri("hotline://principal/seat");
        assert_eq!((certificate.uri(), certificate.subject()), (Some("hotline://principal/seat"), None));
        let subject = Proof::of_subject("https://issuer", "sub-1");
        assert_eq!((subject.uri(), subject.subject()), (None, Some(("https://issuer", "sub-1"))));
        let kinds = [token, certificate, subject].map(|proof| proof.kind);
        assert_eq!(kinds, [CredentialKind::Token, CredentialKind::Certificate, CredentialKind::Subject]);
    }

    #[test]
    fn a_client_calls_as_what_it_is() {
        let created = Act { by: "admin".to_owned(), at: Instant::UNIX_EPOCH, note: String::new() };
        let unit = Some(UnitCode("dept-tax".to_owned()));
        let (principal, roles) = ("gateway".to_owned(), vec![Role::Unit]);
        let client = Client {
            principal: principal.clone(),
            kind: ClientKind::Machine,
            roles: roles.clone(),
            unit: unit.clone(),
            created,
            revoked: None,
        };
        assert_eq!(client.caller(), Caller { principal, roles, unit, ..Caller::default() });
    }
}
