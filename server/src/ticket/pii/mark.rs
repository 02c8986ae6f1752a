//! What was found in a text, and what was replaced. A mark is stored on the ticket, because it does not say whose data
//! it was.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::platform::text::NormalizedChar;

/// The kind of a find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// A telephone number, except the short ones of public services (12345, 95588).
    Phone,
    /// A unified social credit code (GB 32100).
    SocialCreditCode,
    /// A resident identity number (GB 11643), or the number of another personal document.
    ResidentId,
    /// An e-mail address.
    Email,
    /// An account of a chat service, for example `WeChat`, QQ or `DingTalk`.
    ChatId,
    /// The caller's own company.
    EnterpriseName,
    /// The caller's own name.
    ContactName,
}

impl MarkKind {
    /// The replacement; never longer than the replaced text.
    pub(super) const fn replacement(self) -> &'static str {
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

    /// The description for the author of the text.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Phone => "a telephone number",
            Self::SocialCreditCode => "a social credit code",
            Self::ResidentId => "a resident identity number",
            Self::Email => "an e-mail address",
            Self::ChatId => "a chat account",
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

/// A text of a ticket that came from the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub enum TextField {
    Subject,
    Content,
}

impl TextField {
    /// Its name in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Content => "content",
        }
    }
}

/// A place in a ticket's text where identifying text was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextMark {
    /// The text.
    pub field: TextField,
    /// What was taken out.
    pub kind: MarkKind,
    /// The position of the character at which it began, counted from 1.
    pub position: u32,
}

/// Identifying text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PiiMatch {
    /// The kind.
    pub kind: MarkKind,
    /// Its place in the text, in bytes; both ends are boundaries of characters.
    pub place: Range<usize>,
    /// Whether it is known to be the caller's own, and does not only have such a form.
    pub is_own: bool,
}

impl PiiMatch {
    /// A match by its form: the first character of it in normal form, and the one behind the last.
    pub(super) fn of(kind: MarkKind, chars: &[NormalizedChar], (first, behind): (usize, usize)) -> Self {
        Self { kind, place: chars[first].start..chars[behind - 1].end, is_own: false }
    }
}
