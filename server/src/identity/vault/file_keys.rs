//! The vault's keys in a file. The file can be read again while the server runs, so that a new key or a changed active
//! version needs no restart. Changed keys have no effect until they are adopted.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sm3::Sm3;
use zeroize::Zeroizing;

use super::envelope::{self, Suite};
use super::fault::VaultFault;
use super::key::{KeyVersion, SecretKey};
use super::key_file::{Key, KeyFile};
use super::key_provider::{INDEX_BYTES, KeyProvider};

/// The input of a key's proof. An index of a field has a zero byte in its input, so the two never collide.
const PROOF: &[u8] = b"hotline vault proof";
/// Bytes of the key of an index.
const INDEX_KEY_BYTES: usize = 32;

/// Keys in a file, or only in this process's memory.
#[derive(Debug)]
pub struct FileKeys {
    path: Option<PathBuf>,
    keys: RwLock<Arc<KeySet>>,
}

/// The keys derived from a file.
#[derive(PartialEq, Eq)]
pub struct KeySet {
    active: KeyVersion,
    all: Vec<DerivedKey>,
}

#[derive(PartialEq, Eq)]
struct DerivedKey {
    version: KeyVersion,
    suite: Suite,
    wrapping: SecretKey,
    indexing: SecretKey,
}

impl DerivedKey {
    fn of(key: &Key) -> Result<Self, VaultFault> {
        Ok(Self {
            version: key.version,
            suite: key.suite,
            wrapping: derive(key, b"hotline vault wrapping", key.suite.key_bytes())?,
            indexing: derive(key, b"hotline vault index", INDEX_KEY_BYTES)?,
        })
    }
}

/// A key for one use, derived from the secret of a version.
fn derive(key: &Key, usage: &[u8], bytes: usize) -> Result<SecretKey, VaultFault> {
    let mut derived = Zeroizing::new(vec![0; bytes]);
    let outcome = match key.suite {
        Suite::Aes256Gcm => Hkdf::<Sha256>::new(None, &key.secret).expand(usage, &mut derived),
        Suite::Sm4Gcm => Hkdf::<Sm3>::new(None, &key.secret).expand(usage, &mut derived),
    };
    outcome.map_err(|error| VaultFault::Unavailable(error.to_string()))?;
    Ok(derived)
}

impl KeySet {
    fn of(file: &KeyFile) -> Result<Self, VaultFault> {
        let all = file.keys.iter().map(DerivedKey::of).collect::<Result<_, _>>()?;
        Ok(Self { active: file.active, all })
    }

    fn get(&self, version: KeyVersion) -> Result<&DerivedKey, VaultFault> {
        self.all.iter().find(|key| key.version == version).ok_or(VaultFault::KeyMissing(version))
    }

    fn index(&self, version: KeyVersion, value: &[u8]) -> Result<[u8; INDEX_BYTES], VaultFault> {
        let key = self.get(version)?;
        let away = |_| VaultFault::Unavailable("a key of another length".to_owned());
        let whole: Vec<u8> = match key.suite {
            Suite::Aes256Gcm => {
                let mac = Hmac::<Sha256>::new_from_slice(&key.indexing).map_err(away)?;
                mac.chain_update(value).finalize().into_bytes().to_vec()
            }
            Suite::Sm4Gcm => {
                let mac = Hmac::<Sm3>::new_from_slice(&key.indexing).map_err(away)?;
                mac.chain_update(value).finalize().into_bytes().to_vec()
            }
        };
        let mut index = [0; INDEX_BYTES];
        index.copy_from_slice(&whole[..INDEX_BYTES]);
        Ok(index)
    }

    /// Every version with a proof: a value that only the same key gives and that reveals nothing about it. A database
    /// recognises keys by their proofs.
    ///
    /// # Errors
    /// [`VaultFault::Unavailable`].
    pub fn proofs(&self) -> Result<Vec<(KeyVersion, Vec<u8>)>, VaultFault> {
        let proof = |key: &DerivedKey| Ok((key.version, self.index(key.version, PROOF)?.to_vec()));
        self.all.iter().map(proof).collect()
    }
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let versions: Vec<_> = self.all.iter().map(|key| key.version).collect();
        f.debug_struct("KeySet").field("active", &self.active).field("versions", &versions).finish()
    }
}

