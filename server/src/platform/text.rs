//! Text as people read it: what of a text is stored, what of it can be seen, and the normal form that checks run on.
//!
//! A text is stored as it came, except for characters that no reader sees and that break other programs:
//! see [`stored_text`]. Checks never run on the stored text, but on its normal form ([`normalize`]), whose characters
//! know their place in the stored text.

mod characters;
mod normalized;
mod position;

pub use characters::{is_ideograph, is_ignorable, is_visible};
pub use normalized::{NormalizedChar, normalize};
pub use position::TextPosition;

use std::borrow::Cow;

/// Soft line breaks of word processors and of PDF: vertical tab, form feed, next line, line and paragraph separator.
const fn is_soft_line_break(character: char) -> bool {
    matches!(character, '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Marks that reorder what a reader sees.
const fn is_bidi_control(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text that is stored for one that was sent: soft line breaks become line feeds, bidirectional controls are
/// removed, and line ends at the end are trimmed. Everything else stays as it came. The result is its own stored text.
#[must_use]
pub fn stored_text(text: &str) -> Cow<'_, str> {
    let is_changed = |character| is_soft_line_break(character) || is_bidi_control(character);
    let mut stored = Cow::Borrowed(text);
    if text.bytes().any(|byte| !(b' '..=b'~').contains(&byte)) && text.chars().any(is_changed) {
        let kept = text.chars().filter(|character| !is_bidi_control(*character));
        let broken = kept.map(|character| if is_soft_line_break(character) { '\n' } else { character });
        stored = Cow::Owned(broken.collect());
    }
    let length = stored.trim_end_matches(['\n', '\r']).len();
    match &mut stored {
        Cow::Borrowed(text) => *text = &text[..length],
        Cow::Owned(text) => text.truncate(length),
    }
    stored
}

/// Whether a reader sees anything of a text.
#[must_use]
pub fn has_visible(text: &str) -> bool {
    text.chars().any(is_visible)
}

/// The first character that a text must not have, with its place in bytes: control characters, and line breaks if the
/// text has one line only.
#[must_use]
pub fn forbidden(text: &str, is_one_line: bool) -> Option<(usize, char)> {
    text.char_indices().find(|(_, character)| match character {
        '\n' | '\r' | '\t' => is_one_line,
        other => other.is_control(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_stored_as_it_came_except_for_what_nobody_sees() {
        for (sent, stored) in [
            ("第一行\u{b}第二行", "第一行\n第二行"),
            ("第一页\u{c}第二页", "第一页\n第二页"),
            ("一\u{2028}二\u{2029}三\u{85}四", "一\n二\n三\n四"),
            ("倒\u{202e}序\u{202c}，左\u{200e}右\u{200f}\u{61c}\u{2066}\u{2069}", "倒序，左右"),
            ("一行\n", "一行"),
            ("一行\r\n\r\n", "一行"),
            ("一行\u{2028}", "一行"),
            ("一行\u{b}\u{202c}\n", "一行"),
            ("\n一行", "\n一行"),
            ("末尾空格 ", "末尾空格 "),
            (
                "零宽\u{200b}、软连字符\u{ad}、全角１、①、\u{2011}",
                "零宽\u{200b}、软连字符\u{ad}、全角１、①、\u{2011}",
            ),
            ("", ""),
            ("\u{202e}\n", ""),
        ] {
            assert_eq!(stored_text(sent), stored, "{sent:?}");
            assert_eq!(stored_text(stored), stored, "the stored text is its own");
        }
    }

    #[test]
    fn what_nobody_sees_is_no_text() {
        for invisible in [
            "",
            " ",
            "\u{3000}",
            "\u{a0}",
            "\n\t",
            "\u{200b}",
            "\u{200c}",
            "\u{200d}",
            "\u{2060}",
            "\u{feff}",
            "\u{3164}",
            "\u{ffa0}",
            "\u{115f}",
            "\u{ad}",
            "\u{200e}",
            "\u{fe0f}",
            "\u{e0100}",
            "\u{301}",
            "\u{e0041}",
            "\u{fffd}",
            "\u{e000}",
            "\u{f0000}",
            "\u{2800}",
            "\u{180e}",
            "\u{34f}",
            "\u{7}",
            "\u{20e3}",
            "\u{200b} \u{2800}\u{fe0f}\u{301}",
        ] {
            assert!(!has_visible(invisible), "{invisible:?}");
        }
        for visible in [
            "。",
            "a",
            "已",
            "1\u{fe0f}",
            "\u{200b}已\u{200b}",
            "🏢",
            "\u{20000}",
            "\u{3400}",
            "ئۇيغۇر",
            "བོད",
            "ᠮ",
            "—",
            "\u{32000}",
        ] {
            assert!(has_visible(visible), "{visible:?}");
        }
    }

    #[test]
    fn the_first_forbidden_character_is_found_with_its_place() {
        for (text, is_one_line, found) in [
            ("响铃\u{7}", false, Some((6, '\u{7}'))),
            ("两\n行", true, Some((3, '\n'))),
            ("两\n行", false, None),
            ("制\t表", true, Some((3, '\t'))),
            ("\u{9f}", false, Some((0, '\u{9f}'))),
            ("零宽\u{200b}", true, None),
        ] {
            assert_eq!(forbidden(text, is_one_line), found, "{text:?}");
        }
    }
}
