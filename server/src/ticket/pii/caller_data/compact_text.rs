//! A text without what people part words or digits by, in which names and numbers are looked for.

use super::super::groups::{Class, Group, digits_of, is_alphanumeric_at, is_separator};
use crate::platform::text::{NormalizedChar, normalize};

/// A text without what people part words by, and where it comes from.
pub(super) struct CompactText {
    pub(super) text: String,
    /// For each character of the text, its first byte and the index of its character in normal form.
    from: Vec<(usize, usize)>,
}

impl CompactText {
    pub(super) fn of_names(chars: &[NormalizedChar]) -> Self {
        let mut compact =
            Self { text: String::with_capacity(chars.len() * 3), from: Vec::with_capacity(chars.len()) };
        for (place, ch) in chars.iter().enumerate().filter(|(_, ch)| !is_separator(ch.value)) {
            compact.push(ch.value, place);
        }
        compact
    }

    pub(super) fn of_digits(chars: &[NormalizedChar], groups: &[Group]) -> Self {
        let mut compact = Self { text: String::new(), from: Vec::new() };
        for group in groups.iter().filter(|group| group.class != Class::Letters) {
            for (place, digit) in (group.chars.0..).zip(digits_of(chars, group)) {
                compact.push(digit, place);
            }
        }
        compact
    }

    fn push(&mut self, value: char, place: usize) {
        self.from.push((self.text.len(), place));
        self.text.push(value);
    }

    /// The index in normal form of the character that begins at a byte, or has it inside.
    fn place(&self, byte: usize) -> usize {
        let behind = self.from.partition_point(|(start, _)| *start <= byte);
        self.from[behind - 1].1
    }

    /// Where a needle stands: indices of characters, the first one and the one behind the last.
    pub(super) fn find<'a>(&'a self, needle: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        // A part of a name may be separators alone. Nothing stands nowhere.
        let places = self.text.match_indices(needle).filter(|(_, found)| !found.is_empty());
        places.map(|(start, found)| (self.place(start), self.place(start + found.len() - 1) + 1))
    }
}

/// A given text in normal form, compact.
pub(super) fn compact(text: &str) -> String {
    CompactText::of_names(&normalize(text)).text
}

/// Whether no letter or digit of ASCII touches a place that begins and ends with one: `LI` is no part of `LICENCE`.
pub(super) fn is_whole_word(chars: &[NormalizedChar], (first, behind): (usize, usize)) -> bool {
    let is_cut = |inside: usize, outside: usize| {
        is_alphanumeric_at(chars, inside) && is_alphanumeric_at(chars, outside)
    };
    !(is_cut(behind - 1, behind) || first > 0 && is_cut(first, first - 1))
}
