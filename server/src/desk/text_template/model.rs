//! A template of a text, and what it is for. Pure.

use crate::ticket::{Instant, UnitCode};

/// The text of which verb a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the values")]
pub enum TextTemplateKind {
    Answer,
    Decline,
    Return,
    CallerReply,
    HotlineReport,
    Question,
}

impl TextTemplateKind {
    const ALL: [Self; 6] =
        [Self::Answer, Self::Decline, Self::Return, Self::CallerReply, Self::HotlineReport, Self::Question];

    /// Its name in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Decline => "decline",
            Self::Return => "return",
            Self::CallerReply => "caller_reply",
            Self::HotlineReport => "hotline_report",
            Self::Question => "question",
        }
    }

    /// The kind of a name in the database.
    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A text that people start from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct TextTemplate {
    pub code: String,
    pub kind: TextTemplateKind,
    pub name: String,
    pub name_en: String,
    pub text: String,
    pub text_en: String,
    /// `None` for all topics.
    pub topic: Option<String>,
    /// `None` for a text of the hotline.
    pub unit: Option<UnitCode>,
    pub effective_from: Instant,
    pub effective_until: Option<Instant>,
    pub revision: u32,
    pub put_at: Instant,
}

impl TextTemplate {
    /// Changes with every change.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("v{}", self.revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_as_it_was_stored() {
        for kind in TextTemplateKind::ALL {
            assert_eq!(TextTemplateKind::of(kind.word()), Some(kind));
            assert!(kind.word().len() <= 16, "the column has 16 characters");
        }
        assert_eq!(TextTemplateKind::of("other"), None);
    }
}
