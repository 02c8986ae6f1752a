//! Cursors: a position and its epoch, sealed. Nobody but the hotline makes one, and nobody reads the position from it:
//! how much happens elsewhere is no unit's business. Each cursor has random bytes, so that two of them do not show
//! whether something happened between them.
//!
//! A cursor says only where to go on. The scope of its bearer is applied to every entry.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac};
use hotline_proto::v1::ErrorReason;
use sha2::Sha256;

use super::epoch::{EPOCH_BYTES, Epoch};
use crate::identity::vault::{INDEX_BYTES, KeyProvider, KeyVersion};
use crate::platform::{Fault, random};

/// The first byte of every cursor. Another layout gets another one.
const LAYOUT: u8 = 2;
/// What the key of cursors is derived for, so that it is the key of nothing else.
const PURPOSE: &[u8] = b"hotline.feed.cursor";
/// Random bytes of a cursor. A million cursors of one position have an equal pair with a chance of 2^-56.
const NONCE_BYTES: usize = 12;
/// Bytes of the tag that proves that the hotline made a cursor.
const TAG_BYTES: usize = 16;
/// Bytes of a cursor before it is encoded: layout, version of the key, epoch, random bytes, position, tag.
const CURSOR_BYTES: usize = 1 + 4 + EPOCH_BYTES + NONCE_BYTES + 8 + TAG_BYTES;

/// The key that seals the cursors of one epoch, derived from one of the vault's keys.
#[derive(Clone)]
pub(super) struct CursorKey {
    version: KeyVersion,
    key: [u8; INDEX_BYTES],
    epoch: Epoch,
}

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CursorKey").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Where a cursor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) epoch: Epoch,
    pub(super) position: i64,
}

/// The refusal of a text that is no cursor of this hotline.
fn invalid() -> Fault {
    Fault::new(ErrorReason::CursorInvalid)
}

impl CursorKey {
    /// The key of cursors under a version of the vault's keys.
    pub(super) async fn derive(
        keys: &dyn KeyProvider,
        version: KeyVersion,
        epoch: Epoch,
    ) -> Result<Self, Fault> {
        let key = keys.index(version, PURPOSE).await;
        let key = key.map_err(|fault| Fault::unavailable(format!("the key of cursors: {fault}")))?;
        Ok(Self { version, key, epoch })
    }

