//! Counts of tickets, and the records behind them.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Category, Channel, Resolved, Responded, Rung, Satisfied, TicketState};
use crate::convert::{open_enum, record};

open_enum! {
    /// By what tickets are grouped.
    AnalysisDimension = AnalysisDimension {
        /// The topic leaf.
        Topic = "事项",
        /// The branch of the topic.
        TopicBranch = "事项大类",
        /// The administrative division.
        District = "区划",
        /// The industry.
        Industry = "行业",
        /// The channel.
        Channel = "渠道",
        /// The category.
        Category = "类别",
        /// The unit that leads now.
        Unit = "主办单位",
        /// The state now.
        State = "状态",
        /// The highest rung.
        Rung = "督办级别",
        /// The age of an open ticket, in classes of days.
        Age = "在办时长",
        /// The hour of intake in the week.
        HourOfWeek = "周内时段",
        /// The day of intake.
        Day = "日",
        /// The ISO week of intake.
        Week = "周",
        /// The month of intake.
        Month = "月",
        /// The year of intake.
        Year = "年",
        /// The days from today to the limit of an open ticket; negative if it is past.
        DaysToLimit = "距时限天数",
    }
}

open_enum! {
    /// An instant of a ticket.
    AnalysisInstant = AnalysisInstant {
        /// The intake.
        Intake = "受理时间",
        /// The last completion.
        Completion = "办结时间",
    }
}

open_enum! {
    /// The order of groups, if it is not that of their values.
    AnalysisOrder = AnalysisOrder {
        /// The most tickets first.
        Tickets = "数量",
        /// The largest growth first.
        Growth = "增长",
    }
}

record! {
    /// Counts in groups.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    AnalysedTickets = AnalyseTicketsResponse {
        /// The groups.
        groups: Vec<AnalysisGroup>,
        /// All tickets: the denominator of each group's share.
        total: TicketCounts,
        /// How many groups there are, also if some were left out.
        groups_total: u32,
        /// All tickets of the period before; 0 without comparison.
        tickets_period_before: i64,
        /// All tickets of the same days of the year before; 0 without comparison.
        tickets_year_before: i64,
        /// The entries of the feed that are not counted yet.
        entries_behind: i64,
    }
}

record! {
    /// A group of tickets.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    AnalysisGroup = AnalysisGroup {
        /// Its value for each dimension.
        values: Vec<String>,
        /// What it counts.
        counts: TicketCounts,
        /// The tickets of the period before.
        tickets_period_before: i64,
        /// The tickets of the same days of the year before.
        tickets_year_before: i64,
        /// The growth against the period before, in standard deviations.
        growth: f64,
    }
}

record! {
    /// What a group of tickets counts.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketCounts = TicketCounts {
        /// All tickets.
        tickets: i64,
        /// They are open.
        open: i64,
        /// They are open, and their limit has passed.
        open_late: i64,
        /// They were completed in their last cycle.
        completed: i64,
        /// They were completed within the limit.
        completed_on_time: i64,
        /// The hotline answered them itself.
        answered_by_hotline: i64,
        /// They were carried over.
        carried_over: i64,
        /// A unit returned them at least once.
        returned: i64,
        /// They were dispatched more than once.
        redispatched: i64,
        /// They had more than one handling cycle.
        reworked: i64,
        /// They were urged, supervised or brought to manual supervision.
        urged: i64,
        /// They were supervised or brought to manual supervision.
        supervised: i64,
        /// The company answered whether it was contacted.
        responded_answers: i64,
        /// It was contacted.
        responded_yes: i64,
        /// The company answered whether its matter was resolved.
        resolved_answers: i64,
        /// It was resolved.
        resolved_yes: i64,
        /// The company answered whether it is satisfied.
        satisfied_answers: i64,
        /// It is satisfied or basically satisfied.
        satisfied_yes: i64,
        /// Half of the completed tickets took no longer, at most 2.5 % off.
        handling_time_median: Option<Duration>,
        /// Nine tenths of the completed tickets took no longer.
        handling_time_p90: Option<Duration>,
    }
}

record! {
    /// A ticket as the analysis counts it, without its texts.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketRecord = TicketRecord {
        /// Its number.
        number: String,
        /// When it came in.
        received_time: DateTime<Utc>,
        /// Its category.
        category: Category,
        /// Its channel.
        channel: Channel,
        /// Its topic leaf.
        topic: Option<String>,
        /// Its administrative division.
        district: Option<String>,
        /// Its industry.
        industry: Option<String>,
        /// The unit that leads now.
        unit: Option<String>,
        /// Its state now.
        state: TicketState,
        /// The limit in force.
        due_time: DateTime<Utc>,
        /// When its last cycle was completed.
        completed_time: Option<DateTime<Utc>>,
        /// Whether the hotline answered it itself.
        answered_by_hotline: bool,
        /// Whether it was carried over.
        carried_over: bool,
        /// How often units returned it.
        returns: u32,
        /// How often it was dispatched.
        dispatches: u32,
        /// Its handling cycles.
        cycles: u32,
        /// Its highest rung.
        rung: Rung,
        /// What the company said about contact.
        responded: Option<Responded>,
        /// What it said about the result.
        resolved: Option<Resolved>,
        /// What it said about satisfaction.
        satisfied: Option<Satisfied>,
    }
}
