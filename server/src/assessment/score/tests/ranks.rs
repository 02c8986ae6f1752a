//! Ranks: ties, units with few cases, and units without any.

use super::super::{Scheme, Standing, UnitScore, rank};
use super::fixture::{asked, fact, score};
use crate::ticket::{Satisfied, UnitCode};

fn scheme() -> Scheme {
    Scheme::equal_thirds().unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn satisfied(counted: u32, of: u32) -> UnitScore {
    let answer = |sequence| if sequence > counted { Satisfied::Dissatisfied } else { Satisfied::Satisfied };
    score(&scheme(), &(1..=of).map(|sequence| asked(sequence, answer(sequence))).collect::<Vec<_>>())
}

fn standings(scores: Vec<(&str, UnitScore)>) -> Vec<(String, Standing)> {
    let scores = scores.into_iter().map(|(unit, score)| (UnitCode(unit.to_owned()), score)).collect();
    rank(&scheme(), scores).into_iter().map(|place| (place.unit.0, place.standing)).collect()
}

#[test]
fn ties_share_a_rank_and_unranked_units_stand_apart() {
    let found = standings(vec![
        ("a-none", score(&scheme(), &[])),
        ("b-nothing-due", score(&scheme(), &[fact(1)])),
        ("c-few", satisfied(9, 9)),
        ("d-half", satisfied(10, 20)),
        ("e-best", satisfied(20, 20)),
        ("f-half", satisfied(20, 40)),
        ("g-worst", satisfied(0, 20)),
    ]);
    let expected = [
        ("e-best", Standing::Ranked(1)),
        ("d-half", Standing::Ranked(2)),
        ("f-half", Standing::Ranked(2)),
        ("g-worst", Standing::Ranked(4)),
        ("c-few", Standing::TooFewCases),
        ("b-nothing-due", Standing::NothingDue),
        ("a-none", Standing::NoRequest),
    ];
    assert_eq!(found, expected.map(|(unit, standing)| (unit.to_owned(), standing)));
}

#[test]
fn composites_that_print_alike_are_ties() {
    // Satisfaction of 66.625 % and of 66.650 %: both composites, 88.875 and 88.8833, are printed as 88.88.
    let scores = [("a", satisfied(2_665, 4_000)), ("b", satisfied(2_666, 4_000)), ("c", satisfied(1, 10))];
    let found = standings(scores.into());
    let ranks: Vec<_> = found.into_iter().map(|(_, standing)| standing).collect();
    assert_eq!(ranks, [Standing::Ranked(1), Standing::Ranked(1), Standing::Ranked(3)]);
}
