//! The book of rules: every policy and every calendar that a limit was ever counted by, and when each is in force.
//!
//! A ticket keeps the policy and the calendar that its limit was counted by, so they must always be found again.
//! Documents are stored by version and never changed. The versions in force are a list of instants, read in the
//! transaction that needs it, so that no server uses an old list.

mod document;
pub mod in_force;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono_tz::Asia::Shanghai;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use document::{calendar_row, policy_row};
pub use in_force::{RuleInForce, RuleKind};

use super::{Calendar, CalendarFile, Policy, tier_order};
use crate::platform::{Clock, Fault, Store, Work, failpoint};
use crate::ticket::Instant;

/// The rules at an instant.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The policy.
    pub policy: Arc<Policy>,
    /// Its version.
    pub policy_version: String,
    /// The calendar of working days.
    pub calendar: Arc<Calendar>,
}

/// A cache of documents; they never change.
#[derive(Debug, Default)]
struct DocumentCache {
    policies: HashMap<String, Arc<Policy>>,
    calendars: HashMap<String, Arc<Calendar>>,
}

/// Every policy and every calendar, by version and by instant.
#[derive(Debug, Clone, Default)]
pub struct RuleBook {
    cache: Arc<RwLock<DocumentCache>>,
}

/// The first rules of a database.
struct InitialRules {
    book: RuleBook,
    policy: Policy,
    calendar: Calendar,
    is_simulated: bool,
}

impl InitialRules {
    /// Writes the rules of a new database; returns whether the policy is in force, or the one that the database was
    /// created with.
    async fn run(&self, work: &Work) -> Result<bool, Fault> {
        let Self { book, policy, calendar, is_simulated } = self;
        // If several servers start at once, only one writes them.
        in_force::lock(work).await?;
        let version = policy.version();
        let first_version = in_force::first_version(work, RuleKind::Policy).await?;
        if first_version.is_none() {
            check_order(policy, calendar, work.now())?;
            book.keep_policy(work, policy).await?;
            in_force::put(work, RuleKind::Policy, in_force::FIRST_EFFECTIVE_FROM, &version, None).await?;
        }
        if in_force::first_version(work, RuleKind::Calendar).await?.is_none() {
            let version = book.keep_calendar(work, calendar).await?;
            in_force::put(work, RuleKind::Calendar, in_force::FIRST_EFFECTIVE_FROM, &version, None).await?;
        }
        if *is_simulated {
            in_force::forget_later(work).await?;
        }
        let is_in_force = in_force::versions(&work.tx, work.now()).await?.0 == version;
        if *is_simulated && !is_in_force {
            check_order(policy, calendar, work.now())?;
            book.keep_policy(work, policy).await?;
            in_force::put(work, RuleKind::Policy, work.now(), &version, None).await?;
        }
        Ok(*is_simulated || is_in_force || first_version.is_none_or(|first_version| first_version == version))
    }
}

/// A policy that a database is founded on keeps the order of limits, as one that is proposed does.
fn check_order(policy: &Policy, calendar: &Calendar, now: Instant) -> Result<(), Fault> {
    let faults = tier_order::faults(policy, calendar, now.with_timezone(&Shanghai).date_naive());
    if faults.is_empty() {
        return Ok(());
    }
    let detail = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    Err(faults
        .into_iter()
        .fold(Fault::invalid_fields(), |fault, one| fault.at(one.key, one.wrong))
        .detailed(detail))
}

impl RuleBook {
    /// Opens the book. A fresh database is founded on this policy and this calendar; another one keeps the rules that
    /// it has, unless it is a simulation's, whose policy is the one it is started with.
    ///
    /// # Errors
    /// What the database refuses with; `INVALID_FIELDS` if the policy would come into force and its limits lose their
    /// order.
    pub async fn open(
        store: &Store,
        clock: &Clock,
        policy: Policy,
        calendar: Calendar,
    ) -> Result<Self, Fault> {
        let book = Self::default();
        let is_simulated = clock.is_simulated();
        let founding = InitialRules { book: book.clone(), policy, calendar, is_simulated };
        let is_known = store.run(clock, founding, async |work, founding| founding.run(work).await).await?;
        if !is_known {
            tracing::warn!(
                "configured [policy] is not in force and has no effect; use AdminService to change policies"
            );
        }
        Ok(book)
    }

    /// Stores a policy under its version; returns the version.
    ///
    /// # Errors
    /// Refusals of the database; an internal error if another policy is stored under the version.
    pub async fn keep_policy(&self, work: &Work, policy: &Policy) -> Result<String, Fault> {
        let (version, document) = (policy.version(), to_json(policy)?);
        if let Some(stored) = policy_row::Entity::find_by_id(&version).one(&work.tx).await? {
            check_same(&version, &stored.document, policy)?;
            return Ok(version);
        }
        let row = policy_row::ActiveModel {
            version: Set(version.clone()),
            first_used_at: Set(work.now().timestamp_micros()),
            document: Set(document),
        };
        policy_row::Entity::insert(row).exec_without_returning(&work.tx).await?;
        Ok(version)
    }

