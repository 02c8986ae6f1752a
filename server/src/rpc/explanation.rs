//! The explanation of a deadline, as a message.

use hotline_proto::v1 as pb;

use super::enums::ContractEnum as _;
use super::scalars::{count, time};
use crate::deadline::{Explanation, Limit, Line, LineKind, Why};

pub(super) fn encode(explanation: &Explanation) -> pb::DeadlineExplanation {
    let (days, minutes, clock) = match explanation.limit {
        Limit::Minutes(minutes) => (0, minutes, pb::DeadlineClock::Natural as i32),
        Limit::Days(limit) => (limit.days, 0, limit.clock.number()),
    };
    pb::DeadlineExplanation {
        tier: explanation.tier.number(),
        days: count(days),
        minutes: count(minutes),
        clock,
        policy_version: explanation.policy_version.clone(),
        calendar_version: explanation.calendar_version.clone(),
        start_time: Some(time(explanation.intake_at)),
        due_time: Some(time(explanation.due_at)),
        provisional: explanation.provisional,
        lines: explanation.lines.iter().map(line).collect(),
    }
}

fn line(line: &Line) -> pb::DeadlineLine {
    let (kind, holiday) = match (line.kind, &line.why) {
        (LineKind::StartDay, _) => (pb::DayKind::Start, String::new()),
        (_, Why::NaturalDay) => (pb::DayKind::Natural, String::new()),
        (_, Why::Workday) => (pb::DayKind::Workday, String::new()),
        (_, Why::MakeUpWorkday { holiday }) => (pb::DayKind::MakeUpWorkday, holiday.clone()),
        (_, Why::Weekend) => (pb::DayKind::Weekend, String::new()),
        (_, Why::Holiday { name }) => (pb::DayKind::Holiday, name.clone()),
    };
    pb::DeadlineLine {
        date: line.date.to_string(),
        ordinal: line.ordinal.map_or(0, count),
        kind: kind as i32,
        holiday,
    }
}
