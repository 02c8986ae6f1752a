//! What was found in a text, and what was replaced. A mark is stored on the ticket, because it does not say whose data
//! it was.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The kind of a find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// A telephone number, but not one of a public service.
    Phone,
    /// A unified social credit code (GB 32100).
    SocialCreditCode,
    /// A resident identity number (GB 11643).
    ResidentId,
    /// An e-mail address.
    Email,
    /// A `WeChat` or QQ id.
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
    /// Its characters, counted from 0.
    pub place: Range<usize>,
    /// Whether it is known to be the caller's own, and does not only have such a form.
    pub is_own: bool,
}
