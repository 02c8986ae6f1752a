//! The words of a text that decided for a label.

use super::model::Model;

/// The shortest and the longest word, in characters.
const WORD_CHARS: std::ops::RangeInclusive<usize> = 2..=8;
/// The most words of an answer.
const WORDS_MAX: usize = 3;

/// The words that said most for a label, the strongest first. They are words of the text, in lower case. A text that
/// has nothing for the label has none.
#[must_use]
pub fn words(model: &Model, label: &str, subject: &str, body: &str) -> Vec<String> {
    let Some(label) = model.labels().iter().position(|known| known == label) else { return Vec::new() };
    let mut parts = model.contributions(label, subject, body);
    let mut words: Vec<String> = Vec::new();
    while words.len() < WORDS_MAX {
        let Some(best) = strongest(&parts) else { break };
        let word: String = parts[best.clone()].iter().map(|(letter, _)| letter).collect();
        // The next word has none of these characters.
        parts[best].iter_mut().for_each(|(_, part)| *part = f32::NEG_INFINITY);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// The strongest run of letters whose ends both say something for the label.
fn strongest(parts: &[(char, f32)]) -> Option<std::ops::Range<usize>> {
    let mut best: Option<(f32, std::ops::Range<usize>)> = None;
    for from in 0..parts.len() {
        let mut sum = 0.0;
        for (length, (letter, part)) in (1..=*WORD_CHARS.end()).zip(&parts[from..]) {
            if !letter.is_alphanumeric() || part.is_infinite() {
                break;
            }
            sum += part;
            let has_ends = parts[from].1 > 0.0 && *part > 0.0;
            let is_better = best.as_ref().is_none_or(|(best, _)| sum > *best);
            if WORD_CHARS.contains(&length) && has_ends && sum > 0.0 && is_better {
                best = Some((sum, from..from + length));
            }
        }
    }
    best.map(|(_, range)| range)
}

#[cfg(test)]
mod tests {
    use super::super::learn::tests::trained;
    use super::*;

    #[test]
    fn the_words_that_decided_are_named() {
        let found = words(&trained(), "lamps", "", "您好，我们楼下的路灯坏了，请安排人来看看。");
        assert!(found[0].contains("路灯"), "{found:?}");
        assert!(
            found.len() <= WORDS_MAX && found.iter().all(|word| WORD_CHARS.contains(&word.chars().count()))
        );
    }

    #[test]
    fn no_word_crosses_a_sign_and_a_text_without_words_has_none() {
        let model = trained();
        for word in words(&model, "lamps", "路灯", "路，灯。路灯！") {
            assert!(word.chars().all(char::is_alphanumeric), "{word}");
        }
        assert_eq!(words(&model, "lamps", "", "……"), Vec::<String>::new());
        assert_eq!(words(&model, "elsewhere", "路灯", "路灯"), Vec::<String>::new());
    }
}
