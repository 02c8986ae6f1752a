//! Ordinary words that also are brands or given names. By themselves they name nobody.

/// The words, in groups of no meaning.
const WORDS: &str = include_str!("ordinary_words.txt");

/// Whether a brand or a given name is an ordinary word.
pub(super) fn is_ordinary(word: &str) -> bool {
    WORDS.split_ascii_whitespace().any(|one| one == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_there_once() {
        let mut words: Vec<_> = WORDS.split_ascii_whitespace().collect();
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count, "a word stands twice");
        assert!(count > 500 && is_ordinary("建设") && !is_ordinary("蓝鹊"));
    }
}
