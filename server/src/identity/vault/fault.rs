//! Errors of the vault.

use std::fmt;

use super::key::KeyVersion;
use crate::platform::Fault;

/// Why something could not be encrypted or decrypted. It never holds the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultFault {
    /// The provider does not have this version of the key.
    KeyMissing(KeyVersion),
    /// The cell was changed or moved, or was encrypted with another key.
    NotAuthentic,
    /// The provider, or the operating system's randomness, does not answer.
    Unavailable(String),
}

impl fmt::Display for VaultFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyMissing(version) => write!(f, "no vault key has the version {version}"),
            Self::NotAuthentic => write!(f, "an encrypted field is not the one that was encrypted there"),
            Self::Unavailable(why) => write!(f, "the vault's keys can't be used: {why}"),
        }
    }
}

impl std::error::Error for VaultFault {}

impl From<VaultFault> for Fault {
    fn from(fault: VaultFault) -> Self {
        match fault {
            VaultFault::Unavailable(_) => Self::unavailable(fault.to_string()),
            VaultFault::KeyMissing(_) | VaultFault::NotAuthentic => Self::internal(fault.to_string()),
        }
    }
}
