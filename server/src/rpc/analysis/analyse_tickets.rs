//! `AnalyseTickets`.

use hotline_proto::v1 as pb;

use super::{AnalysisApi, filter};
use crate::access::Permit;
use crate::assessment::analysis::analyse_tickets::{AnalyseTickets, GROUPS_MAX, Group, GroupOrder};
use crate::assessment::analysis::{Dimension, TicketCounts, Value};
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;

/// The most dimensions of a request.
const DIMENSIONS_MAX: usize = 2;

impl Handler<AnalysisApi> for pb::AnalyseTicketsRequest {
    async fn handle(&self, api: &AnalysisApi, _permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let asked = decode(self, &mut fields);
        let asked = fields.finish(asked)?;
        let found = api.analysis.analyse_tickets(&asked).await?;
        Ok(pb::AnalyseTicketsResponse {
            groups: found.groups.iter().map(group).collect(),
            total: Some(counts(&found.total)),
            groups_total: i32::try_from(found.groups_total).unwrap_or(i32::MAX),
            tickets_period_before: found.period_before,
            tickets_year_before: found.year_before,
            entries_behind: i64::try_from(found.entries_behind).unwrap_or(i64::MAX),
        })
    }
}

fn decode(request: &pb::AnalyseTicketsRequest, fields: &mut Fields) -> AnalyseTickets {
    let days = filter::days(fields, &request.first_day, &request.last_day);
    let dimensions = dimensions(fields, &request.dimensions);
    if request.with_comparison && dimensions.iter().any(|dimension| dimension.is_of_time()) {
        fields.wrong("with_comparison", "is not for dimensions of days, weeks, months or years");
    }
    let order = match pb::AnalysisOrder::try_from(request.order) {
        Ok(pb::AnalysisOrder::Unspecified) => GroupOrder::Value,
        Ok(pb::AnalysisOrder::Tickets) => GroupOrder::Tickets,
        Ok(pb::AnalysisOrder::Growth) if request.with_comparison => GroupOrder::Growth,
        Ok(pb::AnalysisOrder::Growth) => {
            fields.wrong("order", "is growth only with_comparison");
            GroupOrder::Value
        }
        Err(_) => {
            fields.wrong("order", "is not one of the contract's values");
            GroupOrder::Value
        }
    };
    let groups_max = match usize::try_from(request.groups_max) {
        Ok(0) => GROUPS_MAX,
        Ok(groups_max) => groups_max,
        Err(_) => {
            fields.wrong("groups_max", "is not negative");
            GROUPS_MAX
        }
    };
    let filter = filter::filter(fields, request.filter.as_ref());
    let counted_by = fields.optional_choice("counted_by", request.counted_by).unwrap_or_default();
    let is_compared = request.with_comparison;
    AnalyseTickets { days, counted_by, dimensions, filter, is_compared, order, groups_max }
}

fn dimensions(fields: &mut Fields, numbers: &[i32]) -> Vec<Dimension> {
    if numbers.len() > DIMENSIONS_MAX {
        fields.wrong("dimensions", format!("are at most {DIMENSIONS_MAX}"));
        return Vec::new();
    }
    let mut dimensions = Vec::new();
    for (place, number) in numbers.iter().enumerate() {
        match Dimension::of(*number) {
            Some(dimension) if dimensions.contains(&dimension) => {
                fields.wrong(format!("dimensions[{place}]"), "is named already");
            }
            Some(dimension) => dimensions.push(dimension),
            None => fields.wrong(format!("dimensions[{place}]"), "is one of the contract's values"),
        }
    }
    dimensions
}

fn group(group: &Group) -> pb::AnalysisGroup {
    pb::AnalysisGroup {
        values: group.values.iter().map(value).collect(),
        counts: Some(counts(&group.counts)),
        tickets_period_before: group.period_before,
        tickets_year_before: group.year_before,
        growth: group.growth,
    }
}

/// A value as the contract writes it; an enumeration by the name of its value there.
fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::State(_, state) => {
            name(pb::TicketState::try_from(state.number()).map(|one| one.as_str_name()))
        }
        Value::Rung(_, rung) => name(pb::Rung::try_from(rung.number()).map(|one| one.as_str_name())),
        Value::Channel(_, channel) => {
            name(pb::Channel::try_from(channel.number()).map(|one| one.as_str_name()))
        }
        Value::Category(_, category) => {
            name(pb::TicketCategory::try_from(category.number()).map(|one| one.as_str_name()))
        }
    }
}

fn name<E>(name: Result<&'static str, E>) -> String {
    name.unwrap_or_default().to_owned()
}

fn counts(counts: &TicketCounts) -> pb::TicketCounts {
    let time =
        |percent| counts.handling_seconds(percent).map(|seconds| prost_types::Duration { seconds, nanos: 0 });
    let [
        tickets,
        open,
        open_late,
        completed,
        completed_on_time,
        answered_by_hotline,
        carried_over,
        returned,
        redispatched,
        reworked,
        urged,
        supervised,
        responded_answers,
        responded_yes,
        resolved_answers,
        resolved_yes,
        satisfied_answers,
        satisfied_yes,
    ] = *counts.sums();
    pb::TicketCounts {
        tickets,
        open,
        open_late,
        completed,
        completed_on_time,
        answered_by_hotline,
        carried_over,
        returned,
        redispatched,
        reworked,
        urged,
        supervised,
        responded_answers,
        responded_yes,
        resolved_answers,
        resolved_yes,
        satisfied_answers,
        satisfied_yes,
        handling_time_median: time(50),
        handling_time_p90: time(90),
    }
}
