//! A second scorer, written separately from the definitions in `docs/assessment.md`. It shares the documents and the
//! facts with the product, and no code: it computes with pairs of 128-bit integers, counts days by itself, and goes
//! through all facts for every item.

use std::collections::BTreeSet;

use super::super::Fact;
use super::super::answers_of::AnswersOf;
use super::super::scheme::{CountedBy, CountedCycles, Item, Scheme, WithoutCases};
use crate::ticket::{Instant, UnitCode};

/// A fraction as a pair of integers in lowest terms.
type Pair = (i128, i128);

fn reduced((number, divisor): Pair) -> Pair {
    let (mut one, mut other) = (number.abs(), divisor);
    while other != 0 {
        (one, other) = (other, one % other);
    }
    (number / one.max(1), divisor / one.max(1))
}

fn plus(one: Pair, other: Pair) -> Pair {
    reduced((one.0 * other.1 + other.0 * one.1, one.1 * other.1))
}

fn minus(one: Pair, other: Pair) -> Pair {
    plus(one, (-other.0, other.1))
}

fn times(one: Pair, other: Pair) -> Pair {
    reduced((one.0 * other.0, one.1 * other.1))
}

fn is_less(one: Pair, other: Pair) -> bool {
    one.0 * other.1 < other.0 * one.1
}

/// A number of a scheme, from its text.
fn pair(number: &impl ToString) -> Pair {
    let text = number.to_string();
    if let Some((number, divisor)) = text.split_once('/') {
        return reduced((number.parse().expect("a number"), divisor.parse().expect("a divisor")));
    }
    let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals);
    let power = u32::try_from(decimals.len()).expect("a few decimals");
    reduced((text.replace('.', "").parse().expect("digits"), 10_i128.pow(power)))
}

/// In hundredths, half up; for numbers that are not negative.
fn hundredths(value: Pair) -> i128 {
    (2 * 100 * value.0 + value.1).div_euclid(2 * value.1)
}

fn text_of(value: Pair) -> String {
    let all = hundredths(value);
    format!("{}.{:02}", all / 100, all % 100)
}

/// The score of a unit as texts: for each item numerator, cases, rate and points, raw and then adjusted; composites;
/// requests.
pub(super) fn score(
    scheme: &Scheme,
    (year, month): (i64, i64),
    tickets: &[Vec<Fact>],
    unit: &UnitCode,
) -> Vec<String> {
    let by_survey = properties(tickets, false);
    let by_recheck = properties(tickets, true);
    let is_inside = |at: Instant| year_and_month(at) == (year, month);
    let mut texts = Vec::new();
    let mut composites = [Some((0, 1)), Some((0, 1))];
    for item in &scheme.items {
        let tickets = if item.answers == AnswersOf::Recheck { &by_recheck } else { &by_survey };
        for (is_adjusted, composite) in [false, true].into_iter().zip(&mut composites) {
            let (mut number, mut cases) = ((0, 1), 0);
            for ticket in tickets {
                for has in counted(item, ticket, unit, &is_inside) {
                    let is_out = item.exclusions.iter().any(|one| has.contains(&*one.to_string()));
                    let is_case = item.denominator.iter().all(|one| has.contains(&*one.to_string()));
                    if !is_case || (is_adjusted && is_out) {
                        continue;
                    }
                    cases += 1;
                    let credit = item.numerator.iter().find(|credit| has.contains(&*credit.when.to_string()));
                    number = plus(number, credit.map_or((0, 1), |credit| pair(&credit.worth)));
                }
            }
            let (rate, points) = rate_and_points(item, number, cases);
            let shown = |value: Option<Pair>| value.map_or("none".to_owned(), text_of);
            texts.push(format!(
                "{}/{} of {cases}: {}, {} points",
                number.0,
                number.1,
                shown(rate),
                shown(points)
            ));
            let weighted = points.map(|points| times(pair(&item.weight), points));
            *composite = composite.zip(weighted).map(|(sum, weighted)| plus(sum, weighted));
        }
    }
    texts.extend(composites.map(|composite| composite.map_or("none".to_owned(), text_of)));
    let is_new = |fact: &Fact| fact.unit.as_ref() == Some(unit) && fact.dispatched_at.is_some_and(is_inside);
    texts.push(
        by_survey.iter().filter(|ticket| ticket.iter().any(|(fact, _)| is_new(fact))).count().to_string(),
    );
    texts
}

/// The cycles of a ticket that count for an item.
fn counted<'a>(
    item: &Item,
    ticket: &'a [(Fact, Properties)],
    unit: &UnitCode,
    is_inside: &dyn Fn(Instant) -> bool,
) -> Vec<&'a Properties> {
    let mut kept: Vec<&Properties> = Vec::new();
    for (fact, properties) in ticket {
        let instant = match item.counted_by {
            CountedBy::Received => Some(fact.received_at),
            CountedBy::Dispatched => fact.dispatched_at,
            CountedBy::Due => Some(fact.due_at),
            CountedBy::Completed => fact.completed_at,
            CountedBy::Surveyed => fact.follow_up.map(|answers| answers.surveyed_at),
        };
        if fact.unit.as_ref() != Some(unit) || !instant.is_some_and(is_inside) {
            continue;
        }
        if item.cycles == CountedCycles::Last {
            kept.clear();
        }
        kept.push(properties);
    }
    kept
}