    fn mac(&self, what: u8, parts: &[&[u8]]) -> Result<[u8; 32], Fault> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.key);
        let mac = mac.map_err(|_| Fault::internal("a key of cursors of another length"))?;
        let mac = parts.iter().fold(mac.chain_update([what]), Mac::chain_update);
        Ok(mac.finalize().into_bytes().into())
    }

    fn tag(&self, epoch: Epoch, nonce: &[u8], position: [u8; 8]) -> Result<[u8; TAG_BYTES], Fault> {
        let whole = self.mac(b't', &[&epoch.0, nonce, &position])?;
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&whole[..TAG_BYTES]);
        Ok(tag)
    }

    /// Hides or shows a position. The mask depends on the tag, and so on the position and the random bytes.
    fn mask(&self, tag: &[u8], position: [u8; 8]) -> Result<[u8; 8], Fault> {
        let mask = self.mac(b'm', &[tag])?;
        let mut masked = position;
        masked.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
        Ok(masked)
    }

    /// A cursor of a position in the present epoch. Each call gives another one.
    pub(super) fn seal(&self, position: i64) -> Result<String, Fault> {
        let position = position.to_be_bytes();
        let mut nonce = [0; NONCE_BYTES];
        random::fill(&mut nonce).map_err(|error| Fault::internal(format!("no randomness: {error}")))?;
        let tag = self.tag(self.epoch, &nonce, position)?;
        let mut bytes = Vec::with_capacity(CURSOR_BYTES);
        bytes.push(LAYOUT);
        bytes.extend(self.version.to_be_bytes());
        bytes.extend(self.epoch.0);
        bytes.extend(nonce);
        bytes.extend(self.mask(&tag, position)?);
        bytes.extend(tag);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// Reads a cursor.
///
/// # Errors
/// `CURSOR_INVALID` if no key of this hotline made it.
pub(super) async fn open(keys: &dyn KeyProvider, cursor: &str) -> Result<Place, Fault> {
    let is_short = cursor.len() <= 2 * CURSOR_BYTES;
    let bytes = is_short.then(|| URL_SAFE_NO_PAD.decode(cursor).ok()).flatten().ok_or_else(invalid)?;
    let bytes: [u8; CURSOR_BYTES] = bytes.try_into().map_err(|_| invalid())?;
    let (layout, rest) = bytes.split_at(1);
    let (version, rest) = rest.split_at(4);
    let (epoch, rest) = rest.split_at(EPOCH_BYTES);
    let (nonce, rest) = rest.split_at(NONCE_BYTES);
    let (masked, tag) = rest.split_at(8);
    let version = KeyVersion::from_be_bytes(version.try_into().map_err(|_| invalid())?);
    if layout != [LAYOUT] || !keys.versions().contains(&version) {
        return Err(invalid());
    }
    let epoch = Epoch(epoch.try_into().map_err(|_| invalid())?);
    let key = CursorKey::derive(keys, version, epoch).await?;
    let position = key.mask(tag, masked.try_into().map_err(|_| invalid())?)?;
    // A forged tag gains nothing but a place to begin, so its comparison need not take constant time.
    if key.tag(epoch, nonce, position)? != tag {
        return Err(invalid());
    }
    Ok(Place { epoch, position: i64::from_be_bytes(position) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::vault::{FileKeys, Suite};

    const EPOCH: Epoch = Epoch([7; EPOCH_BYTES]);

    async fn key(keys: &FileKeys) -> CursorKey {
        CursorKey::derive(keys, keys.active(), EPOCH).await.expect("a key")
    }

    #[tokio::test]
    async fn a_cursor_leads_back_to_its_position_and_does_not_show_it() {
        for suite in [Suite::Aes256Gcm, Suite::Sm4Gcm] {
            let keys = FileKeys::in_memory(suite).expect("randomness");
            let key = key(&keys).await;
            for position in [0, 1, 41, i64::MAX] {
                let cursor = key.seal(position).expect("a cursor");
                assert_eq!(open(&keys, &cursor).await, Ok(Place { epoch: EPOCH, position }));
                let bytes = URL_SAFE_NO_PAD.decode(&cursor).expect("base64");
                assert_ne!(bytes[1 + 4 + EPOCH_BYTES + NONCE_BYTES..][..8], position.to_be_bytes());
            }
        }
    }

    /// The bytes of a cursor behind its epoch.
    fn sealed_bytes(cursor: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(cursor).expect("base64").split_off(1 + 4 + EPOCH_BYTES)
    }

    #[tokio::test]
    async fn two_cursors_of_one_position_have_no_byte_in_common_that_shows_it() {
        let keys = FileKeys::in_memory(Suite::Aes256Gcm).expect("randomness");
        let key = key(&keys).await;
        let cursors: Vec<String> = (0..64).map(|_| key.seal(41).expect("a cursor")).collect();
        for cursor in &cursors {
            assert_eq!(open(&keys, cursor).await, Ok(Place { epoch: EPOCH, position: 41 }));
        }
        // Each byte behind the epoch takes many values, as it does for different positions.
        let bytes: Vec<Vec<u8>> = cursors.iter().map(|cursor| sealed_bytes(cursor)).collect();
        for place in 0..bytes[0].len() {
            let values: std::collections::BTreeSet<u8> = bytes.iter().map(|bytes| bytes[place]).collect();
            assert!(values.len() > 32, "byte {place} has only {} values", values.len());
        }
    }

    #[tokio::test]
    async fn a_changed_cursor_and_one_of_another_hotline_are_refused() {
        let keys = FileKeys::in_memory(Suite::Aes256Gcm).expect("randomness");
        let cursor = key(&keys).await.seal(41).expect("a cursor");
        for place in 0..cursor.len() {
            let mut changed: Vec<char> = cursor.chars().collect();
            changed[place] = if changed[place] == 'A' { 'B' } else { 'A' };
            let changed: String = changed.into_iter().collect();
            assert!(open(&keys, &changed).await.is_err(), "{changed}");
        }
        let other = FileKeys::in_memory(Suite::Aes256Gcm).expect("randomness");
        for (keys, cursor) in [(&other, cursor.as_str()), (&keys, ""), (&keys, "中文"), (&keys, "AAAA")] {
            let refused = open(keys, cursor).await.expect_err("it is no cursor");
            assert_eq!(refused.reason, ErrorReason::CursorInvalid, "{cursor}");
        }
    }
}
