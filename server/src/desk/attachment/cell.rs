//! The parts of an encrypted file. Each part is a cell of the vault's envelope, bound to the file and to its
//! place, so that no part can be moved, repeated or left out.

use crate::identity::vault::envelope;
use crate::identity::vault::{DataKey, VaultFault};
use zeroize::Zeroizing;

/// Encrypts the cell at a place.
pub(super) fn encrypt(key: &DataKey, name: &str, place: u64, bytes: &[u8]) -> Result<Vec<u8>, VaultFault> {
    envelope::encrypt(key.suite, &key.key, &bound(name, place), bytes)
}

/// Decrypts the cell at a place.
pub(super) fn decrypt(
    key: &[u8],
    name: &str,
    place: u64,
    cell: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
    envelope::decrypt(key, &bound(name, place), cell)
}

fn bound(name: &str, place: u64) -> Vec<u8> {
    [b"hotline attachment 1".as_slice(), &place.to_be_bytes(), name.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::super::CHUNK_BYTES_MAX;
    use super::*;
    use crate::identity::vault::Suite;

    #[test]
    fn a_cell_is_decrypted_in_its_own_place_only() {
        let key = |suite: Suite| DataKey { suite, key: suite.new_key().expect("randomness") };
        for suite in Suite::ALL {
            let key = key(suite);
            for length in [1, 31, 32, 33, CHUNK_BYTES_MAX] {
                let bytes = vec![0x80; length];
                let cell = encrypt(&key, "att-1", 3, &bytes).expect("it is encrypted");
                assert_eq!(cell.len(), envelope::cell_bytes(length), "{length}");
                assert_eq!(decrypt(&key.key, "att-1", 3, &cell).as_deref(), Ok(&bytes));
                assert!(decrypt(&key.key, "att-1", 4, &cell).is_err());
                assert!(decrypt(&key.key, "att-2", 3, &cell).is_err());
            }
        }
    }
}
