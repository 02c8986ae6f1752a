//! The product and the second scorer agree on random tickets under random schemes; with an injected error they do not.
//!
//! `HOTLINE_TEST_FACTS` sets the number of sets of facts, and `HOTLINE_TEST_SEED` another seed.

use super::super::bug::{self, Bug};
use super::super::fact::Fact;
use super::super::{MonthTally, Rate, Scheme, UnitScore};
use super::fixture::{by_rollup, october, unit};
use super::random_facts::{self, Random};
use super::reference;

/// Sets of facts in the gate.
const SETS: u64 = 20_000;

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// The product's score in the words of the second scorer.
fn product(scheme: &Scheme, tickets: &[Vec<Fact>]) -> Vec<String> {
    let mut tally = MonthTally::new(scheme, october());
    for ticket in tickets {
        tally.add(ticket);
    }
    let tally = tally.of(Some(&unit()));
    assert_eq!(by_rollup(scheme, tickets), tally, "rollups count otherwise than facts");
    let score = UnitScore::of(scheme, &tally);
    let shown =
        |value: Option<&super::super::Fraction>| value.map_or("none".to_owned(), |value| value.to_decimal(2));
    let rate = |rate: &Rate| {
        let number = rate.numerator.to_string();
        let (percent, points) = (shown(rate.percent.as_ref()), shown(rate.points.as_ref()));
        let fraction = as_quotient(&number);
        format!("{fraction} of {}: {percent}, {points} points", rate.denominator)
    };
    let items = score.items.iter().flat_map(|item| [rate(&item.raw), rate(&item.adjusted)]);
    let composites = [score.raw_composite.as_ref(), score.composite.as_ref()].map(shown);
    items.chain(composites).chain([score.requests.to_string()]).collect()
}

/// `0.5` as `1/2`: credits are sums of halves and thirds.
fn as_quotient(number: &str) -> String {
    match number.split_once('.') {
        Some((whole, "5")) => format!("{}/2", whole.parse::<u64>().expect("digits") * 2 + 1),
        None if !number.contains('/') => format!("{number}/1"),
        _ => number.to_owned(),
    }
}

/// The first set on which the two disagree.
fn disagreement(seed: u64, sets: u64) -> Option<(u64, Vec<String>, Vec<String>)> {
    (0..sets).find_map(|set| {
        let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(set));
        let scheme = random_facts::scheme(&mut random);
        let count = u32::try_from(random.below(9)).unwrap_or(0);
        let tickets: Vec<_> =
            (1..=count).map(|sequence| random_facts::ticket(&mut random, sequence)).collect();
        let (scored, expected) =
            (product(&scheme, &tickets), reference::score(&scheme, (2019, 10), &tickets, &unit()));
        (scored != expected).then_some((set, scored, expected))
    })
}

#[test]
fn a_second_scorer_agrees_on_random_facts() {
    let (seed, sets) =
        (from_environment("HOTLINE_TEST_SEED", 1), from_environment("HOTLINE_TEST_FACTS", SETS));
    if let Some((set, product, reference)) = disagreement(seed, sets) {
        panic!("seed {seed}, set {set}: the product says {product:#?}, the second scorer {reference:#?}");
    }
}

#[test]
fn injected_errors_are_found() {
    for bug in [Bug::UtcMonth, Bug::ReworkTwice, Bug::FloatRounding] {
        let found = bug::with(bug, || disagreement(1, SETS));
        assert!(found.is_some(), "{bug:?} is not found in {SETS} sets of facts");
    }
}
