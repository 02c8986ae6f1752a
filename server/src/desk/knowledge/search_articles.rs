//! `SearchArticles`: the articles that have the words of a query, the best first. Versions in force come first, then
//! the rank decides: the words, the district, and whether somebody has to look at the article again.

use std::collections::HashMap;

use super::KnowledgeBase;
use super::article::{Article, ArticleKey};
use super::reader::Reader;
use super::searched_versions as read;
use crate::access::Permit;
use crate::feed::search::{SearchTerms, TextQuery};
use crate::platform::Fault;
use crate::ticket::Instant;

pub use super::article_texts::text_of;

/// Versions that are looked at.
const VERSIONS_MAX: u64 = 50_000;
/// What the district of an article counts, in eighths.
const OWN_DISTRICT: u32 = 10;
const WHOLE_CITY: u32 = 8;
const OTHER_DISTRICT: u32 = 4;
/// What it counts that the time of the next review has passed, in eighths.
const OVERDUE: u32 = 7;
/// The divisor of both.
const EIGHTHS_OF_EIGHTHS: u32 = 64;

/// Where a page begins: after this article, with the weights of the first page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticlePlace {
    /// Whether the last article of the page before is in force.
    pub is_in_force: bool,
    /// Its score.
    pub score: u32,
    /// Its code.
    pub article: String,
    /// The weights of the query's terms.
    pub weights: Vec<u8>,
}

/// A search for one page.
#[derive(Debug, Clone)]
pub struct ArticleSearch {
    /// What is searched for.
    pub terms: SearchTerms,
    /// The district of the company.
    pub district: Option<String>,
    /// About this topic only.
    pub topic: Option<String>,
    /// Versions in force only.
    pub is_in_force_only: bool,
    /// Where the page begins; `None` for the first page.
    pub after: Option<ArticlePlace>,
    /// How many articles at most.
    pub limit: usize,
}

/// An article that was found.
#[derive(Debug, Clone)]
pub struct ArticleHit {
    /// The version, with its body.
    pub article: Article,
    /// Where a page after it begins.
    pub place: ArticlePlace,
}

/// What the district and the review count, in parts of 64.
fn factor(search: &ArticleSearch, districts: &[String], review_at: Option<Instant>, now: Instant) -> u32 {
    let of_district = match &search.district {
        _ if districts.is_empty() => WHOLE_CITY,
        None => WHOLE_CITY,
        Some(district) if districts.contains(district) => OWN_DISTRICT,
        Some(_) => OTHER_DISTRICT,
    };
    let of_review = if review_at.is_some_and(|at| at <= now) { OVERDUE } else { WHOLE_CITY };
    of_district * of_review
}

/// The order of results: in force, then by score, then by code.
fn order(place: &ArticlePlace) -> (bool, std::cmp::Reverse<u32>, &str) {
    (!place.is_in_force, std::cmp::Reverse(place.score), &place.article)
}

impl KnowledgeBase {
    /// A page of the articles that a search finds: of each article the version in force, or if there is none, the last
    /// one that the caller may read.
    ///
    /// # Errors
    /// If the database refuses, or a row can't be read.
    pub async fn search_articles(
        &self,
        permit: &Permit,
        search: &ArticleSearch,
    ) -> Result<Vec<ArticleHit>, Fault> {
        let (db, reader, now) = (self.store.reader(), Reader::of(permit), self.clock.now());
        let mut candidates = read::searchable(db, &reader, now, VERSIONS_MAX).await?;
        candidates.retain(|one| one.is_in_force || !search.is_in_force_only);
        candidates.sort_by_key(|one| !one.is_in_force);
        let keys: Vec<ArticleKey> = candidates.iter().map(|one| one.key.clone()).collect();
        let candidates: HashMap<_, _> = candidates.iter().map(|one| (&one.key, one)).collect();
        let texts = self.texts.of(db, &keys).await?;
        let all: Vec<_> = texts.iter().map(|(_, text)| &text.text).collect();
        let weights = search.after.as_ref().map(|after| after.weights.as_slice());
        let query = TextQuery::new(&search.terms, weights, &all);
        let mut found: Vec<(ArticlePlace, ArticleKey)> = Vec::new();
        for (key, text) in &texts {
            let candidate = candidates[key];
            if search.topic.as_ref().is_some_and(|topic| !text.topics.contains(topic)) {
                continue;
            }
            let Some(score) = query.score(&text.text) else { continue };
            let score =
                score * factor(search, &text.districts, candidate.review_at, now) / EIGHTHS_OF_EIGHTHS;
            let (is_in_force, article) = (candidate.is_in_force, key.article.clone());
            let place = ArticlePlace { is_in_force, score, article, weights: query.weights().to_vec() };
            if search.after.as_ref().is_none_or(|after| order(&place) > order(after)) {
                found.push((place, key.clone()));
            }
        }
        found.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
        found.truncate(search.limit);
        let keys: Vec<ArticleKey> = found.iter().map(|(_, key)| key.clone()).collect();
        let mut articles = read::with_contents(db, &keys).await?;
        let hits = found.into_iter().filter_map(|(place, key)| {
            let article = articles.remove(&key).filter(|article| reader.may_read(article))?;
            Some(ArticleHit { article: reader.shown(article), place })
        });
        Ok(hits.collect())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn the_own_district_counts_most_and_an_overdue_review_less() {
        let search = ArticleSearch {
            terms: SearchTerms::of("执照").expect("terms"),
            district: Some("110105".to_owned()),
            topic: None,
            is_in_force_only: false,
            after: None,
            limit: 1,
        };
        let now = Instant::UNIX_EPOCH + TimeDelta::days(10);
        let of = |district: &[&str], review_at| {
            let districts: Vec<String> = district.iter().map(|one| (*one).to_owned()).collect();
            factor(&search, &districts, review_at, now)
        };
        assert!(of(&["110105"], None) > of(&[], None) && of(&[], None) > of(&["110106"], None));
        assert!(of(&[], Some(now)) < of(&[], None));
        assert_eq!(of(&[], None), EIGHTHS_OF_EIGHTHS);
        assert_eq!(of(&[], Some(now + TimeDelta::days(1))), EIGHTHS_OF_EIGHTHS);
    }

    #[test]
    fn what_is_in_force_comes_first() {
        let place = |is_in_force, score, article: &str| ArticlePlace {
            is_in_force,
            score,
            article: article.to_owned(),
            weights: vec![],
        };
        let mut places =
            [place(false, 99, "a"), place(true, 1, "b"), place(true, 5, "d"), place(true, 5, "c")];
        places.sort_by(|a, b| order(a).cmp(&order(b)));
        assert_eq!(places.map(|place| place.article), ["c", "d", "b", "a"]);
    }
}
