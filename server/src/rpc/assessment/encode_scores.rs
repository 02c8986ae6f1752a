//! Scores and lines as messages of the contract.

use hotline_proto::v1 as pb;

use super::decode::line_of;
use super::encode;
use crate::assessment::get_unit_score::CountedScores;
use crate::assessment::list_score_lines::TicketLines;
use crate::assessment::score::scheme::Item;
use crate::assessment::score::{
    Fact, Fraction, ItemScore, Line, Month, Outcome, Place, Rate, Scheme, Standing, Verdict, lines,
};
use crate::rpc::scalars::{count, optional_time, time};

fn large(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The contract's number of a standing.
fn standing(standing: Standing) -> i32 {
    let standing = match standing {
        Standing::Ranked(_) => pb::UnitStanding::Ranked,
        Standing::TooFewCases => pb::UnitStanding::TooFewCases,
        Standing::NothingDue => pb::UnitStanding::NothingDue,
        Standing::NoRequest => pb::UnitStanding::NoRequest,
    };
    standing.into()
}

fn printed(value: Option<&Fraction>, decimals: u32) -> String {
    value.map(|value| value.to_decimal(decimals)).unwrap_or_default()
}

fn rate(scheme: &Scheme, item: &Item, rate: &Rate) -> pb::ItemRate {
    let interval = rate.interval();
    pb::ItemRate {
        numerator: rate.numerator.to_string(),
        denominator: large(rate.denominator),
        percent: printed(rate.percent.as_ref(), item.rate_decimals),
        low: printed(interval.as_ref().map(|interval| &interval.low), item.rate_decimals),
        high: printed(interval.as_ref().map(|interval| &interval.high), item.rate_decimals),
        points: printed(rate.points.as_ref(), scheme.decimals),
    }
}

/// A score; the rank is left out where the place was ranked by itself.
pub(super) fn score(counted: &CountedScores, place: &Place, has_rank: bool) -> pb::UnitScore {
    let (scheme, score) = (&counted.scheme, &place.score);
    let item = |(item, score): (&Item, &ItemScore)| pb::ItemScore {
        key: item.key.clone(),
        clause: item.clause.clone(),
        adjusted: Some(rate(scheme, item, &score.adjusted)),
        raw: Some(rate(scheme, item, &score.raw)),
    };
    pb::UnitScore {
        unit: place.unit.0.clone(),
        month: counted.month.to_string(),
        standing: standing(place.standing),
        rank: count(place.standing.rank().filter(|_| has_rank).unwrap_or_default()),
        requests: large(score.requests),
        cases: large(score.cases),
        composite: printed(score.composite.as_ref(), scheme.decimals),
        raw_composite: printed(score.raw_composite.as_ref(), scheme.decimals),
        items: scheme.items.iter().zip(&score.items).map(item).collect(),
        scheme_number: count(counted.scheme_number),
    }
}

/// How many events are not counted yet.
pub(super) fn behind(counted: &CountedScores) -> i64 {
    large(counted.behind)
}

/// What a scheme means for a unit.
pub(super) fn outcome(outcome: &Outcome) -> pb::SchemeOutcome {
    pb::SchemeOutcome {
        standing: standing(outcome.standing),
        rank: count(outcome.standing.rank().unwrap_or_default()),
        composite: outcome.composite.clone().unwrap_or_default(),
    }
}

/// The lines of a ticket, one for each cycle.
pub(super) fn ticket(
    scheme: &Scheme,
    month: Month,
    ticket: &TicketLines,
    is_unit: bool,
) -> Vec<pb::ScoreLine> {
    let line = |fact: &Fact| {
        let all = lines(scheme, month, &ticket.facts);
        let own = all.filter(|line| line.fact.cycle == fact.cycle);
        let exclusions = ticket.exclusions.iter().filter(|one| one.cycle == fact.cycle);
        pb::ScoreLine {
            line: line_of(fact.ticket, fact.cycle),
            ticket_number: fact.ticket.to_string(),
            cycle: count(fact.cycle),
            due_time: Some(time(fact.due_at)),
            complete_time: optional_time(fact.completed_at),
            survey_time: optional_time(fact.follow_up.map(|answers| answers.surveyed_at)),
            carried_over: fact.is_carried_over && fact.completed_at.is_none(),
            items: own.map(|line| item(&line)).collect(),
            exclusions: exclusions.map(|one| encode::exclusion(one, is_unit)).collect(),
        }
    };
    ticket.facts.iter().map(line).collect()
}

fn item(line: &Line<'_>) -> pb::LineItem {
    let credit = |place: Option<usize>| place.and_then(|place| line.item.numerator.get(place));
    let worth =
        |place: Option<usize>| credit(place).map_or("0".to_owned(), |credit| credit.worth.to_string());
    let (verdict, worth, condition) = match line.verdict {
        Verdict::Counted { credit: place } => {
            (pb::CaseVerdict::Counted, worth(place), credit(place).map(|credit| credit.when))
        }
        Verdict::Excluded { by, credit } => (pb::CaseVerdict::Excluded, worth(credit), Some(by)),
        Verdict::OtherMonth => (pb::CaseVerdict::OtherMonth, String::new(), None),
        Verdict::LaterCycle { .. } => (pb::CaseVerdict::LaterCycle, String::new(), None),
        Verdict::NotCounted { lacks } => (pb::CaseVerdict::NotCounted, String::new(), Some(lacks)),
    };
    pb::LineItem {
        key: line.item.key.clone(),
        clause: line.item.clause.clone(),
        verdict: verdict.into(),
        credit: worth,
        condition: condition.map(|condition| condition.to_string()).unwrap_or_default(),
    }
}