impl FileKeys {
    /// Reads the keys of a file.
    ///
    /// # Errors
    /// The fault of the file.
    pub fn open(path: &Path) -> Result<Self, String> {
        let keys = KeySet::of(&KeyFile::read(path)?).map_err(|fault| fault.to_string())?;
        Ok(Self { path: Some(path.to_owned()), keys: RwLock::new(Arc::new(keys)) })
    }

    /// Reads the keys of a file, and makes the file if it is missing.
    ///
    /// # Errors
    /// The fault of the file, or why it can't be made.
    pub fn open_or_make(path: &Path, suite: Suite) -> Result<Self, String> {
        if !path.exists() {
            KeyFile::first(suite).map_err(|fault| fault.to_string())?.make(path)?;
        }
        Self::open(path)
    }

    /// Keys without a file.
    ///
    /// # Errors
    /// [`VaultFault::Unavailable`] if a key does not fit its suite.
    pub fn of(keys: &KeyFile) -> Result<Self, VaultFault> {
        Ok(Self { path: None, keys: RwLock::new(Arc::new(KeySet::of(keys)?)) })
    }

    /// One random key that ends with the process: nobody can decrypt its fields after that.
    ///
    /// # Errors
    /// [`VaultFault::Unavailable`] if the operating system gives no randomness.
    pub fn in_memory(suite: Suite) -> Result<Self, VaultFault> {
        Self::of(&KeyFile::first(suite)?)
    }

    /// Their file, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The keys in use.
    #[must_use]
    pub fn now(&self) -> Arc<KeySet> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys of the file, if they differ from those in use.
    ///
    /// # Errors
    /// The fault of the file.
    pub fn changed(&self) -> Result<Option<KeySet>, String> {
        let Some(path) = &self.path else { return Ok(None) };
        let keys = KeySet::of(&KeyFile::read(path)?).map_err(|fault| fault.to_string())?;
        Ok((keys != *self.now()).then_some(keys))
    }

    /// Uses other keys from now on.
    pub fn adopt(&self, keys: KeySet) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }
}

#[async_trait::async_trait]
impl KeyProvider for FileKeys {
    fn active(&self) -> KeyVersion {
        self.now().active
    }

    fn versions(&self) -> Vec<KeyVersion> {
        self.now().all.iter().map(|key| key.version).collect()
    }

    fn suite(&self, version: KeyVersion) -> Result<Suite, VaultFault> {
        Ok(self.now().get(version)?.suite)
    }

    async fn wrap(&self, version: KeyVersion, key: &SecretKey, bound: &[u8]) -> Result<Vec<u8>, VaultFault> {
        let keys = self.now();
        let with = keys.get(version)?;
        envelope::encrypt(with.suite, &with.wrapping, bound, key)
    }

    async fn unwrap(
        &self,
        version: KeyVersion,
        wrapped: &[u8],
        bound: &[u8],
    ) -> Result<SecretKey, VaultFault> {
        envelope::decrypt(&self.now().get(version)?.wrapping, bound, wrapped)
    }

    async fn index(&self, version: KeyVersion, value: &[u8]) -> Result<[u8; INDEX_BYTES], VaultFault> {
        self.now().index(version, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_followed_as_far_as_it_is_sound() {
        let path = std::env::temp_dir().join(format!("hotline-followed-keys-{}.toml", std::process::id()));
        let keys = FileKeys::open_or_make(&path, Suite::Aes256Gcm).expect("it is made");
        assert_eq!(keys.changed(), Ok(None), "nothing has changed");
        let mut file = KeyFile::read(&path).expect("it was made");
        file.keys.push(Key::make(2, Suite::Sm4Gcm).expect("randomness"));
        file.active = 2;
        file.write(&path).expect("it can be written");
        let changed = keys.changed().expect("it is sound").expect("it has changed");
        assert_eq!((keys.active(), keys.versions()), (1, vec![1]), "not yet adopted");
        let proofs = changed.proofs().expect("proofs");
        assert_eq!(proofs[..1], keys.now().proofs().expect("proofs"), "the first key is the same");
        keys.adopt(changed);
        assert_eq!((keys.active(), keys.versions()), (2, vec![1, 2]));
        std::fs::write(&path, "active = 3").expect("it can be written");
        assert!(keys.changed().is_err());
        assert_eq!((keys.active(), keys.versions()), (2, vec![1, 2]), "the last good keys stay");
        std::fs::remove_file(&path).expect("it was made");
    }
}
