//! The ranking of a group in a month as a document: canonical JSON, which is what can be signed and kept.
//!
//! The same facts under the same scheme give the same bytes. Keys stand in a fixed order, and there is no white space.
//! Counts are integers. All other numbers are texts with the decimals of the scheme. What has no value is null. Every
//! item names its denominator.

use serde::Serialize;

use super::answers_of::AnswersOf;
use super::scheme::{CountedBy, CountedCycles};
use super::{Condition, Fraction, Item, ItemScore, Month, Place, Rate, Scheme};

#[derive(Serialize)]
struct Report<'a> {
    month: Month,
    group: &'a str,
    scheme: &'a str,
    cases_min: u64,
    items: Vec<ItemText<'a>>,
    units: Vec<UnitText<'a>>,
}

/// What an item counts.
#[derive(Serialize)]
struct ItemText<'a> {
    key: &'a str,
    clause: &'a str,
    counted_by: CountedBy,
    cycles: CountedCycles,
    #[serde(skip_serializing_if = "AnswersOf::is_usual")]
    answers: AnswersOf,
    denominator: &'a [Condition],
    numerator: Vec<CreditText>,
    exclusions: &'a [Condition],
    weight: String,
}

#[derive(Serialize)]
struct CreditText {
    when: Condition,
    worth: String,
}

#[derive(Serialize)]
struct UnitText<'a> {
    unit: &'a str,
    standing: &'static str,
    rank: Option<u32>,
    requests: u64,
    cases: u64,
    composite: Option<String>,
    raw_composite: Option<String>,
    items: Vec<ItemScoreText<'a>>,
}

#[derive(Serialize)]
struct ItemScoreText<'a> {
    key: &'a str,
    adjusted: RateText,
    raw: RateText,
}

#[derive(Serialize)]
struct RateText {
    numerator: String,
    denominator: u64,
    percent: Option<String>,
    low: Option<String>,
    high: Option<String>,
    points: Option<String>,
}

/// The document of a group, as [`rank`](super::rank) has ordered it.
///
/// # Errors
/// Never: no value of it can fail to be written.
pub fn report(scheme: &Scheme, month: Month, group: &str, places: &[Place]) -> serde_json::Result<String> {
    serde_json::to_string(&Report {
        month,
        group,
        scheme: &scheme.name,
        cases_min: scheme.cases_min,
        items: scheme.items.iter().map(item_text).collect(),
        units: places.iter().map(|place| unit_text(scheme, place)).collect(),
    })
}

fn item_text(item: &Item) -> ItemText<'_> {
    let credits = item.numerator.iter();
    ItemText {
        key: &item.key,
        clause: &item.clause,
        counted_by: item.counted_by,
        cycles: item.cycles,
        answers: item.answers,
        denominator: &item.denominator,
        numerator: credits
            .map(|credit| CreditText { when: credit.when, worth: credit.worth.to_string() })
            .collect(),
        exclusions: &item.exclusions,
        weight: item.weight.to_string(),
    }
}

fn unit_text<'a>(scheme: &'a Scheme, place: &'a Place) -> UnitText<'a> {
    let score = &place.score;
    let printed = |value: &Option<Fraction>| value.as_ref().map(|value| value.to_decimal(scheme.decimals));
    let items = scheme.items.iter().zip(&score.items);
    UnitText {
        unit: place.unit.as_str(),
        standing: place.standing.name(),
        rank: place.standing.rank(),
        requests: score.requests,
        cases: score.cases,
        composite: printed(&score.composite),
        raw_composite: printed(&score.raw_composite),
        items: items.map(|(item, score)| item_score_text(scheme, item, score)).collect(),
    }
}

fn item_score_text<'a>(scheme: &Scheme, item: &'a Item, score: &ItemScore) -> ItemScoreText<'a> {
    let text = |rate: &Rate| {
        let percent = |value: &Fraction| value.to_decimal(item.rate_decimals);
        let interval = rate.interval();
        RateText {
            numerator: rate.numerator.to_string(),
            denominator: rate.denominator,
            percent: rate.percent.as_ref().map(percent),
            low: interval.as_ref().map(|interval| percent(&interval.low)),
            high: interval.as_ref().map(|interval| percent(&interval.high)),
            points: rate.points.as_ref().map(|points| points.to_decimal(scheme.decimals)),
        }
    };
    ItemScoreText { key: &item.key, adjusted: text(&score.adjusted), raw: text(&score.raw) }
}
