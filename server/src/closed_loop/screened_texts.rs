//! The texts of a request without identifying text.

use crate::ticket::pii::{self, MaskedText};
use crate::ticket::{CallerIdentity, TextField, TextMark};

/// The texts of a request without identifying text. Only these leave the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScreenedTexts {
    pub(super) subject: MaskedText,
    pub(super) content: MaskedText,
    /// Text taken out of an industry is not kept, because it is no industry.
    pub(super) industry: Option<String>,
}

impl ScreenedTexts {
    pub(super) fn of(subject: &str, content: &str, industry: Option<&str>, caller: &CallerIdentity) -> Self {
        Self {
            subject: pii::mask(subject, caller),
            content: pii::mask(content, caller),
            industry: industry.map(|industry| pii::mask(industry, caller).text),
        }
    }

    /// The marks of the subject and the content.
    pub(super) fn marks(&self) -> Vec<TextMark> {
        let subject = self.subject.text_marks(TextField::Subject);
        subject.chain(self.content.text_marks(TextField::Content)).collect()
    }
}
