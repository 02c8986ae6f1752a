//! The best tickets of a query: those with the highest sum of weight times impact, the newest first among equals.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::block::Entries;

/// A ticket and its rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ranked {
    /// The sum.
    pub(super) score: u32,
    /// The number of the ticket, which decides among equals.
    pub(super) number: i64,
}

/// What a ticket has of the query so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sum {
    number: i64,
    score: u32,
    terms: usize,
}

/// Collects the best tickets.
#[derive(Debug)]
pub(super) struct Ranking {
    /// The weight of each term.
    pub(super) weights: Vec<u8>,
    /// How many terms a ticket must have.
    pub(super) required: usize,
    /// The ticket after which the page begins.
    pub(super) after: Option<Ranked>,
    /// The only tickets that can be found; `None` for all.
    pub(super) only: Option<HashSet<i64>>,
    /// Tickets that the index does not decide about, because they have changed since.
    pub(super) passed_over: HashSet<i64>,
    /// How many of the best are kept.
    pub(super) size: usize,
    best: BinaryHeap<Reverse<Ranked>>,
}

impl Ranking {
    /// Nothing found yet.
    pub(super) fn new(weights: Vec<u8>, required: usize, after: Option<Ranked>, size: usize) -> Self {
        let (only, passed_over, best) = (None, HashSet::new(), BinaryHeap::new());
        Self { weights, required, after, only, passed_over, size, best }
    }

    /// Looks at the entries of one block: of each term, by its place in the query.
    pub(super) fn add_block(&mut self, lists: Vec<(usize, Entries)>) {
        let mut sums: Vec<Sum> = Vec::new();
        for (term, entries) in lists {
            let weight = self.weight(term);
            sums = merged(&sums, &entries, weight);
        }
        for sum in sums {
            let is_asked = self.only.as_ref().is_none_or(|only| only.contains(&sum.number));
            if is_asked && !self.passed_over.contains(&sum.number) {
                self.offer(sum);
            }
        }
    }

    /// Looks at a ticket that was read itself: the impact of each term that it has.
    pub(super) fn add_ticket(&mut self, number: i64, impacts: impl IntoIterator<Item = (usize, u8)>) {
        let mut sum = Sum { number, score: 0, terms: 0 };
        for (term, impact) in impacts {
            sum.score += self.weight(term) * u32::from(impact);
            sum.terms += 1;
        }
        self.offer(sum);
    }

    fn weight(&self, term: usize) -> u32 {
        self.weights.get(term).copied().map_or(0, u32::from)
    }

    fn offer(&mut self, sum: Sum) {
        let ranked = Ranked { score: sum.score, number: sum.number };
        if sum.terms < self.required || self.after.is_some_and(|after| ranked >= after) {
            return;
        }
        if self.best.len() < self.size {
            self.best.push(Reverse(ranked));
        } else if self.best.peek().is_some_and(|Reverse(worst)| ranked > *worst) {
            self.best.pop();
            self.best.push(Reverse(ranked));
        }
    }

    /// The best tickets, the best first.
    pub(super) fn into_best(self) -> Vec<Ranked> {
        self.best.into_sorted_vec().into_iter().map(|Reverse(ranked)| ranked).collect()
    }
}

/// The sums with another term added. Both are in rising order of number.
fn merged(sums: &[Sum], entries: &Entries, weight: u32) -> Vec<Sum> {
    let mut all = Vec::with_capacity(sums.len() + entries.len());
    let (mut sums, mut entries) = (sums.iter().copied().peekable(), entries.iter().copied().peekable());
    loop {
        let next = match (sums.peek(), entries.peek()) {
            (Some(sum), Some((number, _))) if sum.number < *number => sums.next(),
            (Some(sum), Some((number, impact))) if sum.number == *number => {
                let score = sum.score + weight * u32::from(*impact);
                let sum = Sum { score, terms: sum.terms + 1, ..*sum };
                sums.next();
                entries.next();
                Some(sum)
            }
            (_, Some((number, impact))) => {
                let sum = Sum { number: *number, score: weight * u32::from(*impact), terms: 1 };
                entries.next();
                Some(sum)
            }
            (_, None) => sums.next(),
        };
        match next {
            Some(sum) => all.push(sum),
            None => return all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(required: usize, after: Option<Ranked>, size: usize) -> Ranking {
        let mut ranking = Ranking::new(vec![10, 1], required, after, size);
        ranking.add_block(vec![(0, vec![(1, 5), (3, 5)]), (1, vec![(2, 9), (3, 9), (4, 9)])]);
        ranking.add_block(vec![(1, vec![(7, 60)])]);
        ranking
    }

    fn numbers(ranking: Ranking) -> Vec<i64> {
        ranking.into_best().into_iter().map(|ranked| ranked.number).collect()
    }

    #[test]
    fn the_best_come_first_and_the_newest_among_equals() {
        assert_eq!(numbers(ranking(1, None, 10)), [7, 3, 1, 4, 2]);
        assert_eq!(numbers(ranking(1, None, 2)), [7, 3]);
        assert_eq!(numbers(ranking(2, None, 10)), [3]);
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_repeat() {
        let all = ranking(1, None, 10).into_best();
        for (place, last) in all.iter().enumerate() {
            let rest: Vec<_> = all[place + 1..].iter().map(|ranked| ranked.number).collect();
            assert_eq!(numbers(ranking(1, Some(*last), 10)), rest);
        }
    }

    #[test]
    fn a_ticket_that_was_read_ranks_as_if_it_were_indexed() {
        let mut direct = Ranking::new(vec![10, 1], 1, None, 10);
        direct.passed_over = HashSet::from([3]);
        direct.add_block(vec![(0, vec![(3, 200)])]);
        direct.add_ticket(3, [(0, 5), (1, 9)]);
        assert_eq!(direct.into_best(), [Ranked { score: 59, number: 3 }]);
    }

    #[test]
    fn only_the_tickets_that_were_asked_for_are_found() {
        let mut ranking = Ranking::new(vec![1], 1, None, 10);
        ranking.only = Some(HashSet::from([2]));
        ranking.add_block(vec![(0, vec![(1, 9), (2, 1)])]);
        assert_eq!(numbers(ranking), [2]);
    }
}
