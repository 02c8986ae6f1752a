//! A walk along one chain, of a ticket or of a subject of audit records. It finds wrong hashes, missing links, and
//! links that do not agree with the checkpoints. Pure.

use super::finding::FindingKind;
use crate::platform::hashing::{HashSuite, Link};

/// A fault from one sequence to another.
pub(super) type ChainError = (i32, i32, FindingKind);

/// A head of the chain that a checkpoint covers, or that is pending: the sequence, and the link, if it can be read.
pub(super) type KnownHead = (i32, Option<Link>);

/// The walk so far.
#[derive(Debug)]
pub(super) struct ChainWalk {
    /// The faults, in the order of the chain.
    pub(super) errors: Vec<ChainError>,
    /// The links so far.
    links: Vec<(i32, Option<Link>)>,
    /// The last link as it is stored, if it is known.
    before: Option<Link>,
    /// The last link as it should be, by each suite, if the stored one differs.
    computed: Vec<Link>,
}

impl ChainWalk {
    /// A walk from the beginning of a chain.
    pub(super) const fn begin() -> Self {
        Self { errors: Vec::new(), links: Vec::new(), before: Some(Link::NONE), computed: Vec::new() }
    }

    /// The sequence of the last step; 0 before the first.
    pub(super) fn reached(&self) -> i32 {
        self.links.last().map_or(0, |(sequence, _)| *sequence)
    }

    /// The last link, if it is known.
    pub(super) const fn head(&self) -> Option<Link> {
        self.before
    }

    /// Adds a step: what is stored, and how its link is computed from the one before it. Returns whether it follows the
    /// last one.
    pub(super) fn step(
        &mut self,
        sequence: i32,
        stored: &[u8],
        compute: impl Fn(HashSuite, &Link) -> Link,
    ) -> bool {
        let next = self.reached() + 1;
        let follows = sequence == next;
        if !follows {
            // After a gap, links are checked from the first of them on.
            self.errors.push((next, sequence - 1, FindingKind::Missing));
            (self.before, self.computed) = (None, Vec::new());
        }
        self.check(sequence, Link::of(stored), compute);
        self.links.push((sequence, self.before));
        follows
    }

    fn check(&mut self, sequence: i32, stored: Option<Link>, compute: impl Fn(HashSuite, &Link) -> Link) {
        let last = self.before;
        let with_each = || {
            let each = last.map(|before| HashSuite::ALL.map(|suite| compute(suite, &before)).to_vec());
            each.unwrap_or_default()
        };
        let Some((stored, suite)) = stored.and_then(|link| Some((link, link.suite()?))) else {
            self.errors.push((sequence, sequence, FindingKind::Altered));
            (self.before, self.computed) = (None, with_each());
            return;
        };
        // If only the previous link was changed, this one is over its original.
        let is_known = last.is_some() || !self.computed.is_empty();
        let is_valid = last.iter().chain(&self.computed).any(|before| compute(suite, before) == stored);
        if is_known && !is_valid {
            self.errors.push((sequence, sequence, FindingKind::Altered));
        }
        self.computed = if is_valid { Vec::new() } else { with_each() };
        self.before = Some(stored);
    }

    fn link_at(&self, sequence: i32) -> Option<Link> {
        let place = self.links.binary_search_by_key(&sequence, |(sequence, _)| *sequence).ok()?;
        self.links[place].1
    }

