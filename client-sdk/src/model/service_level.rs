//! The service level of calls, and the seats that it needs.

use std::time::Duration;

use chrono::NaiveDate;

use crate::convert::record;

record! {
    /// Counts and waits of inbound calls that have ended.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ServiceLevel = ServiceLevel {
        /// Calls that joined a queue or were offered to a seat. The connect rate is `answered` out of these.
        queued: i64,
        /// Of these, calls that a seat answered.
        answered: i64,
        /// Of these, calls that a seat answered within 15 seconds after they joined the queue.
        answered_in_time: i64,
        /// Calls that ended in the queue, before they were offered to a seat.
        abandoned: i64,
        /// Calls that were offered to a seat, and that none answered.
        missed: i64,
        /// Calls that ended before they joined a queue; they are not among the others.
        not_queued: i64,
        /// The average wait of answered calls; `None` if none was answered.
        average_wait: Option<Duration>,
        /// The wait that 90 % of the answered calls did not exceed, rounded up by at most 19 %.
        p90_wait: Option<Duration>,
        /// The average time that an answered call was spoken; `None` if the exchange did not report it.
        average_talk: Option<Duration>,
    }
}

record! {
    /// The service level of one hour of the week, in the wall time of Asia/Shanghai.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    HourServiceLevel = HourServiceLevel {
        /// The day of the week: 1 is Monday, 7 is Sunday.
        weekday: u32,
        /// The hour of the day, 0 to 23.
        hour: u32,
        /// Its service level.
        level: ServiceLevel,
    }
}

record! {
    /// The service level of one day.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    DayServiceLevel = DayServiceLevel {
        /// The day.
        date: NaiveDate,
        /// Its service level.
        level: ServiceLevel,
    }
}

record! {
    /// What seats did. Seats for training are left out.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SeatFigures = SeatFigures {
        /// The seat; `None` for all seats of an hour.
        seat: Option<String>,
        /// Calls that were answered there.
        calls: i64,
        /// The time in which the agent waited for a call, while it rang too.
        ready: Duration,
        /// The time in which the agent spoke.
        talk: Duration,
        /// The time in which the agent finished calls.
        wrap_up: Duration,
        /// The time in breaks.
        paused: Duration,
        /// The percentage of the time without breaks in which the agent spoke or finished a call.
        occupancy_percent: Option<u32>,
    }
}

record! {
    /// What all seats did in one hour of the week, in the wall time of Asia/Shanghai.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    HourSeatFigures = HourSeatFigures {
        /// The day of the week: 1 is Monday, 7 is Sunday.
        weekday: u32,
        /// The hour of the day, 0 to 23.
        hour: u32,
        /// What they did.
        figures: SeatFigures,
    }
}

record! {
    /// The service level of a span.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SpanServiceLevel = GetServiceLevelResponse {
        /// All calls of the span.
        total: ServiceLevel,
        /// By the hour of the week; hours without calls are left out.
        hours: Vec<HourServiceLevel>,
        /// By day; days without calls are left out.
        days: Vec<DayServiceLevel>,
        /// By seat; seats where nobody was signed in are left out.
        seats: Vec<SeatFigures>,
        /// Of all seats, by the hour of the week; hours in which nobody was signed in are left out.
        seat_hours: Vec<HourSeatFigures>,
    }
}

record! {
    /// The seats that one hour of the week needs, in the wall time of Asia/Shanghai.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    SeatForecast = SeatForecast {
        /// The day of the week: 1 is Monday, 7 is Sunday.
        weekday: u32,
        /// The hour of the day, 0 to 23.
        hour: u32,
        /// The calls to expect in this hour.
        calls: f64,
        /// How long a seat is busy with one, with the work after it.
        handling: Duration,
        /// The least number of seats that meets the target.
        seats: u32,
        /// The percentage of calls that this number of seats answers in time.
        in_time_percent: u32,
        /// The percentage of their time for which the seats are busy.
        occupancy_percent: u32,
    }
}
