//! Screening free text: what in it says who somebody is, and the text with that taken out.
//!
//! It finds telephone numbers, unified social credit codes, resident identity numbers, e-mail and chat addresses however
//! they are written, and the caller's own name, company, number and code as they were given at intake. Pure, and linear
//! in the text. It can't find what only a reader understands, so a screened text is not thereby fit to be read.

mod cells;
mod numbers;
mod own;
mod words;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::CallerIdentity;
use cells::cells;

/// What a find says of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// A telephone number that is no public service's.
    Phone,
    /// A unified social credit code (GB 32100).
    SocialCreditCode,
    /// A resident identity number (GB 11643).
    ResidentId,
    /// An e-mail address.
    Email,
    /// An address in WeChat or QQ.
    ChatId,
    /// The caller's own company.
    EnterpriseName,
    /// The caller's own name.
    ContactName,
}

impl MarkKind {
    /// What stands in the text instead; never longer than what it stands for.
    const fn stand_in(self) -> &'static str {
        match self {
            Self::Phone => "[电话]",
            Self::SocialCreditCode => "[代码]",
            Self::ResidentId => "[证件]",
            Self::Email => "[邮箱]",
            Self::ChatId => "[账号]",
            Self::EnterpriseName => "某企业",
            Self::ContactName => "某某",
        }
    }

    /// What it is, for whoever wrote it.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Phone => "a telephone number",
            Self::SocialCreditCode => "a social credit code",
            Self::ResidentId => "a resident identity number",
            Self::Email => "an e-mail address",
            Self::ChatId => "a chat address",
            Self::EnterpriseName => "the caller's company",
            Self::ContactName => "the caller's name",
        }
    }

    /// Its name in the metadata of a refusal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::SocialCreditCode => "social_credit_code",
            Self::ResidentId => "resident_id",
            Self::Email => "email",
            Self::ChatId => "chat_id",
            Self::EnterpriseName => "enterprise_name",
            Self::ContactName => "contact_name",
        }
    }
}

/// Something in a text that says who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What.
    pub kind: MarkKind,
    /// Its characters, counted from 0.
    pub place: Range<usize>,
    /// Whether it is known to be the caller's own, and not only of such a form.
    pub is_own: bool,
}

/// What a text says of anybody, in order and without overlaps.
#[must_use]
pub fn screen(text: &str, caller: &CallerIdentity) -> Vec<Found> {
    let cells = cells(text);
    let mut found = own::find(&cells, caller);
    found.extend(numbers::find(&cells));
    found.extend(words::find(&cells));
    // The widest first, and what is known to be the caller's before what only looks like somebody's.
    found.sort_by_key(|one| (one.place.start, std::cmp::Reverse(one.place.end), !one.is_own));
    let mut apart: Vec<Found> = Vec::with_capacity(found.len());
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

/// A text in which something stands in for each find, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screened {
    /// The text.
    pub text: String,
    /// Each kind with the character at which its stand-in begins, counted from 1.
    pub marks: Vec<(MarkKind, u32)>,
}

/// Takes out of a text what says who somebody is.
#[must_use]
pub fn mask(text: &str, caller: &CallerIdentity) -> Screened {
    let found = screen(text, caller);
    if found.is_empty() {
        return Screened { text: text.to_owned(), marks: Vec::new() };
    }
    let (mut masked, mut marks, mut length) = (String::with_capacity(text.len()), Vec::new(), 0_usize);
    let mut rest = found.into_iter().peekable();
    for (place, character) in text.chars().enumerate() {
        if let Some(one) = rest.peek() {
            if place == one.place.start {
                marks.push((one.kind, u32::try_from(length + 1).unwrap_or(u32::MAX)));
                masked.push_str(one.kind.stand_in());
                length += one.kind.stand_in().chars().count();
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
    Screened { text: masked, marks }
}

#[cfg(test)]
mod tests;
