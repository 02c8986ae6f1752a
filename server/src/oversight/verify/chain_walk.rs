//! A walk along one chain, of a ticket or of a subject of the audit: which links are not the hashes of what is there,
//! what is missing, and what does not agree with the seals. Pure.

use crate::platform::hashing::{HashSuite, Link};
use crate::timeline::Wrong;

use super::super::chain::SUITE_OF_OLD_EVENTS;

/// What is wrong from one sequence to another.
pub(super) type Fault = (i32, i32, Wrong);

/// A head of the chain that was noted elsewhere: the sequence, and the link, if it can be read.
pub(super) type Noted = (i32, Option<Link>);

/// The walk so far.
#[derive(Debug)]
pub(super) struct Walk {
    /// What is wrong, in the order of the chain.
    pub(super) faults: Vec<Fault>,
    /// The links that were passed.
    links: Vec<(i32, Option<Link>)>,
    /// The last link as it is stored, where it is known.
    before: Option<Link>,
    /// What the last link should have been, by each suite, where that is another one.
    computed: Vec<Link>,
    /// Up to here links may be missing, because they are older than the chain.
    old_until: i32,
    unhashed_from: Option<i32>,
}

impl Walk {
    /// A walk from the beginning of a chain; up to a sequence its links may be missing.
    pub(super) const fn begin(old_until: i32) -> Self {
        Self {
            faults: Vec::new(),
            links: Vec::new(),
            before: Some(Link::NONE),
            computed: Vec::new(),
            old_until,
            unhashed_from: None,
        }
    }

    /// The sequence of the last step; 0 before the first.
    pub(super) fn reached(&self) -> i32 {
        self.links.last().map_or(0, |(sequence, _)| *sequence)
    }

    /// The last link, where it is known.
    pub(super) const fn head(&self) -> Option<Link> {
        self.before
    }

    /// Takes a step: what is stored, and how its link is computed from the one before it. Answers whether it follows the
    /// last one.
    pub(super) fn step(
        &mut self,
        sequence: i32,
        stored: Option<&[u8]>,
        compute: impl Fn(HashSuite, &Link) -> Link,
    ) -> bool {
        let next = self.reached() + 1;
        let follows = sequence == next;
        if !follows {
            // What stands behind a gap is checked from its own link on.
            self.faults.push((next, sequence - 1, Wrong::Missing));
            (self.before, self.computed) = (None, Vec::new());
        }
        if let Some(stored) = stored {
            self.hashed(sequence, Link::of(stored), compute);
        } else {
            if sequence > self.old_until {
                self.faults.push((sequence, sequence, Wrong::Unhashed));
            }
            self.unhashed_from = self.unhashed_from.or(Some(sequence));
            self.before = self.before.map(|before| compute(SUITE_OF_OLD_EVENTS, &before));
            self.computed.clear();
        }
        self.links.push((sequence, self.before));
        follows
    }

    fn hashed(&mut self, sequence: i32, stored: Option<Link>, compute: impl Fn(HashSuite, &Link) -> Link) {
        // Where older events have no link of their own, any of them may be the one that was changed.
        let from = self.unhashed_from.take().unwrap_or(sequence);
        let last = self.before;
        let with_each = || {
            let each = last.map(|before| HashSuite::ALL.map(|suite| compute(suite, &before)).to_vec());
            each.unwrap_or_default()
        };
        let Some((stored, suite)) = stored.and_then(|link| Some((link, link.suite()?))) else {
            self.faults.push((from, sequence, Wrong::Altered));
            (self.before, self.computed) = (None, with_each());
            return;
        };
        // Where the link before was changed and nothing else, this one is over what that was.
        let is_known = last.is_some() || !self.computed.is_empty();
        let is_sound = last.iter().chain(&self.computed).any(|before| compute(suite, before) == stored);
        if is_known && !is_sound {
            self.faults.push((from, sequence, Wrong::Altered));
        }
        self.computed = if is_sound { Vec::new() } else { with_each() };
        self.before = Some(stored);
    }

