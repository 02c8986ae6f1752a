//! What the decision about an answer needs to know of the base. It is read, and cited versions are kept in force,
//! before the decision, so that the decision is pure.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;

use super::article::ArticleKey;
use super::number::stored;
use super::rows::{article, state};
use crate::desk::directory::catalogue;
use crate::platform::Fault;
use crate::ticket::columns::instant;
use crate::ticket::{Instant, UnitCode};

/// What is asked of the base.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnowledgeNeeded {
    /// The versions that an answer cites.
    pub cited: Vec<ArticleKey>,
    /// The topics and districts whose responsible units are asked; the district is empty if there is none.
    pub places: Vec<TopicPlace>,
}

/// A topic, and the district of a ticket; empty if it has none.
pub type TopicPlace = (String, String);

/// The cited articles, and the units that are responsible for topics.
#[derive(Debug, Clone, Default)]
pub struct KnowledgeSet {
    /// The codes that the base holds.
    held: BTreeSet<String>,
    /// From when until when published versions are in force.
    in_force: BTreeMap<ArticleKey, (Instant, Option<Instant>)>,
    units: BTreeMap<TopicPlace, UnitCode>,
}

/// Whether an answer may cite a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Citability {
    /// It is in force.
    InForce,
    /// The base holds the article, and this version of it is not in force.
    NotInForce,
    /// The base does not hold the article.
    NotHeld,
}

/// Nothing is known: for decisions that cite nothing.
pub static NOTHING_KNOWN: KnowledgeSet =
    KnowledgeSet { held: BTreeSet::new(), in_force: BTreeMap::new(), units: BTreeMap::new() };

impl KnowledgeNeeded {
    /// Takes in what another decision asks.
    pub fn extend(&mut self, other: Self) {
        self.cited.extend(other.cited);
        self.places.extend(other.places);
    }
}

impl KnowledgeSet {
    /// Reads what is asked at an instant. The cited versions stay as they are until the unit of work ends.
    ///
    /// # Errors
    /// Refusals of the database.
    pub async fn hold(
        db: &impl ConnectionTrait,
        needed: &KnowledgeNeeded,
        at: Instant,
    ) -> Result<Self, Fault> {
        let mut set = Self::default();
        if !needed.cited.is_empty() {
            let codes: BTreeSet<_> = needed.cited.iter().map(|key| key.article.as_str()).collect();
            let versions: BTreeSet<_> = needed.cited.iter().map(|key| stored(key.version)).collect();
            let held = article::Entity::find().select_only().column(article::Column::Code);
            let held = held.filter(article::Column::Code.is_in(codes.clone()));
            set.held = held.into_tuple::<String>().all(db).await?.into_iter().collect();
            let rows = state::Entity::find()
                .filter(state::Column::Article.is_in(codes))
                .filter(state::Column::Version.is_in(versions))
                .lock_shared();
            for row in rows.all(db).await? {
                let Some(from) = row.in_force_from else { continue };
                let key = ArticleKey { article: row.article, version: row.version.unsigned_abs() };
                let until = row.in_force_until.map(instant).transpose()?;
                set.in_force.insert(key, (instant(from)?, until));
            }
        }
        for (topic, district) in &needed.places {
            if let Some(unit) = catalogue::responsible(db, topic, district, at).await? {
                set.units.insert((topic.clone(), district.clone()), unit);
            }
        }
        Ok(set)
    }

    /// A set in which these versions are in force, for tests.
    #[must_use]
    pub fn of(in_force: impl IntoIterator<Item = (ArticleKey, Instant, Option<Instant>)>) -> Self {
        let mut set = Self::default();
        for (key, from, until) in in_force {
            set.held.insert(key.article.clone());
            set.in_force.insert(key, (from, until));
        }
        set
    }

    /// The same set with a unit that is responsible for a topic, for tests.
    #[must_use]
    pub fn with_responsible(mut self, place: TopicPlace, unit: UnitCode) -> Self {
        self.units.insert(place, unit);
        self
    }

    /// Whether an answer may cite a version at an instant.
    #[must_use]
    pub fn citability(&self, key: &ArticleKey, at: Instant) -> Citability {
        match self.in_force.get(key) {
            Some((from, until)) if *from <= at && until.is_none_or(|until| at < until) => Citability::InForce,
            _ if self.held.contains(&key.article) => Citability::NotInForce,
            _ => Citability::NotHeld,
        }
    }

    /// The unit that is responsible for a topic in a district.
    #[must_use]
    pub fn responsible(&self, place: &TopicPlace) -> Option<&UnitCode> {
        self.units.get(place)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_version_may_be_cited_while_it_is_in_force() {
        let key = |article: &str, version| ArticleKey { article: article.to_owned(), version };
        let from = Instant::UNIX_EPOCH + TimeDelta::days(1);
        let until = from + TimeDelta::days(1);
        let set = KnowledgeSet::of([(key("a", 1), from, Some(until)), (key("a", 2), until, None)]);
        for (cited, at, expected) in [
            (key("a", 1), from - TimeDelta::seconds(1), Citability::NotInForce),
            (key("a", 1), from, Citability::InForce),
            (key("a", 1), until, Citability::NotInForce),
            (key("a", 2), until, Citability::InForce),
            (key("a", 3), until, Citability::NotInForce),
            (key("b", 1), until, Citability::NotHeld),
        ] {
            assert_eq!(set.citability(&cited, at), expected, "{cited:?} at {at}");
        }
        assert_eq!(NOTHING_KNOWN.citability(&key("a", 1), from), Citability::NotHeld);
    }
}
