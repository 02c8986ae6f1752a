//! What is sealed, and with which keys: field encryption under an envelope, and blind indexes to look a value up without
//! opening anything. It knows nothing of tickets: what it seals belongs to an owner, a number.
//!
//! Each owner has a data key of its own, wrapped by a key of the [`KeyProvider`]. A sealed field opens in its own place
//! alone: it is bound to its owner, its name and the version of the key.

pub mod envelope;
pub mod file_keys;
pub mod key_file;

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

pub use envelope::Suite;
pub use file_keys::FileKeys;

/// Bytes of a blind index: enough that two values hardly ever share one, too few to store a value in.
pub const INDEX_BYTES: usize = 16;

/// A key, by the number its provider gave it.
pub type KeyVersion = u32;

/// A key in memory, wiped when it is dropped.
pub type SecretKey = Zeroizing<Vec<u8>>;

/// Why something could not be sealed or opened. It never holds what was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultFault {
    /// The provider does not have this version of the key.
    KeyMissing(KeyVersion),
    /// What was to be opened is not what was sealed there, or was sealed with another key.
    NotGenuine,
    /// The provider, or the operating system's randomness, does not answer.
    Away(String),
}

impl fmt::Display for VaultFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyMissing(version) => write!(f, "no vault key has the version {version}"),
            Self::NotGenuine => write!(f, "a sealed field is not what was sealed there"),
            Self::Away(why) => write!(f, "the vault's keys can't be used: {why}"),
        }
    }
}

impl std::error::Error for VaultFault {}

/// Where the keys are: a file, or a module that never gives them away.
#[async_trait::async_trait]
pub trait KeyProvider: fmt::Debug + Send + Sync {
    /// The version that what is sealed now is sealed under.
    fn active(&self) -> KeyVersion;

    /// Every version that can be opened, the active one among them.
    fn versions(&self) -> Vec<KeyVersion>;

    /// The suite of a version.
    ///
    /// # Errors
    /// [`VaultFault::KeyMissing`].
    fn suite(&self, version: KeyVersion) -> Result<Suite, VaultFault>;

    /// Wraps a data key, bound to `bound`.
    ///
    /// # Errors
    /// [`VaultFault::KeyMissing`], [`VaultFault::Away`].
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

    /// A keyed digest of a value: the same for the same value and version, and nothing that a value could be guessed
    /// from without the key.
    ///
    /// # Errors
    /// [`VaultFault::KeyMissing`], [`VaultFault::Away`].
    async fn index(&self, version: KeyVersion, value: &[u8]) -> Result<[u8; INDEX_BYTES], VaultFault>;
}

/// Seals and opens.
#[derive(Debug, Clone)]
pub struct Vault {
    keys: Arc<dyn KeyProvider>,
}

/// A field to seal: its name in the vault, and what it holds.
pub type Field<'a> = (&'static str, Option<&'a str>);

/// The sealed fields of one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The key that wraps the data key.
    pub key_version: KeyVersion,
    /// The owner's data key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// The fields in the order given; `None` where there was nothing to seal.
    pub cells: Vec<Option<Vec<u8>>>,
}

impl Vault {
    /// A vault with these keys.
    #[must_use]
    pub fn new(keys: Arc<dyn KeyProvider>) -> Self {
        Self { keys }
    }

