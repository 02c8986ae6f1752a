//! The facts behind the scores of the assessment.

use chrono::{DateTime, Utc};

use super::{Category, Channel, Resolved, Responded, Rung, Satisfied};
use crate::convert::record;

record! {
    /// What one unit did with one ticket in one handling cycle, as far as it is assessed. It names no caller and has no
    /// text.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AssessmentFact = AssessmentFact {
        /// The ticket.
        ticket_number: String,
        /// The handling cycle, from 1.
        cycle: u32,
        /// The unit that leads at the end of the cycle; `None` for the hotline.
        unit: Option<String>,
        /// The category.
        category: Category,
        /// The channel.
        channel: Channel,
        /// The topic leaf.
        topic: Option<String>,
        /// The administrative division.
        district: Option<String>,
        /// When the ticket came in.
        received_time: DateTime<Utc>,
        /// When the unit got it in this cycle.
        dispatch_time: Option<DateTime<Utc>>,
        /// When the unit signed for it.
        accept_time: Option<DateTime<Utc>>,
        /// The end of the time to sign for it.
        accept_due_time: Option<DateTime<Utc>>,
        /// The limit in force: the deadline, or the promised date.
        due_time: DateTime<Utc>,
        /// When the cycle was completed.
        complete_time: Option<DateTime<Utc>>,
        /// Whether it is carried over to a promised date.
        carried_over: bool,
        /// The highest rung of the cycle.
        rung: Rung,
        /// How often the unit returned it.
        returns: u32,
        /// What the company said in the survey.
        survey: Option<FactAnswers>,
        /// What it said to another agent, who called again.
        recheck: Option<FactAnswers>,
        /// Whether another agent is to call again.
        recheck_due: bool,
        /// Whether a decision excludes it. Then it counts in the raw rates only.
        excluded: bool,
    }
}

record! {
    /// What a company said about one handling cycle. An answer is `None` if it was not asked.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    FactAnswers = FactAnswers {
        /// When it was called.
        survey_time: DateTime<Utc>,
        /// Whether the unit contacted it.
        responded: Option<Responded>,
        /// Whether the matter was resolved.
        resolved: Option<Resolved>,
        /// Whether it is satisfied.
        satisfied: Option<Satisfied>,
    }
}
