//! Ordinary words that also are brands or given names. By themselves they name nobody.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The words, in lines of no meaning.
const TEXT: &str = include_str!("ordinary_words.txt");
static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| TEXT.split_ascii_whitespace().collect());

/// Whether a brand or a given name is an ordinary word.
pub(super) fn is_ordinary(word: &str) -> bool {
    WORDS.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_there_once() {
        let mut words: Vec<_> = TEXT.split_ascii_whitespace().collect();
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count, "a word stands twice");
        assert!(count > 500 && is_ordinary("建设") && !is_ordinary("蓝鹊"));
    }
}