    /// Stores a calendar under its version; returns the version.
    ///
    /// # Errors
    /// Refusals of the database; an internal error if another calendar is stored under the version.
    pub async fn keep_calendar(&self, work: &Work, calendar: &Calendar) -> Result<String, Fault> {
        let (version, file) = (calendar.version().to_owned(), calendar.to_file());
        let document = to_json(&file)?;
        if let Some(stored) = calendar_row::Entity::find_by_id(&version).one(&work.tx).await? {
            check_same(&version, &stored.document, &file)?;
            return Ok(version);
        }
        let row = calendar_row::ActiveModel {
            version: Set(version.clone()),
            first_used_at: Set(work.now().timestamp_micros()),
            document: Set(document),
        };
        calendar_row::Entity::insert(row).exec_without_returning(&work.tx).await?;
        Ok(version)
    }

    /// The rules in force at an instant.
    ///
    /// # Errors
    /// Refusals of the database; an internal error if there are none, which cannot happen after the creation of a
    /// database.
    pub async fn in_force(&self, db: &impl ConnectionTrait, at: Instant) -> Result<Rules, Fault> {
        let (policy_version, calendar_version) = in_force::versions(db, at).await?;
        self.of_versions(db, &policy_version, &calendar_version).await
    }

    /// The rules of two versions that were found to be in force.
    ///
    /// # Errors
    /// What the database refuses with; an internal error where a document is missing or can't be read.
    pub async fn of_versions(
        &self,
        db: &impl ConnectionTrait,
        policy_version: &str,
        calendar_version: &str,
    ) -> Result<Rules, Fault> {
        failpoint::reach("rules.read").await?;
        Ok(Rules {
            policy: self.policy(db, policy_version).await?,
            calendar: self.calendar(db, calendar_version).await?,
            policy_version: policy_version.to_owned(),
        })
    }

    /// The policy of a version, as named by a ticket.
    ///
    /// # Errors
    /// Refusals of the database; an internal error if the document is missing or can't be read.
    pub async fn policy(&self, db: &impl ConnectionTrait, version: &str) -> Result<Arc<Policy>, Fault> {
        let missing = || Fault::internal(format!("no policy document {version}"));
        self.find_policy(db, version).await?.ok_or_else(missing)
    }

    /// The calendar of a version, as named by a ticket.
    ///
    /// # Errors
    /// Refusals of the database; an internal error if the document is missing or can't be read.
    pub async fn calendar(&self, db: &impl ConnectionTrait, version: &str) -> Result<Arc<Calendar>, Fault> {
        let missing = || Fault::internal(format!("no calendar document {version}"));
        self.find_calendar(db, version).await?.ok_or_else(missing)
    }

    /// The policy of a version, as named by a caller, if there is one.
    ///
    /// # Errors
    /// Refusals of the database; an internal error if the document can't be read.
    pub async fn find_policy(
        &self,
        db: &impl ConnectionTrait,
        version: &str,
    ) -> Result<Option<Arc<Policy>>, Fault> {
        let cached = self.cache.read().unwrap_or_else(PoisonError::into_inner).policies.get(version).cloned();
        if cached.is_some() {
            return Ok(cached);
        }
        let Some(found) = policy_row::Entity::find_by_id(version).one(db).await? else { return Ok(None) };
        let policy: Arc<Policy> = Arc::new(of_json(version, &found.document)?);
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        cache.policies.insert(version.to_owned(), Arc::clone(&policy));
        Ok(Some(policy))
    }

    /// The calendar of a version, as named by a caller, if there is one.
    ///
    /// # Errors
    /// Refusals of the database; an internal error if the document can't be read.
    pub async fn find_calendar(
        &self,
        db: &impl ConnectionTrait,
        version: &str,
    ) -> Result<Option<Arc<Calendar>>, Fault> {
        let cached =
            self.cache.read().unwrap_or_else(PoisonError::into_inner).calendars.get(version).cloned();
        if cached.is_some() {
            return Ok(cached);
        }
        let Some(found) = calendar_row::Entity::find_by_id(version).one(db).await? else { return Ok(None) };
        let file: CalendarFile = of_json(version, &found.document)?;
        let calendar = Calendar::try_from(file)
            .map_err(|fault| Fault::internal(format!("calendar document {version}: {fault}")))?;
        let calendar = Arc::new(calendar);
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        cache.calendars.insert(version.to_owned(), Arc::clone(&calendar));
        Ok(Some(calendar))
    }
}

fn to_json(document: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(document).map_err(|error| Fault::internal(error.to_string()))
}

/// A version never means two documents.
fn check_same<T>(version: &str, stored: &str, document: &T) -> Result<(), Fault>
where
    T: serde::de::DeserializeOwned + PartialEq,
{
    let is_same = of_json::<T>(version, stored)? == *document;
    is_same.then_some(()).ok_or_else(|| Fault::internal(format!("{version} stands for other rules already")))
}

fn of_json<T: serde::de::DeserializeOwned>(version: &str, document: &str) -> Result<T, Fault> {
    serde_json::from_str(document).map_err(|error| Fault::internal(format!("document {version}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_stands_for_one_document() {
        let stored = to_json(&vec![1, 2]).expect("numbers are JSON");
        assert_eq!(stored, "[1,2]");
        assert!(check_same("p-1", &stored, &vec![1, 2]).is_ok());
        let other = check_same("p-1", &stored, &vec![1, 3]).expect_err("another document");
        assert!(other.detail.contains("p-1 stands for other rules"), "{}", other.detail);
        let broken = check_same("p-1", "[1,", &vec![1]).expect_err("no document");
        assert!(broken.detail.contains("document p-1"), "{}", broken.detail);
    }
}
