//! What a term adds to the rank of a ticket: BM25F over the subject and the content, as an integer.
//!
//! The average lengths are constants, so the impact of a term depends on the ticket alone. Both databases and every
//! server compute the same integers.

use std::collections::HashMap;

use super::lexer::{self, Lexeme};

/// How much more a term counts in the subject than in the content.
const SUBJECT_WEIGHT: u64 = 2;
const CONTENT_WEIGHT: u64 = 1;
/// The terms of a usual subject, and of a usual content.
const SUBJECT_LENGTH: u64 = 20;
const CONTENT_LENGTH: u64 = 300;
/// One occurrence in a text of the usual length, before saturation.
const ONE: u64 = 1_024;
/// BM25's `b`, in tenths: how much the length counts.
const LENGTH_TENTHS: u64 = 7;
/// BM25's `k1`, in units of [`ONE`]: 0.6.
const SATURATION: u64 = 614;
/// What endless repetition would add.
const IMPACT_MAX: u64 = 160;

/// The impacts of the terms of a ticket's texts, and of its number.
pub(super) fn impacts(subject: &str, content: &str, number: &[Lexeme]) -> HashMap<String, u8> {
    let mut sums: HashMap<String, u64> = HashMap::new();
    let fields = [
        (lexer::of_text(subject), SUBJECT_WEIGHT, SUBJECT_LENGTH),
        (lexer::of_text(content), CONTENT_WEIGHT, CONTENT_LENGTH),
        (number.to_vec(), SUBJECT_WEIGHT, SUBJECT_LENGTH),
    ];
    for (lexemes, weight, usual) in fields {
        let length = lexemes.iter().filter(|lexeme| lexeme.is_counted).count() as u64;
        let one = weight * ONE * 10 * usual / ((10 - LENGTH_TENTHS) * usual + LENGTH_TENTHS * length);
        for lexeme in lexemes {
            *sums.entry(lexeme.text).or_default() += one;
        }
    }
    sums.into_iter().map(|(term, sum)| (term, saturated(sum))).collect()
}

fn saturated(sum: u64) -> u8 {
    let impact = IMPACT_MAX * sum / (sum + SATURATION);
    u8::try_from(impact.max(1)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(subject: &str, content: &str, term: &str) -> u8 {
        impacts(subject, content, &[]).get(term).copied().unwrap_or(0)
    }

    #[test]
    fn a_term_counts_more_in_the_subject_more_often_and_in_a_short_text() {
        let long = "办理".repeat(20);
        assert!(of("执照", "", "执照") > of("", "执照", "执照"));
        assert!(of("", "执照，执照", "执照") > of("", "执照", "执照"));
        assert!(of("", "执照", "执照") > of("", &format!("执照，{long}"), "执照"));
        assert_eq!(of("执照", "执照", "发票"), 0);
    }

    #[test]
    fn no_text_leaves_the_range_of_impacts() {
        assert!(saturated(1) >= 1);
        assert!(u64::from(saturated(u64::MAX / 1_000)) <= IMPACT_MAX);
    }
}
