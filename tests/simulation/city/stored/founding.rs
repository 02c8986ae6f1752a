//! The database as a city's first server founds it: migrated, its directory planted, the city's own units put, the first
//! policy and calendar in force. Founded once, and copied for each life.

use std::sync::Arc;

use hotline_server::closed_loop::ClosedLoop;
use hotline_server::deadline::RuleBook;
use hotline_server::desk::directory::{plant, units};
use hotline_server::migration;
use hotline_server::platform::{Clock, Fault, Store};
use sea_orm::{ConnectionTrait as _, Statement};

use super::machine::Machine;
use super::tables::said;
use crate::plant::Plant;
use crate::product::at;
use crate::roster::Roster;
use crate::world::Book;

/// Kinds of rules in the table of what is in force.
const POLICY: i16 = 1;
const CALENDAR: i16 = 2;

/// A founded file.
#[derive(Debug)]
pub(crate) struct Founding {
    machine: Machine,
    plant: Option<Plant>,
}

impl Founding {
    /// Founds a file at an instant, with the rules in force then.
    pub(crate) fn new(roster: &Roster, book: &Book, now: i64, plant: Option<Plant>) -> Result<Self, String> {
        let mut machine = Machine::new(false)?;
        let store = machine.store()?;
        machine.run(found(&store, roster, book, now))?;
        drop(store);
        machine.shut_down();
        Ok(Self { machine, plant })
    }

    /// A machine of its own with a copy of the file.
    pub(super) fn machine(&self) -> Result<Machine, String> {
        Machine::like(&self.machine, self.plant == Some(Plant::LostCommit))
    }

    pub(super) const fn plant(&self) -> Option<Plant> {
        self.plant
    }
}

async fn found(store: &Store, roster: &Roster, book: &Book, now: i64) -> Result<(), String> {
    migration::migrate(store.migrating()).await.map_err(|error| error.to_string())?;
    let clock = Clock::simulated(at(now));
    plant::plant(store, &clock).await.map_err(said)?;
    let mut all = roster.units();
    // A unit's parent stands before it.
    all.sort_by_key(|unit| unit.parent.is_some());
    let put = store.work(&clock, move |work| {
        let all = all.clone();
        Box::pin(async move {
            for unit in all {
                units::put(work, unit, None).await?;
            }
            Ok(())
        })
    });
    put.await.map_err(said)?;
    let policy = book.policy(book.policy_at(now)).policy.clone();
    let calendar = book.calendar(book.calendar_at(now)).product.clone();
    RuleBook::open(store, &clock, policy, calendar).await.map_err(said)?;
    Ok(())
}

/// Puts the book's newest policy or calendar in force, from the instant that the book says.
pub(super) async fn put_rules(closed_loop: &ClosedLoop, book: &Book, is_policy: bool) -> Result<(), String> {
    let (policy_from, rated) = book.newest_policy();
    let (calendar_from, days) = book.newest_calendar();
    let (kind, from) = if is_policy { (POLICY, policy_from) } else { (CALENDAR, calendar_from) };
    let (rules, both) =
        (closed_loop.ledger.rules().clone(), Arc::new((rated.policy.clone(), days.product.clone())));
    let put = closed_loop.store.work(&closed_loop.clock, move |work| {
        let (rules, both) = (rules.clone(), Arc::clone(&both));
        Box::pin(async move {
            let version = if is_policy {
                rules.keep_policy(work, &both.0).await?
            } else {
                rules.keep_calendar(work, &both.1).await?
            };
            let statement = Statement::from_sql_and_values(
                work.tx.get_database_backend(),
                "INSERT INTO rule_in_force (kind, effective_from, version) VALUES ($1, $2, $3)",
                [kind.into(), from.into(), version.into()],
            );
            work.tx.execute_raw(statement).await.map_err(Fault::from)?;
            Ok(())
        })
    });
    put.await.map_err(said)
}
