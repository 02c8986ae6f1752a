//! Reading texts: what is stored of them, and what is refused with its place.

use std::ops::RangeInclusive;

use super::Fields;
use crate::platform::text::{self, TextPosition, stored_text};

/// Whether a text may span lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rpc) enum Lines {
    One,
    Many,
}

impl Fields {
    /// A text of so many characters, as it is stored ([`stored_text`]). If it is required, something of it is visible.
    pub(in crate::rpc) fn text(
        &mut self,
        field: impl Into<String>,
        value: &str,
        length: RangeInclusive<usize>,
        lines: Lines,
    ) -> String {
        let stored = stored_text(value);
        let field = field.into();
        if let Some((offset, character)) = text::forbidden(&stored, lines == Lines::One) {
            let what = match character {
                '\n' | '\r' => "has one line, but a line break".to_owned(),
                control => format!("has no control characters, but U+{:04X}", u32::from(control)),
            };
            self.wrong(field, format!("{what} stands at {}", TextPosition::at(&stored, offset)));
        } else if *length.start() > 0 && !text::has_visible(&stored) {
            let what = if value.is_empty() { "is required" } else { "is required: nothing of it is visible" };
            self.wrong(field, what);
        } else if !length.contains(&stored.chars().count()) {
            self.wrong(field, format!("has {} to {} characters", length.start(), length.end()));
        }
        stored.into_owned()
    }

    /// One line of so many characters, or nothing.
    pub(in crate::rpc) fn optional(&mut self, field: &str, value: &str, max: usize) -> Option<String> {
        (!stored_text(value).is_empty()).then(|| self.text(field, value, 1..=max, Lines::One))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_stored_without_what_nobody_sees_and_refused_with_the_place() {
        for (value, lines, stored, refused) in [
            ("一\u{b}二", Lines::Many, "一\n二", None),
            ("执照\r\n", Lines::One, "执照", None),
            ("执\u{202e}照\u{202c}", Lines::One, "执照", None),
            (
                "执\u{b}照",
                Lines::One,
                "执\n照",
                Some("has one line, but a line break stands at line 1, character 2"),
            ),
            ("\u{200b}", Lines::One, "\u{200b}", Some("is required: nothing of it is visible")),
            ("\u{202e}", Lines::One, "", Some("is required: nothing of it is visible")),
            ("", Lines::Many, "", Some("is required")),
            (
                "一\n二\u{7}",
                Lines::Many,
                "一\n二\u{7}",
                Some("has no control characters, but U+0007 stands at line 2, character 2"),
            ),
            (
                "制\t表",
                Lines::One,
                "制\t表",
                Some("has no control characters, but U+0009 stands at character 2"),
            ),
            ("五个字符了", Lines::One, "五个字符了", Some("has 1 to 4 characters")),
            ("四个字符\u{2028}\n", Lines::One, "四个字符", None),
        ] {
            let mut fields = Fields::default();
            assert_eq!(fields.text("note", value, 1..=4, lines), stored, "{value:?}");
            let violations = fields.finish(()).err().map(|fault| fault.violations).unwrap_or_default();
            let said: Vec<_> = violations.iter().map(|one| one.description.as_str()).collect();
            assert_eq!(said, Vec::from_iter(refused), "{value:?}");
        }
        let mut fields = Fields::default();
        assert_eq!(fields.text("note", "\u{200b}", 0..=4, Lines::Many), "\u{200b}", "nobody requires it");
        assert_eq!(fields.optional("note", "\u{202c}\n", 4), None);
        fields.finish(()).expect("nothing is wrong");
    }
}
