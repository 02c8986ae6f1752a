//! Field encryption: the fields of an owner are encrypted under its own data key, which a key of the provider wraps.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::envelope::{self, Suite};
use super::fault::VaultFault;
use super::file_keys::FileKeys;
use super::key::KeyVersion;
use super::key_provider::KeyProvider;

/// Encrypts and decrypts fields.
#[derive(Debug, Clone)]
pub struct Vault {
    keys: Arc<dyn KeyProvider>,
}

/// A field to encrypt: its name in the vault, and what it holds.
pub type Field<'a> = (&'static str, Option<&'a str>);

/// The encrypted fields of one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptedFields {
    /// The key that wraps the data key.
    pub key_version: KeyVersion,
    /// The owner's data key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// The fields in the given order; `None` for an empty field.
    pub cells: Vec<Option<Vec<u8>>>,
}

impl Vault {
    /// A vault with these keys.
    #[must_use]
    pub fn new(keys: Arc<dyn KeyProvider>) -> Self {
        Self { keys }
    }

    /// A vault with one random key that ends with the process: nobody can decrypt its fields after that.
    ///
    /// # Errors
    /// [`VaultFault::Unavailable`] if the operating system gives no randomness.
    pub fn in_memory() -> Result<Self, VaultFault> {
        Ok(Self::new(Arc::new(FileKeys::in_memory(Suite::Aes256Gcm)?)))
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &dyn KeyProvider {
        &*self.keys
    }

    /// Encrypts fields under a new data key, which the active version wraps.
    ///
    /// # Errors
    /// [`VaultFault::Unavailable`].
    pub async fn encrypt(&self, owner: i64, fields: &[Field<'_>]) -> Result<EncryptedFields, VaultFault> {
        let key_version = self.keys.active();
        let suite = self.keys.suite(key_version)?;
        let data_key = suite.new_key()?;
        let cells = fields.iter().map(|(name, text)| {
            let bound = bound(owner, name, key_version);
            text.map(|text| envelope::encrypt(suite, &data_key, &bound, text.as_bytes())).transpose()
        });
        let cells = cells.collect::<Result<_, _>>()?;
        let wrapped_key =
            self.keys.wrap(key_version, &data_key, &bound(owner, KEY_NAME, key_version)).await?;
        Ok(EncryptedFields { key_version, wrapped_key, cells })
    }

    /// Decrypts fields that [`Vault::encrypt`] encrypted for the same owner under the same names, in the same order.
    ///
    /// # Errors
    /// Any [`VaultFault`].
    pub async fn decrypt(
        &self,
        owner: i64,
        names: &[&'static str],
        encrypted: &EncryptedFields,
    ) -> Result<Vec<Option<Zeroizing<String>>>, VaultFault> {
        let version = encrypted.key_version;
        let data_key =
            self.keys.unwrap(version, &encrypted.wrapped_key, &bound(owner, KEY_NAME, version)).await?;
        let cells = names.iter().zip(&encrypted.cells).map(|(name, cell)| {
            let decrypted =
                cell.as_ref().map(|cell| envelope::decrypt(&data_key, &bound(owner, name, version), cell));
            let Some(mut bytes) = decrypted.transpose()? else { return Ok(None) };
            let text =
                String::from_utf8(std::mem::take(&mut *bytes)).map_err(|_| VaultFault::NotAuthentic)?;
            Ok(Some(Zeroizing::new(text)))
        });
        cells.collect()
    }

    /// The blind index of a field's value under one version of the key.
    ///
    /// # Errors
    /// [`VaultFault::KeyMissing`], [`VaultFault::Unavailable`].
    pub async fn index(&self, version: KeyVersion, field: &str, value: &str) -> Result<Vec<u8>, VaultFault> {
        let value = [field.as_bytes(), b"\0", value.as_bytes()].concat();
        Ok(self.keys.index(version, &value).await?.to_vec())
    }

    /// The blind indexes that a value may be stored under: one for each version that can decrypt.
    ///
    /// # Errors
    /// [`VaultFault::Unavailable`].
    pub async fn indexes(&self, field: &str, value: &str) -> Result<Vec<Vec<u8>>, VaultFault> {
        let mut all = Vec::new();
        for version in self.keys.versions() {
            all.push(self.index(version, field, value).await?);
        }
        Ok(all)
    }
}

/// The name under which a wrapped data key is bound; no field has it.
const KEY_NAME: &str = "";

/// The context that a cell is bound to, so that it cannot be decrypted in another place. The parts have fixed lengths
/// or come last.
fn bound(owner: i64, name: &str, version: KeyVersion) -> Vec<u8> {
    [b"hotline vault 1".as_slice(), &owner.to_be_bytes(), &version.to_be_bytes(), name.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["name", "phone", "code"];

    fn vault(suite: Suite) -> Vault {
        Vault::new(Arc::new(FileKeys::in_memory(suite).expect("randomness")))
    }

    #[tokio::test]
    async fn what_was_encrypted_is_decrypted_for_its_owner_alone() {
        for suite in Suite::ALL {
            let vault = vault(suite);
            let fields = [("name", Some("王女士")), ("phone", None), ("code", Some(""))];
            let encrypted = vault.encrypt(7, &fields).await.expect("it is encrypted");
            let decrypted = vault.decrypt(7, &NAMES, &encrypted).await.expect("it is decrypted");
            let decrypted: Vec<_> =
                decrypted.iter().map(|text| text.as_ref().map(|text| text.as_str())).collect();
            assert_eq!(decrypted, [Some("王女士"), None, Some("")]);

            assert_eq!(
                vault.decrypt(8, &NAMES, &encrypted).await,
                Err(VaultFault::NotAuthentic),
                "another owner"
            );
            let moved = EncryptedFields {
                cells: vec![encrypted.cells[2].clone(), None, encrypted.cells[0].clone()],
                ..encrypted.clone()
            };
            assert_eq!(
                vault.decrypt(7, &NAMES, &moved).await,
                Err(VaultFault::NotAuthentic),
                "another field"
            );
            let other = vault.encrypt(7, &fields).await.expect("it is encrypted");
            let foreign = EncryptedFields { cells: other.cells.clone(), ..encrypted.clone() };
            assert_eq!(
                vault.decrypt(7, &NAMES, &foreign).await,
                Err(VaultFault::NotAuthentic),
                "another data key"
            );
            assert_ne!(other.cells[0], encrypted.cells[0], "the same text never encrypts to the same cell");
            let unknown = EncryptedFields { key_version: 9, ..encrypted };
            assert_eq!(vault.decrypt(7, &NAMES, &unknown).await, Err(VaultFault::KeyMissing(9)));
        }
    }

    #[tokio::test]
    async fn an_index_is_of_one_value_field_and_key() {
        for suite in Suite::ALL {
            let vault = vault(suite);
            let index = |field, value| vault.index(1, field, value);
            let phone = index("phone", "+8613800000000").await.expect("an index");
            assert_eq!(phone, index("phone", "+8613800000000").await.expect("an index"));
            assert_ne!(phone, index("phone", "+8613800000001").await.expect("an index"));
            assert_ne!(phone, index("code", "+8613800000000").await.expect("an index"));
            let other = Vault::new(Arc::new(FileKeys::in_memory(suite).expect("randomness")));
            assert_ne!(phone, other.index(1, "phone", "+8613800000000").await.expect("an index"));
            assert_eq!(vault.indexes("phone", "+8613800000000").await, Ok(vec![phone]));
        }
    }
}