fn rate_and_points(item: &Item, number: Pair, cases: i128) -> (Option<Pair>, Option<Pair>) {
    let scale = &item.scale;
    if cases == 0 {
        let given = (scale.without_cases == WithoutCases::Full).then(|| pair(&scale.points));
        return (None, given);
    }
    let rate = times(number, (100, cases));
    let scored = if item.is_scored_as_printed { reduced((hundredths(rate), 100)) } else { rate };
    let is_below = |cliff: &&super::super::scheme::Cliff| is_less(scored, pair(&cliff.below));
    let points = if let Some(cliff) = scale.cliff.as_ref().filter(is_below) {
        pair(&cliff.points)
    } else if is_less(scored, pair(&scale.full_at)) {
        let sloped =
            minus(pair(&scale.points), times(pair(&scale.slope), minus(pair(&scale.full_at), scored)));
        if is_less(sloped, pair(&scale.floor)) { pair(&scale.floor) } else { sloped }
    } else {
        pair(&scale.points)
    };
    (Some(rate), Some(points))
}

/// The year and the month of an instant in UTC+8, by counting days.
fn year_and_month(at: Instant) -> (i64, i64) {
    let mut day = (at.timestamp() + 8 * 3_600).div_euclid(86_400);
    let (mut year, mut month) = (1970, 1);
    loop {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 => 28 + i64::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if day < length {
            return (year, month);
        }
        day -= length;
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
}

/// The names in schemes of what a fact has.
type Properties = BTreeSet<&'static str>;

fn properties(tickets: &[Vec<Fact>], is_rechecked: bool) -> Vec<Vec<(Fact, Properties)>> {
    let of_fact = |fact: &Fact| (fact.clone(), properties_of(fact, is_rechecked));
    let of_ticket = |ticket: &Vec<Fact>| ticket.iter().map(of_fact).collect();
    tickets.iter().map(of_ticket).collect()
}

/// The properties, from the fact as it is stored.
fn properties_of(fact: &Fact, is_rechecked: bool) -> Properties {
    let mut stored = serde_json::to_value(fact).expect("it can be written");
    for question in ["responded", "resolved", "satisfied"] {
        let second = stored["recheck"][question].clone();
        if is_rechecked && second.as_str().is_some_and(|answer| answer != "would_not_answer") {
            stored["follow_up"][question] = second;
        }
    }
    let text = |path: &str| stored.pointer(path).and_then(|value| value.as_str()).unwrap_or("");
    let given = |path: &str| stored.pointer(path).is_some_and(|value| !value.is_null());
    let answered = |path: &str| given(path) && text(path) != "would_not_answer";
    let is_in_time = |path: &str, end: &str| {
        // All instants are written alike in UTC, except that decimals of a second may be missing.
        let (at, end) = (text(path).parse::<Instant>(), text(end).parse::<Instant>());
        at.is_ok_and(|at| end.is_ok_and(|end| at <= end))
    };
    let is_done = given("/completed_at");
    let is_carried = stored["is_carried_over"] == true;
    let (channel, category, rung) = (text("/channel"), text("/category"), text("/rung"));
    [
        ("by_telephone", channel == "telephone"),
        ("consultation", category == "consultation"),
        ("appeal", category == "appeal"),
        ("complaint_report", category == "complaint_report"),
        ("classified", given("/topic")),
        ("answered_at_once", is_done && !given("/unit")),
        ("dispatched", given("/dispatched_at")),
        ("accepted", given("/accepted_at")),
        ("accepted_in_time", is_in_time("/accepted_at", "/accept_due_at")),
        ("completed", is_done),
        ("on_time", is_in_time("/completed_at", "/due_at")),
        ("carried_over", is_carried && !is_done),
        ("has_promise", is_carried),
        ("reworked", stored["cycle"] != 1),
        ("returned", stored["returns"] != 0),
        ("urged", matches!(rung, "urged" | "supervised" | "manual")),
        ("supervised", matches!(rung, "supervised" | "manual")),
        ("surveyed", given("/follow_up")),
        ("responded_answered", answered("/follow_up/responded")),
        ("responded", text("/follow_up/responded") == "yes"),
        ("resolved_answered", answered("/follow_up/resolved")),
        ("resolved", text("/follow_up/resolved") == "yes"),
        ("partly_resolved", text("/follow_up/resolved") == "partly"),
        ("satisfied_answered", answered("/follow_up/satisfied")),
        ("satisfied", text("/follow_up/satisfied") == "satisfied"),
        ("basically_satisfied", text("/follow_up/satisfied") == "basically"),
        ("dissatisfied", text("/follow_up/satisfied") == "dissatisfied"),
        ("excluded", stored["is_excluded"] == true),
    ]
    .into_iter()
    .filter_map(|(name, holds)| holds.then_some(name))
    .collect()
}
