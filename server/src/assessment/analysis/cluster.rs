//! Clusters: the tickets of a period that seem to have the same cause, against the period before. Pure.
//!
//! Texts are grouped as they came in. What people said is the same counts more than the texts: a repeat belongs to the
//! ticket it was merged into, and linked tickets belong together. Counts are those of the period; a cluster of fewer
//! than [`CLUSTER_TICKETS_MIN`] tickets is none.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::growth::growth;
use crate::desk::suggest::cause_groups::CauseGroups;
use crate::desk::suggest::redacted::RedactedText;
use crate::desk::suggest::similarity::ComparedText;
use crate::ticket::{Ticket, TicketNumber};

/// The fewest tickets of a cluster.
pub const CLUSTER_TICKETS_MIN: i64 = 3;
/// The most ticket numbers of a cluster.
pub const NUMBERS_MAX: usize = 100;
/// The most districts, and the most topics, of a cluster.
const PLACES_MAX: usize = 5;

/// A value with its tickets, for example a district.
pub type ValueCount = (String, i64);

/// Tickets of the same cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Its tickets in the period.
    pub tickets: i64,
    /// Its tickets in the period before.
    pub period_before: i64,
    /// The growth, in standard deviations.
    pub growth: f64,
    /// Where most of them are.
    pub districts: Vec<ValueCount>,
    /// What most of them are about.
    pub topics: Vec<ValueCount>,
    /// The first tickets of the period.
    pub numbers: Vec<TicketNumber>,
}

/// What a cluster has so far.
#[derive(Debug, Default)]
struct Gathered {
    tickets: i64,
    period_before: i64,
    districts: BTreeMap<String, i64>,
    topics: BTreeMap<String, i64>,
    numbers: Vec<TicketNumber>,
}

/// The tickets that were grouped so far.
#[derive(Debug, Default)]
pub struct Clustering {
    causes: CauseGroups,
    /// The group of each ticket.
    group_of: HashMap<TicketNumber, usize>,
    groups: Vec<Gathered>,
}

/// The redacted text of a ticket, as it is compared.
#[must_use]
pub fn compared(ticket: &Ticket) -> ComparedText {
    let RedactedText { subject, body } = RedactedText::of_ticket(ticket);
    ComparedText::of(&subject, &body)
}

impl Clustering {
    /// Adds the ticket that came in next. `is_of_period` is false in the period before.
    pub fn add(&mut self, ticket: &Ticket, is_of_period: bool) {
        let same = ticket.merged_into.iter().chain(&ticket.repeats).chain(&ticket.linked_tickets);
        let known = same.filter_map(|other| self.group_of.get(other)).min().copied();
        let group = known.unwrap_or_else(|| self.causes.group_of(compared(ticket)));
        self.group_of.insert(ticket.number, group);
        if self.groups.len() <= group {
            self.groups.resize_with(group + 1, Gathered::default);
        }
        let gathered = &mut self.groups[group];
        if !is_of_period {
            gathered.period_before += 1;
            return;
        }
        gathered.tickets += 1;
        for (counts, value) in
            [(&mut gathered.districts, &ticket.district), (&mut gathered.topics, &ticket.topic)]
        {
            if let Some(value) = value {
                *counts.entry(value.clone()).or_default() += 1;
            }
        }
        if gathered.numbers.len() < NUMBERS_MAX {
            gathered.numbers.push(ticket.number);
        }
    }

    /// The clusters with the largest growth, the largest first. Of equal ones the larger comes first, then the one
    /// whose first ticket came in earlier.
    #[must_use]
    pub fn into_clusters(self, clusters_max: usize) -> Vec<Cluster> {
        let is_cluster = |one: &Gathered| one.tickets >= CLUSTER_TICKETS_MIN;
        let mut clusters: Vec<Cluster> =
            self.groups.into_iter().filter(is_cluster).map(Gathered::into_cluster).collect();
        clusters.sort_by(|one, other| {
            other.growth.total_cmp(&one.growth).then_with(|| other.tickets.cmp(&one.tickets))
        });
        clusters.truncate(clusters_max);
        clusters
    }
}

impl Gathered {
    fn into_cluster(self) -> Cluster {
        Cluster {
            tickets: self.tickets,
            period_before: self.period_before,
            growth: growth(self.period_before, self.tickets),
            districts: most(self.districts),
            topics: most(self.topics),
            numbers: self.numbers,
        }
    }
}

/// The values with the most tickets.
fn most(counts: BTreeMap<String, i64>) -> Vec<ValueCount> {
    let mut counts: Vec<ValueCount> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    counts.truncate(PLACES_MAX);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closed_loop::create_ticket::CreateTicket;
    use crate::closed_loop::fixture::{Desk, appeal, number};

    const POWER: &str = "今天上午我们园区突然停电，生产线全部停了。";
    const INVOICE: &str = "我们申请提高发票额度没有通过。";

    /// A ticket with a number, a text and a district.
    fn ticket(sequence: u32, content: &str, district: &str) -> Ticket {
        let intake = CreateTicket {
            subject: content.to_owned(),
            content: content.to_owned(),
            district: Some(district.to_owned()),
            ..appeal()
        };
        Ticket { number: number(sequence), ..Desk::open().taken_in(&intake) }
    }

    fn clusters(tickets: &[(Ticket, bool)]) -> Vec<Cluster> {
        let mut clustering = Clustering::default();
        for (ticket, is_of_period) in tickets {
            clustering.add(ticket, *is_of_period);
        }
        clustering.into_clusters(10)
    }

    #[test]
    fn a_cluster_has_its_growth_and_its_places() {
        let mut tickets = vec![(ticket(1, POWER, "110105"), false), (ticket(2, INVOICE, "110105"), false)];
        tickets.extend((3..6).map(|at| (ticket(at, POWER, "110108"), true)));
        tickets.push((ticket(6, POWER, "110105"), true));
        tickets.extend((7..9).map(|at| (ticket(at, INVOICE, "110105"), true)));
        let [cluster] = clusters(&tickets).try_into().expect("two tickets are no cluster");
        assert_eq!((cluster.tickets, cluster.period_before), (4, 1));
        assert!((cluster.growth - growth(1, 4)).abs() < f64::EPSILON);
        let count = |district: &str, count| (district.to_owned(), count);
        assert_eq!(cluster.districts, [count("110108", 3), count("110105", 1)]);
        assert_eq!(cluster.numbers.len(), 4);
    }

    #[test]
    fn what_people_linked_or_merged_belongs_together() {
        let first = ticket(1, POWER, "110105");
        let linked = Ticket { linked_tickets: vec![first.number], ..ticket(2, INVOICE, "110105") };
        let repeat = Ticket { merged_into: Some(first.number), ..ticket(3, "许可证", "110105") };
        let all = [first, linked, repeat].map(|ticket| (ticket, true));
        let [cluster] = clusters(&all).try_into().expect("one cluster");
        assert_eq!(cluster.tickets, 3);
    }

    #[test]
    fn small_numbers_do_not_win() {
        let mut tickets: Vec<_> = (1..5).map(|at| (ticket(at, POWER, "110105"), false)).collect();
        tickets.extend((10..13).map(|at| (ticket(at, INVOICE, "110105"), true)));
        tickets.extend((20..40).map(|at| (ticket(at, POWER, "110105"), true)));
        let found = clusters(&tickets);
        let sizes: Vec<_> = found.iter().map(|one| (one.tickets, one.period_before)).collect();
        assert_eq!(sizes, [(20, 4), (3, 0)], "three from nothing are less than 20 from 4");
    }
}
