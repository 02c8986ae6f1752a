//! Mutations of an input that random bytes alone would rarely produce.

use crate::targets::random::Random;

/// The longest input, in bytes.
const INPUT_BYTES_MAX: usize = 4096;
/// The most mutations of one input.
const CHANGES_MAX: usize = 5;
/// Byte values that are often limits.
const EDGES: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'\n', b'"', b'0'];

/// An input with some mutations; parts of `others` are inserted.
pub(crate) fn mutate(input: &[u8], others: &[Vec<u8>], dictionary: &[&str], random: &mut Random) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(CHANGES_MAX) {
        change(&mut bytes, others, dictionary, random);
    }
    bytes.truncate(INPUT_BYTES_MAX);
    bytes
}

fn change(bytes: &mut Vec<u8>, others: &[Vec<u8>], dictionary: &[&str], random: &mut Random) {
    let place = random.below(bytes.len() + 1);
    let end = place + random.below(bytes.len() - place + 1).min(32);
    match random.below(8) {
        0 if place < bytes.len() => bytes[place] ^= 1 << random.below(8),
        1 if place < bytes.len() => bytes[place] = random.pick(&EDGES),
        2 if place < bytes.len() => bytes[place] = random.byte(),
        3 => {
            bytes.drain(place..end);
        }
        4 => {
            let part = bytes[place..end].to_vec();
            bytes.splice(place..place, part);
        }
        5 if !dictionary.is_empty() => {
            let word = random.pick(dictionary).bytes();
            let _ = if random.percent(50) {
                bytes.splice(place..place, word)
            } else {
                bytes.splice(place..end, word)
            };
        }
        6 if !others.is_empty() => {
            let other = &others[random.below(others.len())];
            let from = random.below(other.len() + 1);
            bytes.splice(place.., other[from..].iter().copied());
        }
        7 => bytes.truncate(end),
        _ => bytes.insert(place, random.byte()),
    }
}
