//! Texts that are ranked in memory, without the index: few texts, which a caller holds itself.

use super::document::{self, Readers};
use super::impact::impacts;
use super::query::SearchTerms;

/// A text as its terms. Nothing of the text can be read from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RankedText {
    /// Hashes of the terms, in rising order.
    terms: Vec<i64>,
    /// The impact of each term.
    impacts: Vec<u8>,
}

impl RankedText {
    /// The terms of a text. Those of `subject` count more.
    #[must_use]
    pub fn of(subject: &str, content: &str) -> Self {
        let terms = impacts(subject, content, &[]).into_iter();
        let mut terms: Vec<(i64, u8)> =
            terms.map(|(term, impact)| (document::key(Readers::Everyone, &term), impact)).collect();
        terms.sort_unstable();
        Self {
            terms: terms.iter().map(|(term, _)| *term).collect(),
            impacts: terms.iter().map(|(_, impact)| *impact).collect(),
        }
    }

    /// How many terms it has.
    #[must_use]
    pub const fn terms(&self) -> usize {
        self.terms.len()
    }

    fn impact(&self, key: i64) -> Option<u32> {
        self.terms.binary_search(&key).ok().map(|place| u32::from(self.impacts[place]))
    }
}

/// A query over texts in memory.
#[derive(Debug, Clone)]
pub struct TextQuery {
    keys: Vec<i64>,
    required: usize,
    weights: Vec<u8>,
}

impl TextQuery {
    /// The terms of a query, with the weights of its first page, or with weights by rarity among these texts.
    #[must_use]
    pub fn new(terms: &SearchTerms, weights: Option<&[u8]>, texts: &[&RankedText]) -> Self {
        let keys: Vec<i64> = terms.texts().map(|term| document::key(Readers::Everyone, term)).collect();
        let weights = weights.map_or_else(
            || {
                let having = keys
                    .iter()
                    .map(|key| texts.iter().filter(|text| text.impact(*key).is_some()).count() as u64);
                terms.weights(texts.len() as u64, &having.collect::<Vec<_>>())
            },
            <[u8]>::to_vec,
        );
        Self { keys, required: terms.required(), weights }
    }

    /// The weights of the terms.
    #[must_use]
    pub fn weights(&self) -> &[u8] {
        &self.weights
    }

    /// How well a text fits; `None` if it has too few of the terms.
    #[must_use]
    pub fn score(&self, text: &RankedText) -> Option<u32> {
        let (mut score, mut found) = (0, 0);
        for (key, weight) in self.keys.iter().zip(&self.weights) {
            if let Some(impact) = text.impact(*key) {
                score += u32::from(*weight) * impact;
                found += 1;
            }
        }
        (found >= self.required).then_some(score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_with_more_of_the_query_scores_more() {
        let texts = [
            RankedText::of("企业名称怎么申报", "通过登记机关的系统申报。"),
            RankedText::of("发票领用", "企业名称写在发票上。"),
            RankedText::of("停车收费", "按路段收费。"),
        ];
        let terms = SearchTerms::of("企业名称申报").expect("terms");
        let query = TextQuery::new(&terms, None, &texts.iter().collect::<Vec<_>>());
        let scores = texts.each_ref().map(|text| query.score(text));
        assert!(scores[0] > scores[1] && scores[1].is_some(), "{scores:?}");
        assert_eq!(scores[2], None);
        let again = TextQuery::new(&terms, Some(query.weights()), &[]);
        assert_eq!(again.score(&texts[0]), scores[0], "the weights of the first page give the same rank");
    }
}
