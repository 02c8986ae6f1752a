//! Data keys of owners whose content is too large for fields. The content is encrypted once; only the wrapped key
//! follows a change of the vault's keys.

use super::envelope::Suite;
use super::fault::VaultFault;
use super::field_encryption::Vault;
use super::key::{KeyVersion, SecretKey};

/// A data key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// The key that wraps it.
    pub version: KeyVersion,
    /// The wrapped key.
    pub wrapped: Vec<u8>,
}

/// A data key in use.
pub struct DataKey {
    /// The suite that encrypts with it.
    pub suite: Suite,
    /// The key.
    pub key: SecretKey,
}

/// Never shows the key.
impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataKey").field("suite", &self.suite).finish_non_exhaustive()
    }
}

impl Vault {
    /// A new data key of an owner, which the active version wraps.
    ///
    /// # Errors
    /// [`VaultFault::Unavailable`].
    pub async fn new_data_key(&self, owner: &str) -> Result<(DataKey, WrappedKey), VaultFault> {
        let version = self.keys().active();
        let suite = self.keys().suite(version)?;
        let key = suite.new_key()?;
        let wrapped = self.keys().wrap(version, &key, &bound(owner, version)).await?;
        Ok((DataKey { suite, key }, WrappedKey { version, wrapped }))
    }

    /// The data key of an owner.
    ///
    /// # Errors
    /// Any [`VaultFault`].
    pub async fn data_key(&self, owner: &str, stored: &WrappedKey) -> Result<SecretKey, VaultFault> {
        self.keys().unwrap(stored.version, &stored.wrapped, &bound(owner, stored.version)).await
    }

    /// The same data key, wrapped by the active version.
    ///
    /// # Errors
    /// Any [`VaultFault`].
    pub async fn rewrap(&self, owner: &str, stored: &WrappedKey) -> Result<WrappedKey, VaultFault> {
        let key = self.data_key(owner, stored).await?;
        let version = self.keys().active();
        let wrapped = self.keys().wrap(version, &key, &bound(owner, version)).await?;
        Ok(WrappedKey { version, wrapped })
    }
}

/// The context of a wrapped key, so that it cannot be unwrapped for another owner.
fn bound(owner: &str, version: KeyVersion) -> Vec<u8> {
    [b"hotline data key 1".as_slice(), &version.to_be_bytes(), owner.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_data_key_is_unwrapped_for_its_owner_alone() {
        let vault = Vault::in_memory().expect("randomness");
        let (key, stored) = vault.new_data_key("one").await.expect("a key");
        assert_eq!(vault.data_key("one", &stored).await, Ok(key.key.clone()));
        assert_eq!(vault.data_key("two", &stored).await, Err(VaultFault::NotAuthentic));
        let again = vault.rewrap("one", &stored).await.expect("it is wrapped again");
        assert_ne!(again, stored);
        assert_eq!(vault.data_key("one", &again).await, Ok(key.key));
    }
}
