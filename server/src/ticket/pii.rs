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

use std::ops::Range;

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
    /// Where each of them stood in the original text, in bytes.
    places: Vec<Range<usize>>,
}

impl MaskedText {
    /// The marks of this text, as stored on a ticket.
    pub fn text_marks(&self, field: TextField) -> impl Iterator<Item = TextMark> {
        self.marks.iter().map(move |(kind, position)| TextMark { field, kind: *kind, position: *position })
    }

    /// The position of the character at a place of the original text, in bytes; counted from 1. What stood in a
    /// replaced part has the position of its replacement.
    #[must_use]
    pub fn position_of(&self, original: &str, place: usize) -> u32 {
        let mut position = 1;
        let mut behind = 0;
        for (replaced, (kind, at)) in self.places.iter().zip(&self.marks) {
            if place < replaced.start {
                break;
            }
            if place < replaced.end {
                return *at;
            }
            position += chars(&original[behind..replaced.start]) + chars(kind.replacement());
            behind = replaced.end;
        }
        position + chars(&original[behind..place.max(behind)])
    }
}

fn chars(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// Replaces identifying text in a text.
#[must_use]
pub fn mask(text: &str, caller: &CallerIdentity) -> MaskedText {
    replace(text, find(text, caller))
}

/// Replaces only what is known to be the caller's own. For a text that was screened before, in which numbers of others
/// may have been put back.
#[must_use]
pub fn mask_own(text: &str, caller: &CallerIdentity) -> MaskedText {
    let mut found = find(text, caller);
    found.retain(|one| one.is_own);
    replace(text, found)
}

fn replace(text: &str, found: Vec<PiiMatch>) -> MaskedText {
    if found.is_empty() {
        return MaskedText { text: text.to_owned(), marks: Vec::new(), places: Vec::new() };
    }
    let (mut masked, mut marks, mut length, mut end) = (String::with_capacity(text.len()), Vec::new(), 0, 0);
    let mut places = Vec::with_capacity(found.len());
    for one in found {
        let before = &text[end..one.place.start];
        masked.push_str(before);
        length += chars(before);
        marks.push((one.kind, length + 1));
        masked.push_str(one.kind.replacement());
        length += chars(one.kind.replacement());
        end = one.place.end;
        places.push(one.place);
    }
    masked.push_str(&text[end..]);
    MaskedText { text: masked, marks, places }
}

#[cfg(test)]
mod tests;
