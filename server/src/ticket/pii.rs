//! Personal data (PII) in free text: what in it says who somebody is, and the text with that taken out.
//!
//! It finds telephone numbers, unified social credit codes, resident identity numbers, e-mail and chat addresses
//! however they are written, and the caller's own name, company, number and code as they were given at intake. Pure,
//! and linear in the text. It can't find what only a reader understands, so a masked text is not thereby fit to be
//! read.

mod caller_data;
mod contact_ids;
mod mark;
mod normalize;
mod numbers;

use super::CallerIdentity;
pub use mark::{MarkKind, PiiMatch, TextField, TextMark};

/// Identifying text in a text, in order and without overlaps.
#[must_use]
pub fn find(text: &str, caller: &CallerIdentity) -> Vec<PiiMatch> {
    let chars = normalize::normalize(text);
    let mut found = caller_data::find(&chars, caller);
    found.extend(numbers::find(&chars));
    found.extend(contact_ids::find(&chars));
    // The widest first, and data known to be the caller's before data that only has its form.
    found.sort_by_key(|one| (one.place.start, std::cmp::Reverse(one.place.end), !one.is_own));
    let mut apart: Vec<PiiMatch> = Vec::with_capacity(found.len());
    for one in found {
        match apart.last_mut() {
            Some(last) if one.place.start < last.place.end => {
                last.place.end = last.place.end.max(one.place.end);
                last.is_own |= one.is_own;
            }
            _ => apart.push(one),
        }
    }
    apart
}

/// A text with replacements, and their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedText {
    /// The text.
    pub text: String,
    /// Each kind, with the position of the character at which its replacement begins, counted from 1.
    pub marks: Vec<(MarkKind, u32)>,
}

impl MaskedText {
    /// The marks of this text, as stored on a ticket.
    pub fn text_marks(&self, field: TextField) -> impl Iterator<Item = TextMark> {
        self.marks.iter().map(move |(kind, position)| TextMark { field, kind: *kind, position: *position })
    }
}

/// Replaces identifying text in a text.
#[must_use]
pub fn mask(text: &str, caller: &CallerIdentity) -> MaskedText {
    let found = find(text, caller);
    if found.is_empty() {
        return MaskedText { text: text.to_owned(), marks: Vec::new() };
    }
    let (mut masked, mut marks, mut length) = (String::with_capacity(text.len()), Vec::new(), 0_usize);
    let mut rest = found.into_iter().peekable();
    for (place, character) in text.chars().enumerate() {
        if let Some(one) = rest.peek() {
            if place == one.place.start {
                marks.push((one.kind, u32::try_from(length + 1).unwrap_or(u32::MAX)));
                masked.push_str(one.kind.replacement());
                length += one.kind.replacement().chars().count();
            }
            let is_inside = one.place.contains(&place);
            if place + 1 == one.place.end {
                rest.next();
            }
            if is_inside {
                continue;
            }
        }
        masked.push(character);
        length += 1;
    }
    MaskedText { text: masked, marks }
}

#[cfg(test)]
mod tests;
