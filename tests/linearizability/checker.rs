//! Decides whether a concurrent history is linearizable: whether each operation can be given one instant between its
//! call and its answer, so that a sequential object gives exactly these answers in that order.
//!
//! The search is that of Wing and Gong (1993) with the cache of Lowe (2017), as Porcupine uses it: it visits no pair of
//! (operations that have taken effect, state) twice. Histories are checked by ticket (Horn and Kroening 2015: a history
//! is linearizable if and only if the history of each object is). Three rules keep the search small without changing
//! its result:
//!
//! - An operation that fits and can never change anything is done at once, because it can be first in every order.
//! - An operation without a known outcome is tried only if it changes something; otherwise it can be last.
//! - When it can never change anything again (a repeat of an acknowledged request), it counts as done.

use std::collections::HashSet;
use std::hash::Hash;

/// The most operations in one history: the set of done operations is one integer.
pub(crate) const OPERATIONS_MAX: usize = 128;

/// A sequential object.
pub(crate) trait Model {
    /// Its state.
    type State: Clone + Eq + Hash;
    /// A call.
    type Call: Clone;
    /// An answer.
    type Answer: Clone + Eq;

    /// The state before the first call.
    fn initial(&self) -> Self::State;

    /// The state after a call, and the answer.
    fn execute(&self, state: &Self::State, call: &Self::Call) -> (Self::State, Self::Answer);

    /// Whether a call can never change anything after this state.
    fn is_settled(&self, state: &Self::State, call: &Self::Call) -> bool;

    /// Whether an operation with this answer has changed nothing.
    fn is_without_effect(&self, call: &Self::Call, answer: &Self::Answer) -> bool;
}

/// One operation of a history. Instants are positions in one order of all calls and answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Operation<C, A> {
    pub(crate) client: usize,
    pub(crate) call: C,
    /// `None` if the outcome is unknown: it may take effect at any later time, or never.
    pub(crate) answer: Option<A>,
    pub(crate) called_at: u64,
    /// When the client got the answer, or gave up.
    pub(crate) ended_at: u64,
}

/// The history of one object.
pub(crate) type History<M> = Vec<Operation<<M as Model>::Call, <M as Model>::Answer>>;

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict<S> {
    Linearizable,
    /// No order explains the answers. The longest partial order explains these operations and ends in this state.
    NotLinearizable {
        explained: Vec<usize>,
        state: S,
    },
    /// The search was given up after this many steps.
    Undecided,
}

/// The done operations, as bits.
type DoneSet = u128;

/// Checks a history; visits at most this many pairs of (operations done, state).
pub(crate) fn check<M: Model>(
    model: &M,
    history: &[Operation<M::Call, M::Answer>],
    pairs_max: usize,
) -> Verdict<M::State> {
    check_and_count(model, history, pairs_max).0
}

