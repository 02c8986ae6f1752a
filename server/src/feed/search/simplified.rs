//! Traditional characters in their simplified form, so that both writings of a word are the same term. The table is the
//! one of `OpenCC`, reduced to single characters.

use std::collections::HashMap;
use std::sync::LazyLock;

static PAIRS: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let lines = include_str!("simplified.txt").lines().filter(|line| !line.starts_with('#'));
    let mut pairs = HashMap::new();
    for line in lines {
        let mut characters = line.chars();
        while let (Some(traditional), Some(simplified)) = (characters.next(), characters.next()) {
            pairs.insert(traditional, simplified);
        }
    }
    pairs
});

/// The simplified form of a character; most are their own.
pub(super) fn simplified(character: char) -> char {
    PAIRS.get(&character).copied().unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traditional_text_becomes_a_simplified_one() {
        let text: String = "營業執照變更登記，稅務局發票".chars().map(simplified).collect();
        assert_eq!(text, "营业执照变更登记，税务局发票");
        assert!(PAIRS.len() > 4_000, "{}", PAIRS.len());
    }
}