    /// Compares with the heads under checkpoints, in the order of the checkpoints, and with the pending ones.
    pub(super) fn end(&mut self, covered: &[KnownHead], pending: &[KnownHead]) {
        let reached = self.reached();
        let known = || covered.iter().chain(pending);
        let longest = known().map(|(sequence, _)| *sequence).max();
        if let Some(longest) = longest.filter(|longest| *longest > reached) {
            self.errors.push((reached + 1, longest, FindingKind::Truncated));
        }
        let mut sound_until = 0;
        for (sequence, link) in known().filter(|(sequence, _)| *sequence <= reached) {
            let there = self.link_at(*sequence);
            if there == *link {
                sound_until = *sequence;
            } else if there.is_some() {
                self.errors.push((sound_until + 1, *sequence, FindingKind::CheckpointMismatch));
                break;
            }
        }
        let is_known = known().any(|(sequence, _)| *sequence >= reached);
        if !is_known && reached > 0 && self.before.is_some() {
            self.errors.push((reached, reached, FindingKind::CheckpointMissing));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::hashing::Hashing;

    fn compute(what: &str) -> impl Fn(HashSuite, &Link) -> Link {
        let what = what.to_owned();
        move |suite, before| Hashing::begin(suite, "x").link(before).text(&what).end()
    }

    type Chain = Vec<(i32, Link, &'static str)>;

    /// Five links over a, b, c, d, e, of both suites.
    fn chain() -> Chain {
        let suites =
            [HashSuite::Sha256, HashSuite::Sm3, HashSuite::Sm3, HashSuite::Sha256, HashSuite::Sha256];
        let mut before = Link::NONE;
        let step = |(place, (what, suite)): (i32, (&'static str, HashSuite))| {
            before = compute(what)(suite, &before);
            (place, before, what)
        };
        (1..).zip(["a", "b", "c", "d", "e"].into_iter().zip(suites)).map(step).collect()
    }

    fn errors(chain: &[(i32, Link, &str)], covered: &[KnownHead]) -> Vec<ChainError> {
        let mut walk = ChainWalk::begin();
        for (sequence, link, what) in chain {
            walk.step(*sequence, link.as_bytes(), compute(what));
        }
        walk.end(covered, &[]);
        walk.errors
    }

    #[test]
    fn each_change_is_found_where_it_is() {
        let sound = chain();
        let head = |place: usize| (sound[place].0, Some(sound[place].1));
        let covered = [head(1), head(4)];
        assert_eq!(errors(&sound, &covered), []);
        let changed = |change: &dyn Fn(&mut Chain)| {
            let mut chain = sound.clone();
            change(&mut chain);
            errors(&chain, &covered)
        };
        let altered = |sequence| (sequence, sequence, FindingKind::Altered);
        assert_eq!(changed(&|chain| chain[2].2 = "x"), [altered(3)]);
        assert_eq!(changed(&|chain| chain[2].1 = chain[0].1), [altered(3)]);
        assert_eq!(changed(&|chain| chain.retain(|link| link.0 != 3)), [(3, 3, FindingKind::Missing)]);
        assert_eq!(changed(&|chain| chain.retain(|link| link.0 != 1)), [(1, 1, FindingKind::Missing)]);
        assert_eq!(changed(&|chain| chain.truncate(4)), [(5, 5, FindingKind::Truncated)]);
        assert_eq!(changed(&|chain| chain.truncate(2)), [(3, 5, FindingKind::Truncated)]);
        assert_eq!(changed(&|chain| chain.push((6, Link::NONE, "f")))[0], altered(6));
        let sound_but_not_covered = compute("f")(HashSuite::Sha256, &sound[4].1);
        let inserted = changed(&|chain| chain.push((6, sound_but_not_covered, "f")));
        assert_eq!(inserted, [(6, 6, FindingKind::CheckpointMissing)]);
    }

    #[test]
    fn a_rewritten_end_is_found_between_two_checkpoints() {
        let sound = chain();
        let mut rewritten = sound.clone();
        rewritten[2].2 = "x";
        for place in 2..5 {
            rewritten[place].1 = compute(rewritten[place].2)(HashSuite::Sha256, &rewritten[place - 1].1);
        }
        let covered = [1, 3, 4].map(|place: usize| (sound[place].0, Some(sound[place].1)));
        assert_eq!(errors(&rewritten, &covered), [(3, 4, FindingKind::CheckpointMismatch)]);
    }

    #[test]
    fn an_end_is_covered_or_pending() {
        let chain = &chain()[..2];
        let [first, second] = [0, 1].map(|place: usize| (chain[place].0, Some(chain[place].1)));
        let ended = |covered: &[KnownHead], pending: &[KnownHead]| {
            let mut walk = ChainWalk::begin();
            for (sequence, link, what) in chain {
                assert!(walk.step(*sequence, link.as_bytes(), compute(what)));
            }
            walk.end(covered, pending);
            walk.errors
        };
        assert_eq!(ended(&[second], &[]), []);
        assert_eq!(ended(&[], &[second]), []);
        assert_eq!(ended(&[first], &[]), [(2, 2, FindingKind::CheckpointMissing)]);
        assert_eq!(ended(&[], &[]), [(2, 2, FindingKind::CheckpointMissing)]);
        assert_eq!(ended(&[first], &[(4, None)]), [(3, 4, FindingKind::Truncated)]);
        assert_eq!(ended(&[(1, second.1)], &[second]), [(1, 1, FindingKind::CheckpointMismatch)]);
        assert_eq!(ChainWalk::begin().reached(), 0);
    }
}
