//! Personal data (PII) in free text: what in it says who somebody is, and the text with that taken out.
//!
//! It finds telephone numbers, unified social credit codes, resident identity numbers, e-mail and chat addresses
//! however they are written, and the caller's own name, company, number and code as they were given at intake. Pure,
//! and linear in the text. It can't find what only a reader understands, so a masked text is not thereby fit to be
//! read.

mod accounts;
mod caller_data;
mod certificates;
mod emails;
mod groups;
mod local_phones;
mod mark;
mod phone_forms;
mod phones;

use super::CallerIdentity;
use crate::platform::text::normalize;
pub use mark::{MarkKind, PiiMatch, TextField, TextMark};

/// Identifying text in a text, in order and without overlaps.
#[must_use]
pub fn find(text: &str, caller: &CallerIdentity) -> Vec<PiiMatch> {
    let chars = normalize(text);
    let groups = groups::groups(&chars);
    let cues = groups::cues(&chars);
    let mut found = caller_data::find(&chars, &groups, &cues, caller);
    found.extend(certificates::find(&chars, &groups, &cues));
    let (phones, local_phones) = phones::find(&chars, &groups);
    found.extend(phones);
    found.extend(emails::find(&chars, &cues));
    found.extend(accounts::find(&chars, &cues));
    // Of two finds at one place the first one gives the kind: digits behind QQ are no telephone's.
    found.extend(local_phones);
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
    let (mut masked, mut marks, mut length, mut end) = (String::with_capacity(text.len()), Vec::new(), 0, 0);
    for one in found {
        let before = &text[end..one.place.start];
        masked.push_str(before);
        length += before.chars().count();
        marks.push((one.kind, u32::try_from(length + 1).unwrap_or(u32::MAX)));
        masked.push_str(one.kind.replacement());
        length += one.kind.replacement().chars().count();
        end = one.place.end;
    }
    masked.push_str(&text[end..]);
    MaskedText { text: masked, marks }
}

#[cfg(test)]
mod tests;
