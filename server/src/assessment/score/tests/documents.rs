//! The document of a ranking has the same bytes however the facts come, and a dry run names what would change.

use super::super::{
    Difference, Fact, MonthTally, Outcome, Place, Scheme, Standing, UnitScore, differences, rank, report,
};
use super::fixture::{asked, october};
use super::random_facts::{self, Random};
use crate::ticket::{Satisfied, UnitCode};

fn equal_thirds() -> Scheme {
    Scheme::equal_thirds().unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// The ranking of some tickets, for the units that have any.
fn ranking(scheme: &Scheme, tickets: &[Vec<Fact>]) -> Vec<Place> {
    let mut tally = MonthTally::new(scheme, october());
    for ticket in tickets {
        tally.add(ticket);
    }
    let scores =
        tally.units.iter().filter_map(|(unit, tally)| Some((unit.clone()?, UnitScore::of(scheme, tally))));
    rank(scheme, scores.collect())
}

/// Tickets of a unit that are one cycle each.
fn tickets(unit: &str, satisfied: u32, of: u32) -> Vec<Vec<Fact>> {
    let ticket = |sequence| {
        let answer = if sequence > satisfied { Satisfied::Dissatisfied } else { Satisfied::Satisfied };
        vec![Fact { unit: Some(UnitCode(unit.to_owned())), ..asked(sequence, answer) }]
    };
    (1..=of).map(ticket).collect()
}

#[test]
fn a_document_names_its_denominators_and_has_these_bytes() {
    let mut scheme = equal_thirds();
    scheme.items.truncate(1);
    scheme.items[0].weight = "1".parse().expect("a number");
    let document =
        report(&scheme, october(), "department", &ranking(&scheme, &tickets("department-water", 9, 12)));
    let item = r#"{"key":"response","clause":"响应率: the company was contacted, of those who answered the question","counted_by":"surveyed","cycles":"last","denominator":["responded_answered"],"numerator":[{"when":"responded","worth":"1"}],"exclusions":["excluded"],"weight":"1"}"#;
    let rate = r#"{"numerator":"12","denominator":12,"percent":"100.00","low":"75.75","high":"100.00","points":"100.00"}"#;
    let unit = format!(
        r#"{{"unit":"department-water","standing":"ranked","rank":1,"requests":12,"cases":12,"composite":"100.00","raw_composite":"100.00","items":[{{"key":"response","adjusted":{rate},"raw":{rate}}}]}}"#
    );
    let expected = format!(
        r#"{{"month":"2019-10","group":"department","scheme":"三率等权","cases_min":10,"items":[{item}],"units":[{unit}]}}"#
    );
    assert_eq!(document.expect("it can be written"), expected);
}

#[test]
fn the_order_of_tickets_does_not_change_the_document() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let scheme = random_facts::scheme(&mut random);
        let mut tickets: Vec<_> =
            (1..=12).map(|sequence| random_facts::ticket(&mut random, sequence)).collect();
        let document = |tickets: &[Vec<Fact>]| {
            report(&scheme, october(), "all", &ranking(&scheme, tickets)).expect("it can be written")
        };
        let before = document(&tickets);
        for place in (1..tickets.len()).rev() {
            tickets.swap(place, random.below(place + 1));
        }
        assert_eq!(document(&tickets), before, "seed {seed}");
    }
}

#[test]
fn a_dry_run_names_each_unit_and_what_would_change() {
    let before = equal_thirds();
    let mut after = before.clone();
    after.cases_min = 20;
    after.items[2].weight = "2/3".parse().expect("a number");
    let facts = [tickets("a", 15, 15), tickets("b", 10, 20), tickets("c", 0, 20)].concat();
    let found = differences((&before, &ranking(&before, &facts)), (&after, &ranking(&after, &facts)));
    let outcome = |standing, composite: &str| Outcome { standing, composite: Some(composite.to_owned()) };
    let difference =
        |unit: &str, before, after| Difference { unit: UnitCode(unit.to_owned()), before, after };
    let expected = [
        difference("a", outcome(Standing::Ranked(1), "100.00"), outcome(Standing::TooFewCases, "133.33")),
        difference("b", outcome(Standing::Ranked(2), "83.33"), outcome(Standing::Ranked(1), "100.00")),
        difference("c", outcome(Standing::Ranked(3), "66.67"), outcome(Standing::Ranked(2), "66.67")),
    ];
    assert_eq!(found, expected);
    assert!(found.iter().all(Difference::is_any));
    let same = differences((&before, &ranking(&before, &facts)), (&before, &ranking(&before, &facts)));
    assert!(!same.iter().any(Difference::is_any));
}
