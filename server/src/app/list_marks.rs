//! Lists what the redaction of texts takes out of a file, for whoever wants to read it in context before real calls
//! come. It opens no database, and writes nothing but what it prints.

use std::io::Write;

use crate::ticket::{CallerIdentity, pii};

/// Characters that are printed before a mark and behind it.
const CONTEXT_CHARS: usize = 20;

/// What the redaction found in a file.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct MarkCount {
    /// Texts that were read.
    pub texts: usize,
    /// Texts in which something was found.
    pub marked_texts: usize,
    /// Places that were found.
    pub marks: usize,
}

/// Writes a line for each mark in a file: its line, the character in it, the kind, and the mark in its context. Each
/// line of the file is one text of this caller. U+2028 is a line break inside a text.
///
/// # Errors
/// If the output can't be written.
pub fn list_marks(file: &str, caller: &CallerIdentity, out: &mut impl Write) -> std::io::Result<MarkCount> {
    let mut count = MarkCount::default();
    for (place, text) in file.lines().enumerate() {
        let found = pii::find(text, caller);
        count.texts += 1;
        count.marked_texts += usize::from(!found.is_empty());
        count.marks += found.len();
        for one in found {
            let (before, behind) = (&text[..one.place.start], &text[one.place.end..]);
            let before_chars = before.chars().count();
            let before: String = before.chars().skip(before_chars.saturating_sub(CONTEXT_CHARS)).collect();
            let behind: String = behind.chars().take(CONTEXT_CHARS).collect();
            let (line, character, kind, inside) =
                (place + 1, before_chars + 1, one.kind.name(), &text[one.place]);
            writeln!(out, "{line}:{character} {kind} {before}【{inside}】{behind}")?;
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_listed_in_its_context() {
        let file = "请协同办理\n我是欧阳示例，致电138\u{2028}0013\u{2028}8000或加V：lanque2019，谢谢\n\n";
        let caller =
            CallerIdentity { contact_name: Some("欧阳示例".to_owned()), ..CallerIdentity::default() };
        let mut out = Vec::new();
        let count = list_marks(file, &caller, &mut out).expect("memory takes everything");
        assert_eq!(count, MarkCount { texts: 3, marked_texts: 1, marks: 3 });
        let lines = String::from_utf8(out).expect("text");
        let expected = [
            "2:3 contact_name 我是【欧阳示例】，致电138\u{2028}0013\u{2028}8000或加V：",
            "2:10 phone 我是欧阳示例，致电【138\u{2028}0013\u{2028}8000】或加V：lanque2019，谢谢",
            "2:27 chat_id ，致电138\u{2028}0013\u{2028}8000或加V：【lanque2019】，谢谢",
        ];
        assert_eq!(lines.split_terminator('\n').collect::<Vec<_>>(), expected);
    }
}
