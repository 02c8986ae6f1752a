//! The key that signs checkpoints (Ed25519), and the public keys whose checkpoints a verifier accepts.

use std::io::ErrorKind;
use std::path::Path;

use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use zeroize::Zeroizing;

use crate::platform::{private_file, random};

/// Bytes of a secret.
const SECRET_BYTES: usize = 32;

/// A signing key. Somebody who has it can sign another past, but cannot change the exported checkpoints.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey of {}", self.public_key())
    }
}

/// A public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; SECRET_BYTES]);

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl PublicKey {
    /// The key of these bytes, if their number is right.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The key of 64 hexadecimal digits.
    #[must_use]
    pub fn of_hex(text: &str) -> Option<Self> {
        Self::of(&hex::decode(text).ok()?)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The keys of a file or of the command line: one in each line, in hexadecimal; `#` begins a comment.
    ///
    /// # Errors
    /// The line that is not a key.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        let keys = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let keys = keys.enumerate().filter(|(_, line)| !line.is_empty());
        let read =
            |(place, line)| Self::of_hex(line).ok_or_else(|| format!("line {}: no public key", place + 1));
        keys.map(read).collect()
    }
}

/// Whether a signature of a message is valid under a key.
#[must_use]
pub fn is_signed(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(&key.0) else { return false };
    Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
}

impl SigningKey {
    /// The key with a secret.
    #[must_use]
    pub fn of_secret(secret: [u8; SECRET_BYTES]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(&secret))
    }

    /// A new random key.
    ///
    /// # Errors
    /// If the operating system gives no randomness.
    pub fn make() -> Result<Self, String> {
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        random::fill(secret.as_mut_slice()).map_err(|error| error.to_string())?;
        Ok(Self(ed25519_dalek::SigningKey::from_bytes(&secret)))
    }

    /// Reads a key's file: PKCS#8 in PEM, the format of OpenSSL.
    ///
    /// # Errors
    /// Why it can't be read; never a secret.
    pub fn open(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map(Zeroizing::new);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        let key = ed25519_dalek::SigningKey::from_pkcs8_pem(&text);
        key.map(Self).map_err(|_| format!("{}: no Ed25519 key (PKCS#8 in PEM)", path.display()))
    }

    /// Makes a key and its file, which only its owner can read.
    ///
    /// # Errors
    /// If it is there already, or can't be written.
    pub fn make_file(path: &Path) -> Result<Self, String> {
        let key = Self::make()?;
        let pem = key.0.to_pkcs8_pem(ed25519_dalek::pkcs8::spki::der::pem::LineEnding::LF);
        let pem = pem.map_err(|error| error.to_string())?;
        private_file::make(path, pem.as_bytes()).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => format!("{} is there already", path.display()),
            _ => format!("{}: {error}", path.display()),
        })?;
        Ok(key)
    }

    /// Its public key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).to_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_by_nobody_else() {
        let path = std::env::temp_dir().join(format!("hotline-signing-key-{}.pem", std::process::id()));
        let made = SigningKey::make_file(&path).expect("it can be written");
        assert!(SigningKey::make_file(&path).is_err(), "a key is not overwritten");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let permissions = std::fs::metadata(&path).expect("it is there").permissions();
            assert_eq!(permissions.mode() & 0o777, 0o600);
        }
        let read = SigningKey::open(&path);
        std::fs::remove_file(&path).expect("it was written");
        let read = read.expect("it can be read");
        assert_eq!(read.public_key(), made.public_key());
        let signature = made.sign(b"x");
        assert!(is_signed(&read.public_key(), b"x", &signature));
        assert!(!is_signed(&read.public_key(), b"y", &signature));
        assert!(!is_signed(&SigningKey::of_secret([7; 32]).public_key(), b"x", &signature));
    }

    #[test]
    fn public_keys_stand_one_in_a_line() {
        let key = SigningKey::of_secret([7; 32]).public_key();
        let text = format!("# own\n\n{key} # seat one\n");
        assert_eq!(PublicKey::parse_all(&text), Ok(vec![key]));
        assert!(PublicKey::parse_all("abc").is_err_and(|wrong| wrong.contains("line 1")));
    }

    #[test]
    fn what_is_no_key_is_named() {
        let key = SigningKey::of_secret([7; 32]).public_key();
        let wrong = PublicKey::parse_all(&format!("{key}\n\nabc\n"));
        assert_eq!(wrong, Err("line 3: no public key".to_owned()), "empty lines count");
        assert_eq!((PublicKey::of(&[1; 31]), PublicKey::of(&[1; 33])), (None, None));
        assert_eq!(PublicKey::of(key.as_bytes()), Some(key));
        let path = std::env::temp_dir().join(format!("hotline-taken-key-{}.pem", std::process::id()));
        std::fs::write(&path, "no key").expect("it can be written");
        let (made, opened) = (SigningKey::make_file(&path).err(), SigningKey::open(&path).err());
        std::fs::remove_file(&path).expect("it was written");
        assert!(made.is_some_and(|wrong| wrong.ends_with("is there already")));
        assert!(opened.is_some_and(|wrong| wrong.contains("no Ed25519 key")));
        let debug = format!("{:?}", SigningKey::of_secret([7; 32]));
        assert_eq!(debug, format!("SigningKey of {key}"), "and nothing of the secret");
    }
}
