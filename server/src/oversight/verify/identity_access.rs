//! The readings of one ticket's caller: each is what was hashed, none is gone, and none was put there by somebody. Pure.

use std::collections::BTreeMap;

use crate::ledger::identity::read;
use crate::platform::hashing::Link;
use crate::timeline::{Finding, Place, Wrong, chain};

/// Everything that is stored of them.
#[derive(Debug, Default)]
pub(super) struct Readings {
    pub(super) rows: Vec<read::Model>,
    /// What lies under seals or waits for one: the subject, and the link, if it can be read.
    pub(super) noted: Vec<(String, Option<Link>)>,
}

impl Readings {
    /// What is wrong with them. Before those of an older release `are_sealed`, one may be under no seal.
    pub(super) fn findings(self, ticket: i64, are_sealed: bool) -> Vec<Finding> {
        let mut noted: BTreeMap<String, Vec<Option<Link>>> = BTreeMap::new();
        for (subject, link) in self.noted {
            noted.entry(subject).or_default().push(link);
        }
        let mut findings = Vec::new();
        let mut found =
            |subject: String, wrong| findings.push(Finding::new(Place::Reading(ticket, subject), wrong));
        for row in self.rows {
            let subject = row.subject();
            let is_hashed = |link: &Option<Link>| {
                let suite = link.and_then(|link| link.suite());
                suite.is_some_and(|suite| *link == Some(chain::reading(suite, &row.cells())))
            };
            match noted.remove(&subject) {
                Some(links) if links.iter().all(is_hashed) => {}
                Some(_) => found(subject, Wrong::Altered),
                None if are_sealed => found(subject, Wrong::Unsealed),
                None => {}
            }
        }
        for (subject, _) in noted {
            found(subject, Wrong::Missing);
        }
        findings
    }
}
