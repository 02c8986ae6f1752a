//! The accesses to the identity behind one ticket: each is what was hashed, none is missing, and none was added. Pure.

use std::collections::BTreeMap;

use super::finding::{Finding, FindingKind, FindingPlace};
use crate::audit_log::hash_chain;
use crate::identity::rows::identity_access;
use crate::platform::hashing::Link;

/// Everything that is stored about them.
#[derive(Debug, Default)]
pub(super) struct Accesses {
    pub(super) rows: Vec<identity_access::Model>,
    /// Heads under checkpoints, and pending ones: the subject, and the link, if it can be read.
    pub(super) heads: Vec<(String, Option<Link>)>,
}

impl Accesses {
    /// The faults of the accesses.
    pub(super) fn findings(self, ticket: i64) -> Vec<Finding> {
        let mut heads: BTreeMap<String, Vec<Option<Link>>> = BTreeMap::new();
        for (subject, link) in self.heads {
            heads.entry(subject).or_default().push(link);
        }
        let mut findings = Vec::new();
        let mut found =
            |subject: String, kind| findings.push(Finding::new(FindingPlace::Access(ticket, subject), kind));
        for row in self.rows {
            let subject = row.subject();
            let is_hashed = |link: &Option<Link>| {
                let suite = link.and_then(|link| link.suite());
                suite.is_some_and(|suite| *link == Some(hash_chain::access(suite, &row.cells())))
            };
            match heads.remove(&subject) {
                Some(links) if links.iter().all(is_hashed) => {}
                Some(_) => found(subject, FindingKind::Altered),
                None => found(subject, FindingKind::CheckpointMissing),
            }
        }
        for (subject, _) in heads {
            found(subject, FindingKind::Missing);
        }
        findings
    }
}
