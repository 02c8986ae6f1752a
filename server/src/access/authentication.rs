//! The outcome of authentication.

use crate::access::Caller;
use crate::access::client::Proof;
use crate::ticket::Instant;

/// An authenticated caller, and what the authentication depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    /// The caller.
    pub caller: Caller,
    /// The credentials that must stay valid.
    pub(super) proofs: Vec<Proof>,
    /// Principals of the credentials file; a client of the same name in the database overrides each.
    pub(super) file_principals: Vec<String>,
    /// When it ends at the latest.
    pub(super) until: Option<Instant>,
}

impl Authentication {
    /// When it ends in any case: the earliest expiry of what the caller showed.
    #[must_use]
    pub const fn until(&self) -> Option<Instant> {
        self.until
    }
}
