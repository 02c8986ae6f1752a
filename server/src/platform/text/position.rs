//! Where something stands in a text, as its author can find it.

use std::fmt;

/// A place in a text: the line and the character in it, both counted from 1. Its text form names the line only if the
/// text has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextPosition {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub character: usize,
    has_lines: bool,
}

impl TextPosition {
    /// The place of the character at an offset in bytes; an offset within a character or behind the text counts as the
    /// next boundary before it.
    #[must_use]
    pub fn at(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            line: before.matches('\n').count() + 1,
            character: before[line_start..].chars().count() + 1,
            has_lines: text.contains('\n'),
        }
    }
}

impl fmt::Display for TextPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.has_lines {
            write!(f, "line {}, ", self.line)?;
        }
        write!(f, "character {}", self.character)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_said_by_line_and_character() {
        for (text, offset, said) in [
            ("响铃\u{7}", 6, "character 3"),
            ("响铃\u{7}", 7, "character 4"),
            ("一\n二三", 7, "line 2, character 2"),
            ("一\n二三", 0, "line 1, character 1"),
            ("一\n二三", 3, "line 1, character 2"),
            ("一二", 4, "character 2"),
            ("一", 99, "character 2"),
            ("", 0, "character 1"),
        ] {
            assert_eq!(TextPosition::at(text, offset).to_string(), said, "{text:?} at {offset}");
        }
    }
}
