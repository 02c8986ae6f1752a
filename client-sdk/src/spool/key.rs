//! The key that encrypts a spool's files.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};

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
        match fs::read(path) {
            Ok(bytes) => {
                let bytes = bytes.try_into().map_err(|_| fault(&format!("it has not {KEY_BYTES} bytes")))?;
                Self::from_bytes(&bytes)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut bytes = [0; KEY_BYTES];
                SystemRandom::new().fill(&mut bytes).map_err(|_| unusable("random numbers"))?;
                let made = private_file(path).and_then(|mut file| {
                    file.write_all(&bytes)?;
                    file.sync_all()
                });
                made.map_err(|error| fault(&error))?;
                Self::from_bytes(&bytes)
            }
            Err(error) => Err(fault(&error)),
        }
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

/// A new file that only its owner can read.
pub(super) fn private_file(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