    /// A vault whose one random key goes with the process: what it seals nobody opens after it.
    ///
    /// # Errors
    /// [`VaultFault::Away`] where the operating system gives no randomness.
    pub fn in_memory() -> Result<Self, VaultFault> {
        Ok(Self::new(Arc::new(FileKeys::in_memory(Suite::Aes256Gcm)?)))
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &dyn KeyProvider {
        &*self.keys
    }

    /// Seals fields under a new data key of the active version.
    ///
    /// # Errors
    /// [`VaultFault::Away`].
    pub async fn seal(&self, owner: i64, fields: &[Field<'_>]) -> Result<Sealed, VaultFault> {
        let key_version = self.keys.active();
        let suite = self.keys.suite(key_version)?;
        let data_key = suite.new_key()?;
        let cells = fields.iter().map(|(name, text)| {
            let bound = bound(owner, name, key_version);
            text.map(|text| envelope::seal(suite, &data_key, &bound, text.as_bytes())).transpose()
        });
        let cells = cells.collect::<Result<_, _>>()?;
        let wrapped_key =
            self.keys.wrap(key_version, &data_key, &bound(owner, KEY_NAME, key_version)).await?;
        Ok(Sealed { key_version, wrapped_key, cells })
    }

    /// Opens what [`Vault::seal`] sealed for the same owner under the same names, in the same order.
    ///
    /// # Errors
    /// Any [`VaultFault`].
    pub async fn open(
        &self,
        owner: i64,
        names: &[&'static str],
        sealed: &Sealed,
    ) -> Result<Vec<Option<Zeroizing<String>>>, VaultFault> {
        let version = sealed.key_version;
        let data_key =
            self.keys.unwrap(version, &sealed.wrapped_key, &bound(owner, KEY_NAME, version)).await?;
        let cells = names.iter().zip(&sealed.cells).map(|(name, cell)| {
            let opened =
                cell.as_ref().map(|cell| envelope::open(&data_key, &bound(owner, name, version), cell));
            let Some(mut bytes) = opened.transpose()? else { return Ok(None) };
            let text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|_| VaultFault::NotGenuine)?;
            Ok(Some(Zeroizing::new(text)))
        });
        cells.collect()
    }

    /// The blind index of a field's value under one version of the key.
    ///
    /// # Errors
    /// [`VaultFault::KeyMissing`], [`VaultFault::Away`].
    pub async fn index(&self, version: KeyVersion, field: &str, value: &str) -> Result<Vec<u8>, VaultFault> {
        let value = [field.as_bytes(), b"\0", value.as_bytes()].concat();
        Ok(self.keys.index(version, &value).await?.to_vec())
    }

    /// The blind indexes under which a value may have been written: one for each version that can be opened.
    ///
    /// # Errors
    /// [`VaultFault::Away`].
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

/// What a cell is bound to, so that it opens nowhere else. The parts have fixed lengths or come last.
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
    async fn what_was_sealed_opens_for_its_owner_alone() {
        for suite in Suite::ALL {
            let vault = vault(suite);
            let fields = [("name", Some("王女士")), ("phone", None), ("code", Some(""))];
            let sealed = vault.seal(7, &fields).await.expect("it is sealed");
            let opened = vault.open(7, &NAMES, &sealed).await.expect("it opens");
            let opened: Vec<_> = opened.iter().map(|text| text.as_ref().map(|text| text.as_str())).collect();
            assert_eq!(opened, [Some("王女士"), None, Some("")]);

            assert_eq!(vault.open(8, &NAMES, &sealed).await, Err(VaultFault::NotGenuine), "another owner");
            let moved = Sealed {
                cells: vec![sealed.cells[2].clone(), None, sealed.cells[0].clone()],
                ..sealed.clone()
            };
            assert_eq!(vault.open(7, &NAMES, &moved).await, Err(VaultFault::NotGenuine), "another field");
            let other = vault.seal(7, &fields).await.expect("it is sealed");
            let foreign = Sealed { cells: other.cells.clone(), ..sealed.clone() };
            assert_eq!(
                vault.open(7, &NAMES, &foreign).await,
                Err(VaultFault::NotGenuine),
                "another data key"
            );
            assert_ne!(other.cells[0], sealed.cells[0], "the same text never seals the same");
            let unknown = Sealed { key_version: 9, ..sealed };
            assert_eq!(vault.open(7, &NAMES, &unknown).await, Err(VaultFault::KeyMissing(9)));
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
