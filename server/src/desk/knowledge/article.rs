//! An article of the knowledge base: what a version says, and where it is between draft and retirement.

use hotline_proto::v1::ErrorReason;
use serde::{Deserialize, Serialize};

use crate::platform::Fault;
use crate::ticket::{Instant, UnitCode};

/// The name and place of the legal text that an article rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalSource {
    /// The name of the document; may be empty.
    pub document_name: String,
    /// Its number, for example 国务院令第746号; may be empty.
    pub document_number: String,
    /// Where it is published; may be empty.
    pub link: String,
}

/// What a version of an article says. It never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleContent {
    /// Its title.
    pub title: String,
    /// The question that it answers.
    pub standard_question: String,
    /// The same question in other words.
    pub similar_questions: Vec<String>,
    /// The answer, in Markdown. It has a column of its own, which lists do not read.
    #[serde(skip)]
    pub body: String,
    /// The leaves of the topic tree that it belongs to.
    pub topics: Vec<String>,
    /// The districts that it holds for; none for the whole city.
    pub districts: Vec<String>,
    /// The unit that answers for what it says.
    pub owner_unit: Option<UnitCode>,
    /// The legal text that it rests on.
    pub source: LegalSource,
    /// It holds from this instant on; `None` from its publication on.
    pub effective_from: Option<Instant>,
    /// It holds until this instant; `None` without an end.
    pub effective_until: Option<Instant>,
    /// When somebody has to look at it again.
    pub review_at: Option<Instant>,
}

/// Where a version is between draft and retirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArticleState {
    /// Written, and not reviewed yet.
    Draft,
    /// Approved by a second person.
    Reviewed,
    /// Refused by a second person.
    Rejected,
    /// Published: in force from an instant on, until another version takes its place or it ends.
    Published,
    /// Taken out of force.
    Retired,
}

impl ArticleState {
    const ALL: [Self; 5] = [Self::Draft, Self::Reviewed, Self::Rejected, Self::Published, Self::Retired];

    /// Its name in refusals.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Reviewed => "REVIEWED",
            Self::Rejected => "REJECTED",
            Self::Published => "PUBLISHED",
            Self::Retired => "RETIRED",
        }
    }

    /// Its number in the table.
    pub(super) const fn stored(self) -> i16 {
        match self {
            Self::Draft => 1,
            Self::Reviewed => 2,
            Self::Rejected => 3,
            Self::Published => 4,
            Self::Retired => 5,
        }
    }

    pub(super) fn of_stored(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.stored() == number)
    }
}

/// A step in the history of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleStep {
    /// The principal.
    pub by: String,
    /// When.
    pub at: Instant,
    /// Why, in their words; may be empty.
    pub note: String,
}

/// The history of a version, stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleHistory {
    /// Who wrote it.
    pub drafted: ArticleStep,
    /// The second person's review.
    pub reviewed: Option<ArticleStep>,
    /// Who published it.
    pub published: Option<ArticleStep>,
    /// Who retired it.
    pub retired: Option<ArticleStep>,
}

/// The code of an article and one of its versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArticleKey {
    /// The code, for example `company-name-rules`.
    pub article: String,
    /// The version, from 1.
    pub version: u32,
}

/// A version of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Which version of which article.
    pub key: ArticleKey,
    /// Changes with every change of the version's state; the etag is made from it.
    pub revision: u32,
    /// Where it is.
    pub state: ArticleState,
    /// What it says.
    pub content: ArticleContent,
    /// In force from this instant on; `None` before it is published.
    pub in_force_from: Option<Instant>,
    /// In force until this instant; `None` without an end.
    pub in_force_until: Option<Instant>,
    /// Who did what.
    pub history: ArticleHistory,
}

impl Article {
    /// The etag: changes with every change of the version.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("v{}", self.revision)
    }

    /// Whether an answer may cite it at an instant.
    #[must_use]
    pub fn is_in_force_at(&self, at: Instant) -> bool {
        self.in_force_from.is_some_and(|from| from <= at)
            && self.in_force_until.is_none_or(|until| at < until)
    }

    /// Whether it is published and not over yet: in force now, or to come.
    #[must_use]
    pub fn is_current_at(&self, at: Instant) -> bool {
        self.in_force_from
            .is_some_and(|from| self.in_force_until.is_none_or(|until| at < until && from < until))
    }

    /// Refuses a version in another state.
    ///
    /// # Errors
    /// `ARTICLE_WRONG_STATE`, with its state.
    pub(super) fn check_state(&self, state: ArticleState) -> Result<(), Fault> {
        if self.state == state { Ok(()) } else { Err(wrong_state(&self.key, self.state)) }
    }

    /// Refuses if the caller gave an etag and the version has changed since.
    ///
    /// # Errors
    /// `ETAG_STALE`.
    pub(super) fn check_etag(&self, etag: Option<&str>) -> Result<(), Fault> {
        if etag.is_none_or(|etag| etag == self.etag()) {
            return Ok(());
        }
        Err(about(ErrorReason::EtagStale, &self.key))
    }
}

/// A refusal about a version.
pub(super) fn about(reason: ErrorReason, key: &ArticleKey) -> Fault {
    Fault::new(reason).with("article", &key.article).with("version", key.version.to_string())
}

/// `ARTICLE_WRONG_STATE`.
pub(super) fn wrong_state(key: &ArticleKey, state: ArticleState) -> Fault {
    about(ErrorReason::ArticleWrongState, key).with("state", state.name())
}

/// `ARTICLE_NOT_FOUND`.
pub(super) fn not_found(article: &str) -> Fault {
    Fault::new(ErrorReason::ArticleNotFound).with("article", article)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::fixture::published;
    use super::*;

    #[test]
    fn a_version_is_in_force_from_its_start_until_before_its_end() {
        let from = Instant::UNIX_EPOCH + TimeDelta::days(10);
        let hour = TimeDelta::hours(1);
        for (until, at, is_in_force, is_current) in [
            (None, from - hour, false, true),
            (None, from, true, true),
            (None, from + hour, true, true),
            (Some(from + hour), from, true, true),
            (Some(from + hour), from + hour, false, false),
            // Retired before it came into force.
            (Some(from), from - hour, false, false),
            (Some(from), from, false, false),
        ] {
            let article = published(from, until);
            assert_eq!(article.is_in_force_at(at), is_in_force, "{until:?} at {at}");
            assert_eq!(article.is_current_at(at), is_current, "{until:?} at {at}");
        }
        let draft = Article { in_force_from: None, ..published(from, None) };
        assert!(!draft.is_in_force_at(from) && !draft.is_current_at(from));
    }

    #[test]
    fn every_state_is_stored_under_a_number_of_its_own() {
        for state in ArticleState::ALL {
            assert_eq!(ArticleState::of_stored(state.stored()), Some(state));
        }
        assert_eq!(ArticleState::of_stored(0), None);
    }
}
