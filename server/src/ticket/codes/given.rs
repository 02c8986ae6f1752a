//! What a caller gave, as it is kept: the text as it came, without what no reader sees, and bounded.

use super::fold::is_unseen;

/// Characters of a number or a code that are kept as they came.
pub const GIVEN_CHARS_MAX: usize = 200;

/// Stands behind a text that was cut off, so that it is not read as if it were whole.
const CUT_OFF: char = '…';

/// A number or a code as it is kept. Control and format characters are left out, because they change how a reader sees
/// the text. What is longer than [`GIVEN_CHARS_MAX`] is cut off, with an ellipsis behind it. `None` where nothing is
/// left.
#[must_use]
pub fn given(text: &str) -> Option<String> {
    let seen = text.trim_end().chars().filter(|c| !is_unseen(*c)).skip_while(|c| c.is_whitespace());
    let mut kept: String = seen.take(GIVEN_CHARS_MAX + 1).collect();
    if kept.chars().count() > GIVEN_CHARS_MAX {
        kept.pop();
        kept.push(CUT_OFF);
    }
    let kept = kept.trim_end();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// Whether a kept text is not the whole of what came.
pub(super) fn is_cut_off(kept: &str) -> bool {
    kept.chars().nth(GIVEN_CHARS_MAX).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_as_it_came_and_bounded() {
        for (text, kept) in [
            ("", None),
            ("  \u{3000}\u{200b}\u{2800} ", None),
            (" 010—8234 5678 分机801 ", Some("010—8234 5678 分机801")),
            ("138\u{202d}0013\u{202c}8000", Some("13800138000")),
            ("138\u{0}0013\u{b}8000", Some("13800138000")),
        ] {
            assert_eq!(given(text).as_deref(), kept, "{text:?}");
        }
        let whole = "九".repeat(GIVEN_CHARS_MAX);
        assert_eq!(given(&whole).as_deref(), Some(whole.as_str()));
        assert!(!is_cut_off(&whole));
        let cut_off = given(&"九".repeat(10 * GIVEN_CHARS_MAX)).expect("a text");
        assert_eq!(cut_off.chars().count(), GIVEN_CHARS_MAX + 1);
        assert!(is_cut_off(&cut_off));
        assert_eq!(given(&cut_off).as_ref(), Some(&cut_off), "keeping it again changes nothing");
    }
}
