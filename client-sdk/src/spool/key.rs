//! The key that encrypts a spool's files.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use uuid::Uuid;

use super::folder::sync_folder;
use crate::error::{Error, ErrorKind};

/// The length of a key, in bytes.
pub(super) const KEY_BYTES: usize = 32;

/// A key of AES-256-GCM. Not printed by `Debug`.
pub struct SpoolKey(LessSafeKey);

impl fmt::Debug for SpoolKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpoolKey(not printed)")
    }
}

/// What can't go wrong with a key of the right length, or with the random numbers of the system.
fn unusable(what: &str) -> Error {
    Error::local(ErrorKind::Spool, format!("the spool's {what} can't be used"))
}

impl SpoolKey {
    /// A key from 32 secret bytes, for example of a key store.
    ///
    /// # Errors
    /// If the key can't be used.
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Result<Self, Error> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| unusable("key"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// The key in a file of 32 bytes. If there is no file, a random key is made; only its owner can read it. Keep it
    /// apart from the spool's folder.
    ///
    /// # Errors
    /// If the file can't be read or made, or has another length.
    pub fn read_or_create(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let fault = |error: &dyn fmt::Display| {
            Error::local(ErrorKind::Spool, format!("the spool's key {}: {error}", path.display()))
        };
        if !path.try_exists().map_err(|error| fault(&error))? {
            let mut bytes = [0; KEY_BYTES];
            SystemRandom::new().fill(&mut bytes).map_err(|_| unusable("random numbers"))?;
            make_whole(path, &bytes).map_err(|error| fault(&error))?;
        }
        // Another process may have made the file at the same time. Its key is the key then.
        let bytes = fs::read(path).map_err(|error| fault(&error))?;
        let bytes = bytes.try_into().map_err(|_| fault(&format!("it has not {KEY_BYTES} bytes")))?;
        Self::from_bytes(&bytes)
    }

    /// Encrypts a text, bound to its place.
    pub(super) fn encrypt(&self, place: &[u8], text: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| unusable("random numbers"))?;
        let mut sealed = text.to_vec();
        let bound = Aad::from(place);
        let done = self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut sealed);
        done.map_err(|_| unusable("key"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts a text of this key and place; `None` if it is not one, or was changed.
    pub(super) fn decrypt(&self, place: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let text = self.0.open_in_place(nonce, Aad::from(place), &mut sealed).ok()?;
        Some(text.to_vec())
    }
}

/// Makes a private file that has all its bytes as soon as it has its name, and survives a crash of the machine. A file
/// that is there already is kept.
fn make_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = partial_name(path);
    let made = private_file(&partial).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        name_once(&partial, path)
    });
    let _ = fs::remove_file(&partial);
    made?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    sync_folder(folder.unwrap_or_else(|| Path::new(".")))
}

/// Gives a file its name, unless another file has it. A link never replaces a file, and a rename would.
fn name_once(partial: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(partial, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Some file systems have no links.
        Err(_) if !path.try_exists()? => fs::rename(partial, path),
        other => other,
    }
}

fn partial_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.partial", Uuid::new_v4()));
    path.with_file_name(name)
}

/// A new file that only its owner can read.
pub(super) fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_start_together_get_one_key_in_a_private_file() {
        for _ in 0..50 {
            let folder = std::env::temp_dir().join(format!("hotline-key-{}", Uuid::new_v4()));
            fs::create_dir(&folder).unwrap();
            let path = folder.join("spool.key");
            let keys: Vec<_> = std::thread::scope(|scope| {
                let starts: Vec<_> =
                    (0..4).map(|_| scope.spawn(|| SpoolKey::read_or_create(&path))).collect();
                starts.into_iter().map(|start| start.join().unwrap().unwrap()).collect()
            });
            let encrypted = keys[0].encrypt(b"place", b"text").unwrap();
            for key in &keys {
                assert_eq!(key.decrypt(b"place", &encrypted).as_deref(), Some(&b"text"[..]));
            }
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no partial file is left");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            }
            fs::remove_dir_all(&folder).unwrap();
        }
    }

    #[test]
    fn a_file_of_another_length_is_refused_and_kept() {
        let path = std::env::temp_dir().join(format!("hotline-key-{}", Uuid::new_v4()));
        fs::write(&path, "short").unwrap();
        let error = SpoolKey::read_or_create(&path).unwrap_err();
        assert!(error.to_string().contains("it has not 32 bytes"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"short");
        fs::remove_file(&path).unwrap();
    }
}
