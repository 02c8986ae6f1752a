//! What a verification has checked, and the faults.

use crate::oversight::verify::finding::Finding;

/// What was verified, and the faults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartReport {
    /// Tickets, subjects or checkpoints that were checked.
    pub chains: u64,
    /// Events and records.
    pub links: u64,
    /// Accesses to identities.
    pub accesses: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl PartReport {
    pub(super) fn add(&mut self, other: Self) {
        self.chains += other.chains;
        self.links += other.links;
        self.accesses += other.accesses;
        self.findings.extend(other.findings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oversight::verify::finding::{FindingKind, FindingPlace};

    #[test]
    fn verified_parts_add_up() {
        let finding = |number| Finding::new(FindingPlace::Ticket(number), FindingKind::Missing);
        let mut all = PartReport { chains: 3, links: 5, accesses: 7, findings: vec![finding(1)] };
        all.add(PartReport { chains: 10, links: 20, accesses: 30, findings: vec![finding(2)] });
        let expected =
            PartReport { chains: 13, links: 25, accesses: 37, findings: vec![finding(1), finding(2)] };
        assert_eq!(all, expected);
    }
}
