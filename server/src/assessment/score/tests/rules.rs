//! The rules of counting, one by one.

use super::super::bug::{self, Bug};
use super::super::{Condition, Fact, FollowUpAnswers, Month, MonthTally, Scheme, UnitScore, Verdict, lines};
use super::fixture::{asked, at, cases, fact, good_answers, october, one_item, score, unit};
use crate::ticket::{Resolved, Responded, Satisfied, UnitCode};

fn equal_thirds() -> Scheme {
    Scheme::equal_thirds().unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn percents(score: &UnitScore) -> Vec<Option<String>> {
    let rates = score.items.iter().map(|item| item.adjusted.percent.as_ref());
    rates.map(|rate| rate.map(|percent| percent.to_decimal(2))).collect()
}

#[test]
fn shipped_schemes_are_valid_and_survive_being_written() {
    for scheme in [Scheme::equal_thirds(), Scheme::on_time_and_sign_for()] {
        let scheme = scheme.unwrap_or_else(|faults| panic!("{faults:?}"));
        let text = toml::to_string(&scheme).expect("it can be written");
        assert_eq!(Scheme::read(&text), Ok(scheme));
    }
}

#[test]
fn questions_that_were_not_answered_are_in_no_denominator() {
    let answers = |responded, resolved, satisfied| {
        let follow_up = FollowUpAnswers { responded, resolved, satisfied, ..good_answers() };
        Some(follow_up)
    };
    let facts = [
        answers(Some(Responded::Yes), Some(Resolved::Yes), Some(Satisfied::Basically)),
        answers(Some(Responded::No), Some(Resolved::Partly), Some(Satisfied::WouldNotAnswer)),
        answers(Some(Responded::WouldNotAnswer), Some(Resolved::No), None),
        answers(None, Some(Resolved::WouldNotAnswer), Some(Satisfied::Dissatisfied)),
        None,
    ];
    let facts: Vec<_> =
        (1..).zip(facts).map(|(sequence, follow_up)| Fact { follow_up, ..fact(sequence) }).collect();
    let scheme = equal_thirds();
    let thirds = score(&scheme, &facts);
    let denominators: Vec<_> = thirds.items.iter().map(|item| item.adjusted.denominator).collect();
    assert_eq!(denominators, [2, 3, 2]);
    assert_eq!(percents(&thirds), ["50.00", "33.33", "50.00"].map(|rate| Some(rate.to_owned())));
    assert_eq!(thirds.composite.expect("it is scored").to_decimal(2), "44.44");
}

#[test]
fn partly_resolved_counts_what_the_scheme_says() {
    let mut scheme = equal_thirds();
    let partly = FollowUpAnswers { resolved: Some(Resolved::Partly), ..good_answers() };
    let facts =
        [Fact { follow_up: Some(good_answers()), ..fact(1) }, Fact { follow_up: Some(partly), ..fact(2) }];
    assert_eq!(percents(&score(&scheme, &facts))[1].as_deref(), Some("50.00"));
    scheme.items[1].numerator[1].worth = "1/3".parse().expect("it is a number");
    assert_eq!(percents(&score(&scheme, &facts))[1].as_deref(), Some("66.67"));
}

#[test]
fn excluded_cases_leave_the_adjusted_rate_and_stay_in_the_raw_one() {
    let scheme = equal_thirds();
    let mut facts = vec![asked(1, Satisfied::Satisfied), asked(2, Satisfied::Dissatisfied)];
    facts[1].is_excluded = true;
    let counted = score(&scheme, &facts);
    let satisfaction = &counted.items[2];
    assert_eq!((satisfaction.raw.denominator, satisfaction.adjusted.denominator), (2, 1));
    let composites = [counted.raw_composite, counted.composite].map(|one| one.expect("scored").to_decimal(2));
    assert_eq!(composites, ["83.33", "100.00"]);
    let line = lines(&scheme, october(), &facts[1..]).last().expect("there are three lines");
    assert_eq!(line.verdict, Verdict::Excluded { by: Condition::Excluded, credit: None });
}

#[test]
fn carried_over_tickets_stay_in_response_alone_until_they_end() {
    let scheme = equal_thirds();
    let mut carried = asked(1, Satisfied::Satisfied);
    (carried.is_carried_over, carried.completed_at) = (true, None);
    let denominators = |fact: &Fact| {
        let counted = score(&scheme, std::slice::from_ref(fact));
        counted.items.iter().map(|item| item.adjusted.denominator).collect::<Vec<_>>()
    };
    assert_eq!(denominators(&carried), [1, 0, 0]);
    carried.completed_at = Some(at("2019-10-15T00:00:00Z"));
    assert_eq!(denominators(&carried), [1, 1, 1]);
}

#[test]
fn a_reworked_ticket_counts_once_in_its_last_cycle_of_the_month() {
    let mut scheme = equal_thirds();
    let first = asked(1, Satisfied::Dissatisfied);
    let second = Fact { cycle: 2, ..asked(1, Satisfied::Satisfied) };
    let ticket = [first.clone(), second.clone()];
    let counts = |scheme: &Scheme, facts: &[Fact]| {
        let mut tally = MonthTally::new(scheme, october());
        tally.add(facts);
        let counted = UnitScore::of(scheme, &tally.of(Some(&unit())));
        (counted.items[2].adjusted.denominator, percents(&counted)[2].clone().expect("there are cases"))
    };
    assert_eq!(counts(&scheme, &ticket), (1, "100.00".to_owned()));
    let verdicts: Vec<_> = lines(&scheme, october(), &ticket).map(|line| line.verdict).collect();
    assert_eq!(verdicts[4..], [Verdict::LaterCycle { cycle: 2 }, Verdict::Counted { credit: Some(0) }]);
    assert_eq!(bug::with(Bug::ReworkTwice, || counts(&scheme, &ticket)), (2, "50.00".to_owned()));
    // A survey of the next month does not take the place of this month's.
    let mut of_november = second.clone();
    of_november.follow_up.as_mut().expect("it was surveyed").surveyed_at = at("2019-10-31T16:00:00Z");
    assert_eq!(counts(&scheme, &[first.clone(), of_november]), (1, "0.00".to_owned()));
    // The work of another unit does not either.
    let other_unit = Fact { unit: Some(UnitCode("department-energy".to_owned())), ..second };
    assert_eq!(counts(&scheme, &[first, other_unit]), (1, "0.00".to_owned()));
    scheme.items[2].cycles = super::super::scheme::CountedCycles::Each;
    assert_eq!(counts(&scheme, &ticket), (2, "50.00".to_owned()));
}

#[test]
fn every_instant_decides_about_its_month() {
    let (inside, outside) = ("2019-10-31T15:59:59.999999Z", "2019-10-31T16:00:00Z");
    for counted_by in ["received", "dispatched", "due", "completed", "surveyed"] {
        let scheme = one_item(&format!(
            "counted_by = \"{counted_by}\"\nnumerator = [{{ when = \"completed\" }}]\nrate_decimals = 0\nweight = \"1\"\n\
             scale = {{ points = \"1\", full_at = \"100\", slope = \"1\", floor = \"0\" }}"
        ));
        let cases_at = |instant: &str| {
            let mut fact = asked(1, Satisfied::Satisfied);
            match counted_by {
                "received" => fact.received_at = at(instant),
                "dispatched" => fact.dispatched_at = Some(at(instant)),
                "due" => fact.due_at = at(instant),
                "completed" => fact.completed_at = Some(at(instant)),
                _ => fact.follow_up.as_mut().expect("it was surveyed").surveyed_at = at(instant),
            }
            score(&scheme, &[fact]).items[0].adjusted.denominator
        };
        assert_eq!((cases_at(inside), cases_at(outside)), (1, 0), "{counted_by}");
    }
}

#[test]
fn an_item_without_cases_has_no_rate() {
    let mut scheme = equal_thirds();
    let nothing = score(&scheme, &[fact(1)]);
    assert_eq!(percents(&nothing), [None, None, None]);
    assert_eq!((nothing.requests, nothing.cases, nothing.composite), (1, 0, None));
    scheme.items[1].scale.without_cases = super::super::scheme::WithoutCases::Full;
    let unasked = FollowUpAnswers { resolved: None, ..good_answers() };
    let facts = cases(12, 12, |fact| fact.follow_up = Some(unasked), |_| {});
    let given = score(&scheme, &facts);
    assert_eq!(given.composite.map(|composite| composite.to_decimal(2)).as_deref(), Some("100.00"));
    assert_eq!(given.cases, 12, "an item that gives its points without cases needs none");
}

#[test]
fn faults_of_a_scheme_are_named_together() {
    let mut scheme = equal_thirds();
    scheme.decimals = 7;
    scheme.cases_min = 0;
    scheme.items[1].key = "response".to_owned();
    scheme.items[1].clause = " ".to_owned();
    scheme.items[2].numerator[0].worth = "2".parse().expect("it is a number");
    scheme.items[2].scale.floor = "101".parse().expect("it is a number");
    let paths: Vec<_> = scheme.faults().into_iter().map(|fault| fault.path).collect();
    let expected = [
        "decimals",
        "cases_min",
        "items[1].key",
        "items[1].clause",
        "items[2].numerator",
        "items[2].scale.floor",
    ];
    assert_eq!(paths, expected);
    for text in ["", "name = 1", "name = \"x\"\ndecimals = 2\ncases_min = 1\nitems = []\nformula = \"x\""] {
        assert!(Scheme::read(text).is_err(), "{text}");
    }
    assert!(Scheme::read(&"#".repeat(100_000)).is_err(), "it is too long");
}

#[test]
fn the_document_names_every_condition() {
    let page = include_str!("../../../../../docs/assessment.md");
    for condition in Condition::ALL {
        assert!(page.contains(&format!("| `{condition}` |")), "docs/assessment.md lacks {condition}");
    }
    let all: std::collections::BTreeSet<_> = Condition::ALL.into_iter().collect();
    assert_eq!(all.len(), Condition::ALL.len());
}

#[test]
fn a_fact_survives_being_written() {
    let stored = serde_json::to_string(&asked(1, Satisfied::Basically)).expect("it can be written");
    assert_eq!(serde_json::from_str::<Fact>(&stored).ok(), Some(asked(1, Satisfied::Basically)));
    let month: Month = serde_json::from_str("\"2019-10\"").expect("it is a month");
    assert_eq!(month, october());
}

#[test]
fn the_interval_of_a_rate_is_counted_from_its_cases() {
    let facts = cases(
        4,
        5,
        |fact| fact.follow_up = asked(1, Satisfied::Satisfied).follow_up,
        |fact| {
            fact.follow_up = asked(1, Satisfied::Dissatisfied).follow_up;
        },
    );
    let counted = score(&equal_thirds(), &facts);
    let interval = counted.items[2].adjusted.interval().expect("there are cases");
    assert_eq!((interval.low.to_decimal(2), interval.high.to_decimal(2)), ("37.55".into(), "96.38".into()));
    assert_eq!(score(&equal_thirds(), &[]).items[2].adjusted.interval(), None);
}
