//! One encrypted cell: a suite byte, a nonce, the ciphertext and its tag. Pure except for the nonce.
//!
//! The text is padded before encryption, so that the length of a cell does not distinguish a short name from a long
//! one.

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, AesGcm};
use sm4::Sm4;
use zeroize::Zeroizing;

use super::fault::VaultFault;
use super::key::SecretKey;
use crate::platform::random;

/// SM4 (GB/T 32907) in the same mode as AES.
type Sm4Gcm = AesGcm<Sm4, U12>;

/// Bytes of a nonce.
const NONCE_BYTES: usize = 12;
/// A text is padded to a multiple of this many bytes.
const PAD_BYTES: usize = 32;
/// Ends the text; zeros follow.
const PAD_MARK: u8 = 0x80;

/// The cipher suite: the first byte of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// AES-256-GCM, with HMAC-SHA-256 for indexes.
    Aes256Gcm = 1,
    /// SM4-GCM, with HMAC-SM3 for indexes: China's own algorithms (GB/T 32907, GB/T 32905).
    Sm4Gcm = 2,
}

impl Suite {
    /// Every suite.
    pub const ALL: [Self; 2] = [Self::Aes256Gcm, Self::Sm4Gcm];

    /// Its name in files and in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aes256Gcm => "aes-256-gcm",
            Self::Sm4Gcm => "sm4-gcm",
        }
    }

    /// The suite with a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name() == name)
    }

    /// Size of its keys.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::Aes256Gcm => 32,
            Self::Sm4Gcm => 16,
        }
    }

    /// A new random key.
    ///
    /// # Errors
    /// [`VaultFault::Unavailable`] if the operating system gives no randomness.
    pub fn new_key(self) -> Result<SecretKey, VaultFault> {
        let mut key = Zeroizing::new(vec![0; self.key_bytes()]);
        fill(&mut key)?;
        Ok(key)
    }
}

fn fill(bytes: &mut [u8]) -> Result<(), VaultFault> {
    random::fill(bytes).map_err(|error| VaultFault::Unavailable(error.to_string()))
}

/// Bytes of the tag of both suites.
const TAG_BYTES: usize = 16;

/// The size of the cell of a text of this length.
#[must_use]
pub const fn cell_bytes(text_bytes: usize) -> usize {
    1 + NONCE_BYTES + (text_bytes + 1).next_multiple_of(PAD_BYTES) + TAG_BYTES
}

/// Encrypts a text. Only the same key and the same `bound` decrypt it.
///
/// # Errors
/// [`VaultFault::Unavailable`] if the operating system gives no randomness, or the key does not fit the suite.
pub fn encrypt(suite: Suite, key: &[u8], bound: &[u8], text: &[u8]) -> Result<Vec<u8>, VaultFault> {
    // Large enough from the beginning, so that it is never moved and leaves no copy behind.
    let mut padded = Zeroizing::new(Vec::with_capacity(text.len() + 1 + PAD_BYTES));
    padded.extend_from_slice(text);
    padded.push(PAD_MARK);
    let length = padded.len().next_multiple_of(PAD_BYTES);
    padded.resize(length, 0);
    let mut nonce = [0; NONCE_BYTES];
    fill(&mut nonce)?;
    let payload = Payload { msg: &padded, aad: bound };
    let away = || VaultFault::Unavailable("a key of another length".to_owned());
    let encrypted = match suite {
        Suite::Aes256Gcm => {
            Aes256Gcm::new_from_slice(key).map_err(|_| away())?.encrypt(&nonce.into(), payload)
        }
        Suite::Sm4Gcm => Sm4Gcm::new_from_slice(key).map_err(|_| away())?.encrypt(&nonce.into(), payload),
    };
    let encrypted =
        encrypted.map_err(|_| VaultFault::Unavailable("a text too long to encrypt".to_owned()))?;
    Ok([&[suite as u8], nonce.as_slice(), &encrypted].concat())
}

/// Decrypts a cell.
///
/// # Errors
/// [`VaultFault::NotAuthentic`] for every fault, because a reason would help an attacker.
pub fn decrypt(key: &[u8], bound: &[u8], cell: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
    decrypt_genuine(key, bound, cell).ok_or(VaultFault::NotAuthentic)
}

fn decrypt_genuine(key: &[u8], bound: &[u8], cell: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (suite, rest) = cell.split_first()?;
    let suite = Suite::ALL.into_iter().find(|known| *known as u8 == *suite)?;
    let (nonce, encrypted) = rest.split_first_chunk::<NONCE_BYTES>()?;
    let payload = Payload { msg: encrypted, aad: bound };
    let nonce = (*nonce).into();
    let padded = match suite {
        Suite::Aes256Gcm => Aes256Gcm::new_from_slice(key).ok()?.decrypt(&nonce, payload),
        Suite::Sm4Gcm => Sm4Gcm::new_from_slice(key).ok()?.decrypt(&nonce, payload),
    };
    let mut text = Zeroizing::new(padded.ok()?);
    let end = text.iter().rposition(|byte| *byte != 0).filter(|end| text[*end] == PAD_MARK)?;
    text.truncate(end);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_decrypted_as_it_was_encrypted_and_no_byte_of_it_can_change() {
        for suite in Suite::ALL {
            let key = suite.new_key().expect("randomness");
            for text in ["", "王", "+8613800000000", &"某".repeat(200), "\u{80}\0\0"] {
                let cell = encrypt(suite, &key, b"here", text.as_bytes()).expect("it is encrypted");
                assert_eq!(decrypt(&key, b"here", &cell).as_deref().map(Vec::as_slice), Ok(text.as_bytes()));
                assert_eq!(decrypt(&key, b"there", &cell), Err(VaultFault::NotAuthentic));
                for place in 0..cell.len() {
                    let mut changed = cell.clone();
                    changed[place] ^= 1;
                    assert_eq!(
                        decrypt(&key, b"here", &changed),
                        Err(VaultFault::NotAuthentic),
                        "byte {place}"
                    );
                    assert_eq!(decrypt(&key, b"here", &cell[..place]), Err(VaultFault::NotAuthentic));
                }
            }
        }
    }

    #[test]
    fn short_texts_are_as_long_as_one_another() {
        let key = Suite::Aes256Gcm.new_key().expect("randomness");
        let length = |text: &str| {
            encrypt(Suite::Aes256Gcm, &key, b"", text.as_bytes()).expect("it is encrypted").len()
        };
        assert_eq!(length("王"), length("欧阳修文女士"));
    }

    /// The example of GB/T 32907 (one block) shows that the cipher is SM4; the mode is the same as with AES.
    #[test]
    fn sm4_is_the_standard_s() {
        use sm4::cipher::{BlockCipherEncrypt as _, KeyInit as _};
        let bytes: [u8; 16] =
            [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10];
        let mut block = bytes.into();
        Sm4::new(&bytes.into()).encrypt_block(&mut block);
        let expected: [u8; 16] =
            [0x68, 0x1e, 0xdf, 0x34, 0xd2, 0x06, 0x96, 0x5e, 0x86, 0xb3, 0xe9, 0x4f, 0x53, 0x6e, 0x42, 0x46];
        assert_eq!(<[u8; 16]>::from(block), expected);
    }
}
