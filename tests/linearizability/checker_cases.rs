//! The checker on histories with known results: a register with compare-and-set, and repeatable requests.

use crate::checker::{Model, OPERATIONS_MAX, Operation, Verdict, check, shrink};
use crate::support::suite::TestResult;

/// Far more than any case needs, except the one that must be given up.
const PAIRS_MAX: usize = 100_000;

/// A register of one number.
struct Register;

#[derive(Debug, Clone, PartialEq, Eq)]
enum RegisterCall {
    Read,
    Write(u32),
    /// From, to.
    Swap(u32, u32),
    /// A number is added once for each request.
    AddOnce {
        request: u32,
        number: u32,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum RegisterAnswer {
    Number(u32),
    Done,
    Refused,
}

impl Model for Register {
    /// The number, and the requests that have added to it.
    type State = (u32, Vec<u32>);
    type Call = RegisterCall;
    type Answer = RegisterAnswer;

    fn initial(&self) -> Self::State {
        (0, Vec::new())
    }

    fn execute(&self, state: &Self::State, call: &RegisterCall) -> (Self::State, RegisterAnswer) {
        let (number, requests) = state.clone();
        match *call {
            RegisterCall::Read => ((number, requests), RegisterAnswer::Number(number)),
            RegisterCall::Write(new) => ((new, requests), RegisterAnswer::Done),
            RegisterCall::Swap(from, to) if from == number => ((to, requests), RegisterAnswer::Done),
            RegisterCall::Swap(..) => ((number, requests), RegisterAnswer::Refused),
            RegisterCall::AddOnce { request, .. } if requests.contains(&request) => {
                ((number, requests), RegisterAnswer::Done)
            }
            RegisterCall::AddOnce { request, number: more } => {
                ((number + more, [requests, vec![request]].concat()), RegisterAnswer::Done)
            }
        }
    }

    fn is_settled(&self, (_, requests): &Self::State, call: &RegisterCall) -> bool {
        match call {
            RegisterCall::Read => true,
            RegisterCall::Write(_) | RegisterCall::Swap(..) => false,
            RegisterCall::AddOnce { request, .. } => requests.contains(request),
        }
    }

    fn is_without_effect(&self, _: &RegisterCall, answer: &RegisterAnswer) -> bool {
        *answer != RegisterAnswer::Done
    }
}

use RegisterCall::{AddOnce, Read, Swap, Write};

type Line = (u64, u64, RegisterCall, Option<RegisterAnswer>);

fn history(lines: &[Line]) -> Vec<Operation<RegisterCall, RegisterAnswer>> {
    let operation = |(client, (called_at, ended_at, call, answer)): (usize, &Line)| Operation {
        client,
        call: call.clone(),
        answer: answer.clone(),
        called_at: *called_at,
        ended_at: *ended_at,
    };
    lines.iter().enumerate().map(operation).collect()
}

const DONE: Option<RegisterAnswer> = Some(RegisterAnswer::Done);
const REFUSED: Option<RegisterAnswer> = Some(RegisterAnswer::Refused);
const UNKNOWN: Option<RegisterAnswer> = None;

const fn number(number: u32) -> RegisterAnswer {
    RegisterAnswer::Number(number)
}

/// Histories that an atomic register can have.
fn linearizable() -> Vec<(&'static str, Vec<Line>)> {
    let add = |request, number| AddOnce { request, number };
    vec![
        ("nothing happens", vec![]),
        ("one after another", vec![(1, 2, Write(1), DONE), (3, 4, Read, Some(number(1)))]),
        (
            "a read beside a write sees the old number",
            vec![(1, 4, Write(1), DONE), (2, 3, Read, Some(number(0)))],
        ),
        (
            "a read beside a write sees the new number",
            vec![(1, 4, Write(1), DONE), (2, 3, Read, Some(number(1)))],
        ),
        (
            "two writes at once, in the other order",
            vec![(1, 5, Write(1), DONE), (2, 4, Write(2), DONE), (6, 7, Read, Some(number(1)))],
        ),
        (
            "a write of the number that is there counts later",
            vec![(1, 10, Write(0), DONE), (2, 9, Write(2), DONE), (11, 12, Read, Some(number(0)))],
        ),
        (
            "of two swaps at once one is refused",
            vec![(1, 5, Swap(0, 1), DONE), (2, 4, Swap(0, 2), REFUSED), (6, 7, Read, Some(number(1)))],
        ),
        (
            "a lost write takes effect late",
            vec![
                (1, 2, Write(1), UNKNOWN),
                (3, 4, Read, Some(number(0))),
                (5, 6, Write(2), DONE),
                (7, 8, Read, Some(number(1))),
            ],
        ),
        ("a lost write never takes effect", vec![(1, 2, Write(1), UNKNOWN), (3, 4, Read, Some(number(0)))]),
        (
            "a repeat of a lost request adds once",
            vec![(1, 2, add(7, 5), UNKNOWN), (3, 4, add(7, 5), DONE), (5, 6, Read, Some(number(5)))],
        ),
    ]
}

/// Histories that an atomic register can't have.
fn not_linearizable() -> Vec<(&'static str, Vec<Line>)> {
    let add = |request, number| AddOnce { request, number };
    vec![
        ("a stale read", vec![(1, 2, Write(1), DONE), (3, 4, Read, Some(number(0)))]),
        ("a number that nobody wrote", vec![(1, 2, Read, Some(number(9)))]),
        ("a number that is written later", vec![(1, 2, Read, Some(number(1))), (3, 4, Write(1), DONE)]),
        ("a lost update", vec![(1, 4, Swap(0, 1), DONE), (2, 3, Swap(0, 2), DONE)]),
        (
            "two readers see two writes in two orders",
            vec![
                (1, 20, Write(1), DONE),
                (2, 21, Write(2), DONE),
                (3, 4, Read, Some(number(1))),
                (5, 6, Read, Some(number(2))),
                (7, 8, Read, Some(number(1))),
            ],
        ),
        (
            "a lost write is undone",
            vec![(1, 2, Write(1), UNKNOWN), (3, 4, Read, Some(number(1))), (5, 6, Read, Some(number(0)))],
        ),
        (
            "a repeated request adds twice",
            vec![(1, 2, add(7, 5), DONE), (3, 4, add(7, 5), DONE), (5, 6, Read, Some(number(10)))],
        ),
        ("a swap is refused without a reason", vec![(1, 2, Swap(0, 1), REFUSED)]),
    ]
}

/// Runs every case; returns the figures, or the first wrong result.
pub(crate) fn run() -> TestResult {
    let good = linearizable();
    let bad = not_linearizable();
    for (name, lines) in &good {
        let verdict = check(&Register, &history(lines), PAIRS_MAX);
        if verdict != Verdict::Linearizable {
            return Err(format!("{name}: {verdict:?}"));
        }
    }
    for (name, lines) in &bad {
        let verdict = check(&Register, &history(lines), PAIRS_MAX);
        if !matches!(verdict, Verdict::NotLinearizable { .. }) {
            return Err(format!("{name}: {verdict:?}"));
        }
    }
    the_longest_explanation_is_reported()?;
    a_hard_history_is_given_up()?;
    many_lost_repeats_stay_cheap()?;
    a_violation_shrinks_to_what_shows_it()?;
    Ok(format!("{} linearizable histories, {} others, bounds and shrinking", good.len(), bad.len()))
}

fn the_longest_explanation_is_reported() -> Result<(), String> {
    let lines = [(1, 2, Write(1), DONE), (3, 4, Write(2), DONE), (5, 6, Read, Some(number(1)))];
    let verdict = check(&Register, &history(&lines), PAIRS_MAX);
    let expected = Verdict::NotLinearizable { explained: vec![0, 1], state: (2, Vec::new()) };
    if verdict == expected { Ok(()) } else { Err(format!("not {expected:?}: {verdict:?}")) }
}

/// Concurrent writes of different numbers have as many orders as there are subsets. The search must end all the same.
fn a_hard_history_is_given_up() -> Result<(), String> {
    let mut lines: Vec<Line> = (1..30).map(|place| (place, 100, Write(narrow(place)), DONE)).collect();
    lines.push((101, 102, Read, Some(number(99))));
    let verdict = check(&Register, &history(&lines), 10_000);
    let too_long: Vec<Line> = (1..=OPERATIONS_MAX as u64 + 1).map(|at| (at, at, Read, UNKNOWN)).collect();
    let verdicts = [verdict, check(&Register, &history(&too_long), 10_000)];
    if verdicts.iter().all(|verdict| *verdict == Verdict::Undecided) {
        Ok(())
    } else {
        Err(format!("a hard and a long history: {verdicts:?}"))
    }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A lost request and its repeat are one effect in two orders. They must not double the search each time.
fn many_lost_repeats_stay_cheap() -> Result<(), String> {
    let lines: Vec<Line> = (0..40)
        .flat_map(|request| {
            let add = AddOnce { request, number: 1 };
            let at = u64::from(request) * 4;
            [(at, at + 1, add.clone(), UNKNOWN), (at + 2, at + 3, add, DONE)]
        })
        .chain([(1_000, 1_001, Read, Some(number(40)))])
        .collect();
    let verdict = check(&Register, &history(&lines), 1_000);
    if verdict == Verdict::Linearizable { Ok(()) } else { Err(format!("lost repeats: {verdict:?}")) }
}

fn a_violation_shrinks_to_what_shows_it() -> Result<(), String> {
    let lines = [
        (1, 2, Read, Some(number(0))),
        (3, 4, Write(1), DONE),
        (5, 6, Swap(0, 3), REFUSED),
        (7, 8, Read, Some(number(1))),
        (8, 9, Write(8), UNKNOWN),
        (9, 10, Read, Some(number(0))),
        (11, 12, Write(5), DONE),
        (13, 14, Read, Some(number(5))),
    ];
    let small = shrink(&Register, &history(&lines), PAIRS_MAX);
    let calls: Vec<_> = small.iter().map(|operation| (operation.called_at, &operation.call)).collect();
    if calls == [(3, &Write(1)), (9, &Read)] { Ok(()) } else { Err(format!("it shrank to {calls:?}")) }
}
