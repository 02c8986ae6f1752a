//! The provider of the vault's keys.

use std::fmt;

use super::envelope::Suite;
use super::fault::VaultFault;
use super::key::{KeyVersion, SecretKey};

/// Bytes of a blind index: enough that two values rarely share one, too few to reconstruct a value.
pub const INDEX_BYTES: usize = 16;

/// A provider of keys: a file, or a hardware module that never exports them.
#[async_trait::async_trait]
pub trait KeyProvider: fmt::Debug + Send + Sync {
    /// The version that encrypts from now on.
    fn active(&self) -> KeyVersion;

    /// Every version that can decrypt, including the active one.
    fn versions(&self) -> Vec<KeyVersion>;

    /// The suite of a version.
    ///
    /// # Errors
    /// [`VaultFault::KeyMissing`].
    fn suite(&self, version: KeyVersion) -> Result<Suite, VaultFault>;

    /// Wraps a data key, bound to `bound`.
    ///
    /// # Errors
    /// [`VaultFault::KeyMissing`], [`VaultFault::Unavailable`].
    async fn wrap(&self, version: KeyVersion, key: &SecretKey, bound: &[u8]) -> Result<Vec<u8>, VaultFault>;

    /// Unwraps a data key that was wrapped under the same version and bound to the same.
    ///
    /// # Errors
    /// Any [`VaultFault`].
    async fn unwrap(
        &self,
        version: KeyVersion,
        wrapped: &[u8],
        bound: &[u8],
    ) -> Result<SecretKey, VaultFault>;

    /// A keyed digest of a value. It is the same for the same value and version, and without the key no value can be
    /// guessed from it.
    ///
    /// # Errors
    /// [`VaultFault::KeyMissing`], [`VaultFault::Unavailable`].
    async fn index(&self, version: KeyVersion, value: &[u8]) -> Result<[u8; INDEX_BYTES], VaultFault>;
}
