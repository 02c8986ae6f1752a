//! The database as a city's first server creates it: migrated, its directory seeded, the city's units put, the first
//! policy and calendar in force. It is created once, and copied for each simulation.

use hotline_server::deadline::RuleBook;
use hotline_server::desk::directory::put_unit;
use hotline_server::desk::directory::seed_database::seed_database;
use hotline_server::migration;
use hotline_server::platform::{Clock, Store};

use super::machine::Machine;
use super::table_checks::describe;
use crate::in_memory_product::at;
use crate::injected_bugs::InjectedBug;
use crate::roster::Roster;
use crate::rule_versions::RuleVersions;

/// An initial file.
#[derive(Debug)]
pub(crate) struct InitialDatabase {
    machine: Machine,
    bug: Option<InjectedBug>,
}

impl InitialDatabase {
    /// Creates a file at an instant, with the rules in force then.
    pub(crate) fn new(
        roster: &Roster,
        rule_versions: &RuleVersions,
        now: i64,
        bug: Option<InjectedBug>,
    ) -> Result<Self, String> {
        let mut machine = Machine::new(false)?;
        let store = machine.store()?;
        machine.run(found(&store, roster, rule_versions, now))?;
        drop(store);
        machine.shut_down();
        Ok(Self { machine, bug })
    }

    /// A separate machine with a copy of the file.
    pub(super) fn machine(&self) -> Result<Machine, String> {
        Machine::like(&self.machine, self.bug == Some(InjectedBug::LostCommit))
    }

    pub(super) const fn bug(&self) -> Option<InjectedBug> {
        self.bug
    }
}

async fn found(store: &Store, roster: &Roster, rule_versions: &RuleVersions, now: i64) -> Result<(), String> {
    migration::migrate(store.migrating()).await.map_err(|error| error.to_string())?;
    let clock = Clock::simulated(at(now));
    seed_database(store, &clock).await.map_err(describe)?;
    let mut all = roster.units();
    // A parent must come before its units.
    all.sort_by_key(|unit| unit.parent.is_some());
    let put = store.work(&clock, move |work| {
        let all = all.clone();
        Box::pin(async move {
            for unit in all {
                put_unit::put(work, unit, None).await?;
            }
            Ok(())
        })
    });
    put.await.map_err(describe)?;
    let policy = rule_versions.policy(rule_versions.policy_at(now)).policy.clone();
    let calendar = rule_versions.calendar(rule_versions.calendar_at(now)).product.clone();
    RuleBook::open(store, &clock, policy, calendar).await.map_err(describe)?;
    Ok(())
}
