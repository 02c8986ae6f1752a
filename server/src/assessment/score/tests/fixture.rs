//! Facts and schemes for the tests.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::super::fact::{Fact, FollowUpAnswers};
use super::super::scheme::{CountedBy, Item};
use super::super::{ItemScore, Month, MonthTally, Properties, RollupRow, Scheme, Tally, UnitScore, rollup};
use crate::ticket::{
    Category, Channel, Instant, Resolved, Responded, Rung, Satisfied, TicketNumber, UnitCode,
};

/// An instant from its text.
pub(super) fn at(text: &str) -> Instant {
    text.parse().expect("it is an instant")
}

/// The month of the tests.
pub(super) fn october() -> Month {
    Month::new(2019, 10).expect("it is a month")
}

/// The unit of the tests.
pub(super) fn unit() -> UnitCode {
    UnitCode("department-water".to_owned())
}

/// A fact of October: dispatched, signed for, completed on time, and not followed up.
pub(super) fn fact(sequence: u32) -> Fact {
    let day = NaiveDate::from_ymd_opt(2019, 10, 12).expect("it is a day");
    Fact {
        ticket: TicketNumber::new(day, sequence).expect("it is a number"),
        cycle: 1,
        unit: Some(unit()),
        category: Category::Appeal,
        channel: Channel::Telephone,
        topic: None,
        district: None,
        received_at: at("2019-10-12T02:00:00Z"),
        dispatched_at: Some(at("2019-10-12T03:00:00Z")),
        accepted_at: Some(at("2019-10-12T04:00:00Z")),
        accept_due_at: Some(at("2019-10-13T03:00:00Z")),
        due_at: at("2019-10-19T02:00:00Z"),
        completed_at: Some(at("2019-10-15T02:00:00Z")),
        is_carried_over: false,
        rung: Rung::None,
        returns: 0,
        follow_up: None,
        recheck: None,
        is_recheck_due: false,
        is_excluded: false,
    }
}

/// A survey of October in which everything was asked and is well.
pub(super) fn good_answers() -> FollowUpAnswers {
    FollowUpAnswers {
        surveyed_at: at("2019-10-16T02:00:00Z"),
        responded: Some(Responded::Yes),
        resolved: Some(Resolved::Yes),
        satisfied: Some(Satisfied::Satisfied),
    }
}

/// A fact of October with one answer about satisfaction.
pub(super) fn asked(sequence: u32, satisfied: Satisfied) -> Fact {
    let answers = FollowUpAnswers { satisfied: Some(satisfied), ..good_answers() };
    Fact { follow_up: Some(answers), ..fact(sequence) }
}

/// As many facts of October as there are cases, of which the first `counted` are changed in one way and the others in
/// another.
pub(super) fn cases(counted: u32, of: u32, yes: impl Fn(&mut Fact), no: impl Fn(&mut Fact)) -> Vec<Fact> {
    let changed = |sequence: u32| {
        let mut fact = fact(sequence);
        if sequence <= counted {
            yes(&mut fact);
        } else {
            no(&mut fact);
        }
        fact
    };
    (1..=of).map(changed).collect()
}

/// A scheme of one item, in the syntax of schemes.
pub(super) fn one_item(item: &str) -> Scheme {
    let text = format!(
        "name = \"test\"\ndecimals = 2\ncases_min = 1\n[[items]]\nkey = \"one\"\nclause = \"one\"\n{item}"
    );
    Scheme::read(&text).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// The score of the unit for facts that are one ticket each.
pub(super) fn score(scheme: &Scheme, facts: &[Fact]) -> UnitScore {
    let mut tally = MonthTally::new(scheme, october());
    for fact in facts {
        tally.add(std::slice::from_ref(fact));
    }
    let tally = tally.of(Some(&unit()));
    let tickets: Vec<_> = facts.iter().map(|fact| vec![fact.clone()]).collect();
    assert_eq!(by_rollup(scheme, &tickets), tally, "rollups count otherwise than facts");
    UnitScore::of(scheme, &tally)
}

/// The tally of the unit, counted through the rollup that a server keeps.
pub(super) fn by_rollup(scheme: &Scheme, tickets: &[Vec<Fact>]) -> Tally {
    let mut rows: BTreeMap<(CountedBy, Properties), u64> = BTreeMap::new();
    let cases = tickets.iter().flat_map(|facts| rollup::cases(facts));
    for case in cases.filter(|case| case.month == october() && case.unit.as_ref() == Some(&unit())) {
        *rows.entry((case.counted_by, case.properties)).or_default() += 1;
    }
    let row = |((counted_by, properties), cases)| RollupRow { counted_by, properties, cases };
    let rows: Vec<_> = rows.into_iter().map(row).collect();
    Tally::of_rollup(scheme, false, &rows)
}

/// The rate of an item as it is printed.
pub(super) fn printed_rate(item: &Item, score: &ItemScore) -> String {
    score.adjusted.percent.as_ref().expect("there are cases").to_decimal(item.rate_decimals)
}

/// The rate of a scheme with one item, as it is printed.
pub(super) fn rate_of(scheme: &Scheme, facts: &[Fact]) -> String {
    printed_rate(&scheme.items[0], &score(scheme, facts).items[0])
}

/// The points of a scheme with one item, as they are printed.
pub(super) fn points_of(scheme: &Scheme, facts: &[Fact]) -> String {
    let score = score(scheme, facts);
    score.items[0].adjusted.points.as_ref().expect("it is scored").to_decimal(scheme.decimals)
}
