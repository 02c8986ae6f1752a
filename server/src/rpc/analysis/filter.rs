//! The days and the filter of an analysis.

use chrono::NaiveDate;
use hotline_proto::v1 as pb;

use crate::assessment::analysis::days::DAYS_MAX;
use crate::assessment::analysis::{AnalysisFilter, Days};
use crate::rpc::enums::ContractEnum;
use crate::rpc::fields::Fields;

/// The longest industry, in characters, as an intake may give it.
const INDUSTRY_CHARS_MAX: usize = 128;
/// The years that a day may lie in: those of ticket numbers.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2099;

/// The days of a request. On a violation, arbitrary days are returned so that reading continues.
pub(in crate::rpc) fn days(fields: &mut Fields, first: &str, last: &str) -> Days {
    let (first_day, last_day) = (day(fields, "first_day", first), day(fields, "last_day", last));
    let (Some(first), Some(last)) = (first_day, last_day) else {
        return Days { first: NaiveDate::default(), last: NaiveDate::default() };
    };
    let days = Days { first, last };
    if !(1..=DAYS_MAX + 1).contains(&days.count()) {
        fields.wrong("last_day", format!("is the first day, or at most {DAYS_MAX} days after it"));
    }
    days
}

/// A day, if one is given.
pub(super) fn optional_day(fields: &mut Fields, field: &str, text: &str) -> Option<NaiveDate> {
    if text.is_empty() { None } else { day(fields, field, text) }
}

fn day(fields: &mut Fields, field: &str, text: &str) -> Option<NaiveDate> {
    use chrono::Datelike as _;
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let day = day.filter(|day| text.len() == "2019-10-01".len() && YEARS.contains(&day.year()));
    if day.is_none() {
        fields.wrong(field, "is a day of the years 2000 to 2099, written like 2019-10-01");
    }
    day
}

/// A filter as the contract has it.
pub(super) fn encode(filter: &AnalysisFilter) -> pb::AnalysisFilter {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    pb::AnalysisFilter {
        topic: text(&filter.topic),
        district: text(&filter.district),
        industry: text(&filter.industry),
        channel: filter.channel.map_or(0, ContractEnum::number),
        category: filter.category.map_or(0, ContractEnum::number),
        unit: text(&filter.unit),
        state: filter.state.map_or(0, ContractEnum::number),
        open_only: filter.is_open_only,
    }
}

/// The filter of a request.
pub(super) fn filter(fields: &mut Fields, filter: Option<&pb::AnalysisFilter>) -> AnalysisFilter {
    let Some(filter) = filter else { return AnalysisFilter::default() };
    let unit = (!filter.unit.is_empty()).then(|| fields.unit("filter.unit", &filter.unit).0);
    AnalysisFilter {
        topic: fields.topic("filter.topic", &filter.topic),
        district: fields.district("filter.district", &filter.district),
        industry: fields.optional("filter.industry", &filter.industry, INDUSTRY_CHARS_MAX),
        channel: fields.optional_choice("filter.channel", filter.channel),
        category: fields.optional_choice("filter.category", filter.category),
        unit,
        state: fields.optional_choice("filter.state", filter.state),
        is_open_only: filter.open_only,
    }
}
