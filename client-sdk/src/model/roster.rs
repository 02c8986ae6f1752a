//! Staff of units on duty, what waits for dispatch, and what they advise.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Category, Complexity};
use crate::convert::{open_enum, plain_record, record, writable};

plain_record! {
    /// A duty of a unit at the platform (驻场值班): its field, and the hours of the week in which its staff are there.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    Roster = Roster {
        /// Its code: 2 to 64 characters of `[a-z0-9-]`.
        code: String,
        /// Its name, 1 to 100 characters.
        name: String,
        /// The unit whose staff are on duty.
        unit: String,
        /// The field: 1 to 64 leaves of the topic tree, each once.
        topics: Vec<String>,
        /// The days of the week, 1 (Monday) to 7 (Sunday), each once.
        weekdays: Vec<u32>,
        /// The first minute, in Beijing, as `08:00`.
        open_time_of_day: String,
        /// The first minute after it; `24:00` is the end of the day.
        close_time_of_day: String,
        /// Whether it counts.
        active: bool,
        /// Changes with every change. If it is sent back, it must be the present one.
        etag: Option<String>,
    }
}
writable!(
    Roster = Roster { code, name, unit, topics, weekdays, open_time_of_day, close_time_of_day, active, etag }
);

record! {
    /// A ticket that waits for dispatch. It says nothing about who called.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AwaitingTicket = AwaitingTicket {
        /// The ticket's number.
        ticket_number: String,
        /// What the company wants.
        category: Category,
        /// How much work it is.
        complexity: Complexity,
        /// The leaf of the topic tree.
        topic: Option<String>,
        /// The place.
        district: Option<String>,
        /// What it is about.
        subject: String,
        /// The request.
        content: String,
        /// When it was taken in.
        intake_time: DateTime<Utc>,
        /// Its limit.
        due_time: DateTime<Utc>,
        /// The advice since it began to wait, oldest first. A unit reads its own only.
        advice: Vec<DispatchAdvice>,
    }
}

record! {
    /// What a unit on duty said about a ticket before it was dispatched.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    DispatchAdvice = DispatchAdvice {
        /// The ticket.
        ticket_number: String,
        /// The unit that advises.
        unit: String,
        /// Whether the unit is responsible.
        verdict: AdviceVerdict,
        /// The rule that it relies on.
        rule: Option<String>,
        /// A note.
        note: Option<String>,
        /// When it was given.
        advise_time: DateTime<Utc>,
    }
}

open_enum! {
    /// Whether the advising unit is responsible.
    AdviceVerdict = AdviceVerdict {
        /// The unit is responsible.
        Responsible = "属本单位",
        /// It is not.
        NotResponsible = "非本单位",
    }
}

record! {
    /// A unit on duty advised on the dispatch.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    DispatchAdvised = DispatchAdvised {
        /// The advice.
        advice: DispatchAdvice,
    }
}

record! {
    /// The advice of a month by unit.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AdviceReport = GetAdviceQualityResponse {
        /// By unit, in the order of the codes.
        units: Vec<AdviceQuality>,
    }
}

record! {
    /// How good the advice of a unit in a month was.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AdviceQuality = AdviceQuality {
        /// The month, in Beijing, like `2019-10`.
        month: String,
        /// The unit.
        unit: String,
        /// Advice that was given in the month.
        given_count: u32,
        /// Advice whose ticket was dispatched after it.
        dispatched_count: u32,
        /// Advice that the dispatch followed.
        followed_count: u32,
        /// Advice whose ticket was completed by a unit.
        settled_count: u32,
        /// Advice that was right by who completed the ticket.
        right_count: u32,
    }
}