/// Checks a history; returns also how many pairs were visited.
pub(crate) fn check_and_count<M: Model>(
    model: &M,
    history: &[Operation<M::Call, M::Answer>],
    pairs_max: usize,
) -> (Verdict<M::State>, usize) {
    if history.len() > OPERATIONS_MAX {
        return (Verdict::Undecided, 0);
    }
    let search = Search { model, history };
    let known: DoneSet = bits(history.iter().enumerate().filter(|(_, operation)| operation.answer.is_some()));
    let start = search.settled(0, model.initial());
    let mut best = start.clone();
    let mut visited = HashSet::from([start.clone()]);
    let mut open = vec![start];
    while let Some((done, state)) = open.pop() {
        if done & known == known {
            return (Verdict::Linearizable, visited.len());
        }
        if (done & known).count_ones() > (best.0 & known).count_ones() {
            best = (done, state.clone());
        }
        for next in search.next(done, &state) {
            if visited.len() >= pairs_max {
                return (Verdict::Undecided, visited.len());
            }
            if visited.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    let explained = (0..history.len()).filter(|place| best.0 & (1 << place) != 0).collect();
    (Verdict::NotLinearizable { explained, state: best.1 }, visited.len())
}

fn bits<T>(places: impl Iterator<Item = (usize, T)>) -> DoneSet {
    places.fold(0, |done, (place, _)| done | (1 << place))
}

struct Search<'a, M: Model> {
    model: &'a M,
    history: &'a [Operation<M::Call, M::Answer>],
}

impl<M: Model> Search<'_, M> {
    /// The possible next steps, the most promising last.
    fn next(&self, done: DoneSet, state: &M::State) -> Vec<(DoneSet, M::State)> {
        let open = |place: &usize| done & (1 << place) == 0;
        // An operation that was called after another one had been answered cannot come before that one.
        let first_end = (0..self.history.len())
            .filter(open)
            .filter(|place| self.history[*place].answer.is_some())
            .map(|place| self.history[place].ended_at)
            .min();
        let mut candidates: Vec<usize> = (0..self.history.len())
            .filter(open)
            .filter(|place| first_end.is_none_or(|end| self.history[*place].called_at < end))
            .collect();
        candidates.sort_by_key(|place| {
            let operation = &self.history[*place];
            (operation.answer.is_some(), std::cmp::Reverse(operation.ended_at))
        });
        let mut next = Vec::new();
        for place in candidates {
            let operation = &self.history[place];
            let (after, answer) = self.model.execute(state, &operation.call);
            match &operation.answer {
                Some(given) if *given != answer => {}
                Some(given) if self.is_never_effective(state, &operation.call, given) => {
                    return vec![self.settled(done | (1 << place), after)];
                }
                None if after == *state => {}
                _ => next.push(self.settled(done | (1 << place), after)),
            }
        }
        next
    }

    /// Whether an operation with this answer changes nothing, here or later.
    fn is_never_effective(&self, state: &M::State, call: &M::Call, answer: &M::Answer) -> bool {
        self.model.is_without_effect(call, answer) || self.model.is_settled(state, call)
    }

    /// Counts operations as done that have no known outcome and can have no effect any more.
    fn settled(&self, done: DoneSet, state: M::State) -> (DoneSet, M::State) {
        let is_over = |(place, operation): &(usize, &Operation<M::Call, M::Answer>)| {
            done & (1 << place) == 0
                && operation.answer.is_none()
                && self.model.is_settled(&state, &operation.call)
        };
        let over = bits(self.history.iter().enumerate().filter(is_over));
        (done | over, state)
    }
}

/// A smaller history that is not linearizable either. It is cut off after the first unexplained answer, and operations
/// that are not needed for the violation are removed.
pub(crate) fn shrink<M: Model>(model: &M, history: &History<M>, pairs_max: usize) -> History<M> {
    let mut ends: Vec<u64> = history.iter().map(|operation| operation.ended_at).collect();
    ends.sort_unstable();
    // A prefix of a linearizable history is linearizable, so a binary search finds the first wrong one.
    let is_valid = |end: &u64| unexplained(model, &beginning::<M>(history, *end), pairs_max).is_none();
    let Some(end) = ends.get(ends.partition_point(is_valid)) else { return history.clone() };
    let mut small = beginning::<M>(history, *end);
    for place in (0..small.len()).rev() {
        let mut smaller = small.clone();
        let Operation { call, answer, .. } = smaller.remove(place);
        let changed_nothing = answer.is_some_and(|answer| model.is_without_effect(&call, &answer));
        let left = unexplained(model, &smaller, pairs_max);
        // An operation that changed nothing can be removed from every order, so the rest is wrong for the same reason.
        // An operation that may have changed something is kept if it explains an answer.
        let is_needless =
            left.is_some() && (changed_nothing || left == unexplained(model, &small, pairs_max));
        if is_needless {
            small = smaller;
        }
    }
    small
}

/// How many answers no order explains; `None` if the history is linearizable, or the search was given up.
fn unexplained<M: Model>(model: &M, history: &History<M>, pairs_max: usize) -> Option<usize> {
    let Verdict::NotLinearizable { explained, .. } = check(model, history, pairs_max) else { return None };
    let is_open = |(place, operation): &(usize, &Operation<M::Call, M::Answer>)| {
        operation.answer.is_some() && !explained.contains(place)
    };
    Some(history.iter().enumerate().filter(is_open).count())
}

/// What was known at an instant.
fn beginning<M: Model>(history: &History<M>, end: u64) -> History<M> {
    let called = history.iter().filter(|operation| operation.called_at <= end);
    let known = called.map(|operation| {
        let is_answered = operation.ended_at <= end;
        Operation { answer: operation.answer.clone().filter(|_| is_answered), ..operation.clone() }
    });
    known.collect()
}
