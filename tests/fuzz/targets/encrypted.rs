//! Encrypted cells of the vault: only cells that were encrypted for the same place can be decrypted.

use hotline_server::identity::vault::VaultFault;
use hotline_server::identity::vault::envelope::{Suite, decrypt, encrypt};

use super::random::Random;

const KEY: [u8; 32] = [0x42; 32];

/// The first byte selects the action: decrypt any bytes, encrypt a text and change one byte of the cell, or use a key
/// of any length.
pub(crate) fn cell(bytes: &[u8]) {
    let Some((what, rest)) = bytes.split_first() else { return };
    let suite = Suite::ALL[usize::from(what & 1)];
    let key = &KEY[..suite.key_bytes()];
    match what >> 1 & 3 {
        0 => {
            assert_eq!(
                decrypt(key, b"here", rest),
                Err(VaultFault::NotAuthentic),
                "nobody has encrypted this"
            );
        }
        1 => {
            let Some(([high, low, change], text)) = rest.split_first_chunk() else { return };
            let mut cell = encrypt(suite, key, b"here", text).expect("it can be encrypted");
            let place = usize::from(u16::from_be_bytes([*high, *low])) % cell.len();
            cell[place] ^= change;
            let decrypted = decrypt(key, b"here", &cell);
            let expected = if *change == 0 { Ok(text) } else { Err(&VaultFault::NotAuthentic) };
            assert_eq!(decrypted.as_ref().map(|text| text.as_slice()), expected);
        }
        2 => {
            let (bound, text) = rest.split_at(rest.len() / 2);
            let cell = encrypt(suite, key, bound, text).expect("it can be encrypted");
            let mut elsewhere = bound.to_vec();
            elsewhere.push(0);
            assert_eq!(
                decrypt(key, &elsewhere, &cell),
                Err(VaultFault::NotAuthentic),
                "it is decrypted elsewhere"
            );
            assert_eq!(decrypt(key, bound, &cell).as_ref().map(|text| text.as_slice()), Ok(text));
        }
        _ => {
            let (key, text) = rest.split_at(rest.len() / 2);
            let encrypted = encrypt(suite, key, b"", text);
            assert_eq!(
                encrypted.is_ok(),
                key.len() == suite.key_bytes(),
                "a key of another length is refused"
            );
            let _ = decrypt(key, b"", text);
        }
    }
}

pub(crate) fn generate_cell(random: &mut Random) -> Vec<u8> {
    let what = random.byte() & 7;
    let mut bytes = vec![what];
    if what >> 1 == 0 {
        // The head of a cell.
        bytes.push(1 + (random.byte() & 1));
    }
    let length = random.pick(&[0, 3, 12, 28, 32, 44, 45, 64, 80, 200]);
    bytes.extend((0..length).map(|_| random.byte()));
    bytes
}