    /// Compares with what was noted when older events were hashed.
    pub(super) fn started(&mut self, sequence: i32, link: Option<Link>) {
        if self.reached() == sequence && self.before.is_some() && self.before != link {
            let from = self.unhashed_from.unwrap_or(sequence);
            self.faults.push((from, sequence, Wrong::Altered));
        }
    }

    fn link_at(&self, sequence: i32) -> Option<Link> {
        let place = self.links.binary_search_by_key(&sequence, |(sequence, _)| *sequence).ok()?;
        self.links[place].1
    }

    /// Compares with the heads under seals, in the order of the seals, and with those that wait for one.
    pub(super) fn end(&mut self, sealed: &[Noted], waiting: &[Noted]) {
        let reached = self.reached();
        let longest = sealed.iter().chain(waiting).map(|(sequence, _)| *sequence).max();
        if let Some(longest) = longest.filter(|longest| *longest > reached) {
            self.faults.push((reached + 1, longest, Wrong::CutOff));
        }
        let mut sound_until = 0;
        let within = sealed.iter().chain(waiting).filter(|(sequence, _)| *sequence <= reached);
        for (sequence, link) in within {
            let there = self.link_at(*sequence);
            if there == *link {
                sound_until = *sequence;
            } else if there.is_some() {
                self.faults.push((sound_until + 1, *sequence, Wrong::SealedOtherwise));
                break;
            }
        }
        let is_noted = sealed.iter().chain(waiting).any(|(sequence, _)| *sequence >= reached);
        if !is_noted && reached > self.old_until && self.before.is_some() {
            self.faults.push((reached, reached, Wrong::Unsealed));
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

    fn faults(chain: &[(i32, Link, &str)], sealed: &[Noted]) -> Vec<Fault> {
        let mut walk = Walk::begin(0);
        for (sequence, link, what) in chain {
            walk.step(*sequence, Some(link.as_bytes()), compute(what));
        }
        walk.end(sealed, &[]);
        walk.faults
    }

    #[test]
    fn each_change_is_found_where_it_is() {
        let sound = chain();
        let seal = |place: usize| (sound[place].0, Some(sound[place].1));
        let sealed = [seal(1), seal(4)];
        assert_eq!(faults(&sound, &sealed), []);
        let changed = |change: &dyn Fn(&mut Chain)| {
            let mut chain = sound.clone();
            change(&mut chain);
            faults(&chain, &sealed)
        };
        let altered = |sequence| (sequence, sequence, Wrong::Altered);
        assert_eq!(changed(&|chain| chain[2].2 = "x"), [altered(3)]);
        assert_eq!(changed(&|chain| chain[2].1 = chain[0].1), [altered(3)]);
        assert_eq!(changed(&|chain| chain.retain(|link| link.0 != 3)), [(3, 3, Wrong::Missing)]);
        assert_eq!(changed(&|chain| chain.retain(|link| link.0 != 1)), [(1, 1, Wrong::Missing)]);
        assert_eq!(changed(&|chain| chain.truncate(4)), [(5, 5, Wrong::CutOff)]);
        assert_eq!(changed(&|chain| chain.truncate(2)), [(3, 5, Wrong::CutOff)]);
        assert_eq!(changed(&|chain| chain.push((6, Link::NONE, "f")))[0], altered(6));
        let sound_but_unsealed = compute("f")(HashSuite::Sha256, &sound[4].1);
        let inserted = changed(&|chain| chain.push((6, sound_but_unsealed, "f")));
        assert_eq!(inserted, [(6, 6, Wrong::Unsealed)]);
    }

    #[test]
    fn a_rewritten_end_is_found_by_the_seals_between_which_it_lies() {
        let sound = chain();
        let mut rewritten = sound.clone();
        rewritten[2].2 = "x";
        for place in 2..5 {
            rewritten[place].1 = compute(rewritten[place].2)(HashSuite::Sha256, &rewritten[place - 1].1);
        }
        let sealed = [1, 3, 4].map(|place: usize| (sound[place].0, Some(sound[place].1)));
        assert_eq!(faults(&rewritten, &sealed), [(3, 4, Wrong::SealedOtherwise)]);
    }

    /// Walks a chain whose first events are older than hashes; `what` says what each is made of.
    fn walk_of_old(old_until: i32, unhashed: &[&str], hashed: Option<Link>) -> Walk {
        let mut walk = Walk::begin(old_until);
        for (sequence, what) in (1..).zip(unhashed) {
            assert!(walk.step(sequence, None, compute(what)));
        }
        if let Some(link) = hashed {
            let next = walk.reached() + 1;
            walk.step(next, Some(link.as_bytes()), compute("c"));
        }
        walk
    }

    fn old_link(whats: &[&str]) -> Link {
        whats.iter().fold(Link::NONE, |before, what| compute(what)(SUITE_OF_OLD_EVENTS, &before))
    }

    #[test]
    fn events_older_than_hashes_are_held_to_the_next_hash() {
        let third = compute("c")(HashSuite::Sm3, &old_link(&["a", "b"]));
        let sound = walk_of_old(2, &["a", "b"], Some(third));
        assert_eq!((sound.faults.as_slice(), sound.reached(), sound.head()), (&[][..], 3, Some(third)));
        let changed = walk_of_old(2, &["a", "x"], Some(third));
        assert_eq!(changed.faults, [(1, 3, Wrong::Altered)], "any of them may be the changed one");
        let too_late = walk_of_old(1, &["a", "b"], Some(third));
        assert_eq!(too_late.faults, [(2, 2, Wrong::Unhashed)]);
    }

    #[test]
    fn what_was_noted_when_older_events_were_hashed_counts() {
        let noted = |sequence, link| {
            let mut walk = walk_of_old(2, &["a", "b"], None);
            walk.started(sequence, link);
            walk.faults
        };
        let second = Some(old_link(&["a", "b"]));
        assert_eq!(noted(2, second), []);
        assert_eq!(noted(2, Some(old_link(&["a", "x"]))), [(1, 2, Wrong::Altered)]);
        assert_eq!(noted(2, None), [(1, 2, Wrong::Altered)]);
        assert_eq!(noted(1, Some(old_link(&["x"]))), [], "it is past already");
        let mut behind_gap = Walk::begin(9);
        assert!(!behind_gap.step(2, None, compute("b")));
        behind_gap.started(2, second);
        assert_eq!(behind_gap.faults, [(1, 1, Wrong::Missing)], "nobody knows what stood before");
    }

    #[test]
    fn an_end_is_sealed_waits_for_a_seal_or_is_old() {
        let ended = |old_until, sealed: &[Noted], waiting: &[Noted]| {
            let mut walk = walk_of_old(old_until, &["a", "b"], None);
            walk.faults.clear();
            walk.end(sealed, waiting);
            walk.faults
        };
        let noted = (2, Some(old_link(&["a", "b"])));
        let first = (1, Some(old_link(&["a"])));
        assert_eq!(ended(1, &[noted], &[]), []);
        assert_eq!(ended(1, &[], &[noted]), []);
        assert_eq!(ended(1, &[first], &[]), [(2, 2, Wrong::Unsealed)]);
        assert_eq!(ended(1, &[], &[]), [(2, 2, Wrong::Unsealed)]);
        assert_eq!(ended(2, &[], &[]), [], "it is older than seals");
        assert_eq!(ended(1, &[first], &[(4, None)]), [(3, 4, Wrong::CutOff)]);
        assert_eq!(ended(1, &[(1, noted.1)], &[noted]), [(1, 1, Wrong::SealedOtherwise)]);
        assert_eq!(Walk::begin(0).reached(), 0);
    }
}
