//! The entries of one term in one block of documents, as bytes: ticket numbers in rising order, each as the difference
//! to the one before in seven bits a byte, and its impact.

use std::collections::BTreeMap;

use crate::platform::Fault;

/// Documents of a block. A small block costs little to change; few blocks cost little to read.
pub(super) const BLOCK_DOCUMENTS: i64 = 8_192;

/// Entries by ticket number.
pub(super) type Entries = Vec<(i64, u8)>;

/// The bytes of entries in rising order of number.
pub(super) fn encode(entries: impl IntoIterator<Item = (i64, u8)>) -> Vec<u8> {
    let (mut bytes, mut before) = (Vec::new(), 0_i64);
    for (number, impact) in entries {
        let mut rest = number.wrapping_sub(before).cast_unsigned();
        while rest >= 0x80 {
            bytes.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        bytes.push(rest.to_le_bytes()[0]);
        bytes.push(impact);
        before = number;
    }
    bytes
}

/// The entries of some bytes.
///
/// # Errors
/// If the bytes are none of [`encode`].
pub(super) fn decode(bytes: &[u8]) -> Result<Entries, Fault> {
    let broken = || Fault::internal("entries of the search index that can't be read");
    let (mut entries, mut number, mut rest) = (Vec::with_capacity(bytes.len() / 3), 0_i64, bytes);
    while !rest.is_empty() {
        let (mut difference, mut shift) = (0_u64, 0_u32);
        loop {
            let (byte, behind) = rest.split_first().ok_or_else(broken)?;
            rest = behind;
            let bits = u64::from(byte & 0x7f);
            difference |= bits.checked_shl(shift).ok_or_else(broken)?;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let (impact, behind) = rest.split_first().ok_or_else(broken)?;
        rest = behind;
        number = number.checked_add_unsigned(difference).ok_or_else(broken)?;
        entries.push((number, *impact));
    }
    Ok(entries)
}

/// Entries after some changes: the new impact of a ticket, or that it no longer has the term.
///
/// # Errors
/// If the bytes can't be read.
pub(super) fn changed(bytes: &[u8], changes: &BTreeMap<i64, Option<u8>>) -> Result<Entries, Fault> {
    let mut entries: BTreeMap<i64, u8> = decode(bytes)?.into_iter().collect();
    for (number, impact) in changes {
        match impact {
            Some(impact) => entries.insert(*number, *impact),
            None => entries.remove(number),
        };
    }
    Ok(entries.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_they_were_written() {
        for entries in
            [vec![], vec![(1, 1)], vec![(26_101_400_017, 160), (26_101_400_025, 3), (i64::MAX, 255)]]
        {
            assert_eq!(decode(&encode(entries.clone())).expect("its own bytes"), entries);
        }
        let dense: Entries = (0..1_000).map(|at| (26_101_400_000 + at * 10, 9)).collect();
        assert!(encode(dense.clone()).len() < 2_010, "two bytes an entry");
    }

    #[test]
    fn bytes_that_nobody_wrote_are_refused_and_do_not_panic() {
        for bytes in [&[0x80][..], &[0x05], &[0xff; 40]] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn changes_add_replace_and_remove() {
        let bytes = encode([(1, 10), (5, 50)]);
        let changes = BTreeMap::from([(1, None), (3, Some(30)), (5, Some(51)), (9, None)]);
        assert_eq!(changed(&bytes, &changes).expect("its own bytes"), [(3, 30), (5, 51)]);
    }
}
