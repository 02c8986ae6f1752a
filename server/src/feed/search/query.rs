//! What is searched for: the terms of a query, how many of them a ticket must have, and what each of them weighs.

use super::lexer;

/// Characters of the longest query.
pub const QUERY_CHARS_MAX: usize = 100;
/// Different terms that a ticket must have, if the query has as many. A subject of a dozen terms finds a text that
/// shares two of them; the rank decides.
const REQUIRED: usize = 2;
/// The weight of each term for a reader who may not learn how often it occurs.
const EVEN_WEIGHT: u32 = 40;
/// The largest weight, so that one fits into a byte of a page token.
const WEIGHT_MAX: u32 = 255;

/// A query as its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerms {
    /// Different terms, with how often each is in the query.
    terms: Vec<(String, u32)>,
}

impl SearchTerms {
    /// The terms of a query; `None` if it has no letter, digit or Chinese character.
    #[must_use]
    pub fn of(query: &str) -> Option<Self> {
        let mut terms: Vec<(String, u32)> = Vec::new();
        for term in lexer::of_query(query) {
            match terms.iter_mut().find(|(known, _)| *known == term) {
                Some((_, count)) => *count += 1,
                None => terms.push((term, 1)),
            }
        }
        (!terms.is_empty()).then_some(Self { terms })
    }

    /// Some different terms, each once; `None` if there are none.
    pub(super) fn of_terms(terms: Vec<String>) -> Option<Self> {
        let terms: Vec<(String, u32)> = terms.into_iter().map(|term| (term, 1)).collect();
        (!terms.is_empty()).then_some(Self { terms })
    }

    /// The terms.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().map(|(term, _)| term.as_str())
    }

    /// How many terms there are; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a query without terms is none")]
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// How many of them a ticket must have.
    pub(super) fn required(&self) -> usize {
        self.len().min(REQUIRED)
    }

    /// Weights that depend on nothing but the query.
    pub(super) fn even_weights(&self) -> Vec<u8> {
        self.terms.iter().map(|(_, count)| byte(EVEN_WEIGHT * count)).collect()
    }

    /// Weights by rarity: `documents` tickets are indexed, and `having` of them have each term.
    pub(super) fn weights(&self, documents: u64, having: &[u64]) -> Vec<u8> {
        let terms = self.terms.iter().zip(having);
        terms.map(|((_, count), having)| byte(rarity(documents, *having).saturating_mul(*count))).collect()
    }
}

fn byte(weight: u32) -> u8 {
    u8::try_from(weight.clamp(1, WEIGHT_MAX)).unwrap_or(u8::MAX)
}

/// BM25's inverse document frequency, in eighths of a bit.
fn rarity(documents: u64, having: u64) -> u32 {
    let (all, having) = (2 * (documents.max(having) + 1), 2 * having + 1);
    u32::try_from(log2_eighths(all).saturating_sub(log2_eighths(having))).unwrap_or(u32::MAX)
}

/// The logarithm in eighths, between powers of two by a straight line. Integers are the same on every machine.
fn log2_eighths(value: u64) -> u64 {
    let whole = u64::from(value.max(1).ilog2());
    let power = 1_u64 << whole;
    let rest = (value.max(1) - power).checked_mul(8).map_or(7, |eighths| eighths / power);
    8 * whole + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(query: &str) -> SearchTerms {
        SearchTerms::of(query).expect("it has terms")
    }

    #[test]
    fn a_query_without_a_word_is_none() {
        for query in ["", " ", "，。！？", "——", "\u{200b}"] {
            assert_eq!(SearchTerms::of(query), None, "{query:?}");
        }
    }

    #[test]
    fn a_ticket_needs_two_terms_unless_the_query_has_one() {
        assert_eq!(terms("税").required(), 1);
        assert_eq!(terms("税务").required(), 1);
        assert_eq!(terms("税 务").required(), 2);
        assert_eq!(terms("营业执照变更").required(), 2);
    }

    #[test]
    fn a_rare_term_weighs_more_than_a_frequent_one() {
        let two = terms("税务发票");
        let weights = two.weights(1_000_000, &[500_000, 10, 10]);
        assert!(weights[1] > 4 * weights[0], "{weights:?}");
        assert_eq!(weights[1], weights[2]);
        assert_eq!(two.weights(0, &[0, 7, 0]).iter().min(), Some(&1), "no weight is nothing");
        assert_eq!(terms("税务，税务").even_weights(), [80]);
    }

    #[test]
    fn logarithms_rise() {
        assert_eq!((log2_eighths(1), log2_eighths(2), log2_eighths(1 << 20)), (0, 8, 160));
        let mut before = 0;
        for value in 1..5_000 {
            assert!(log2_eighths(value) >= before);
            before = log2_eighths(value);
        }
    }
}
