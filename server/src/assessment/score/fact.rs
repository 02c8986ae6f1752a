//! A fact: what one unit did with one ticket in one handling cycle, as far as it is assessed.
//!
//! A fact names no caller and has no text. It is made from the events of the ticket and from nothing else, so it can be
//! made again at any time.

use serde::{Deserialize, Serialize};

use super::answers_of::AnswersOf;
use crate::ticket::{
    Category, Channel, Instant, Resolved, Responded, Rung, Satisfied, TicketNumber, UnitCode,
};

/// What a unit did with a ticket in a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The ticket.
    pub ticket: TicketNumber,
    /// The handling cycle, from 1.
    pub cycle: u32,
    /// The unit that leads; `None` for the hotline, which answered the ticket itself or has not sent it.
    pub unit: Option<UnitCode>,
    /// What the company wants.
    pub category: Category,
    /// How the request came.
    pub channel: Channel,
    /// The topic, once the ticket was classified by one.
    pub topic: Option<String>,
    /// The district of the matter.
    pub district: Option<String>,
    /// The instant of the intake.
    pub received_at: Instant,
    /// When the unit got the ticket in this cycle.
    pub dispatched_at: Option<Instant>,
    /// When the unit signed for it.
    pub accepted_at: Option<Instant>,
    /// The end of the time to sign for it.
    pub accept_due_at: Option<Instant>,
    /// The limit in force: the deadline, or the promised date.
    pub due_at: Instant,
    /// When the pair of feedbacks was complete, or when the hotline answered.
    pub completed_at: Option<Instant>,
    /// Whether it is carried over to a promised date.
    pub is_carried_over: bool,
    /// The highest rung of supervision.
    pub rung: Rung,
    /// How often the unit returned it.
    pub returns: u32,
    /// What the company said in the follow-up call.
    pub follow_up: Option<FollowUpAnswers>,
    /// What it said to another agent, who called again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck: Option<FollowUpAnswers>,
    /// Whether another agent is to call again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_recheck_due: bool,
    /// Whether a decision excludes it from the assessment.
    pub is_excluded: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// What the company said; `None` was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUpAnswers {
    /// The instant of the call.
    pub surveyed_at: Instant,
    /// Did the unit contact the company?
    pub responded: Option<Responded>,
    /// Was the matter resolved?
    pub resolved: Option<Resolved>,
    /// Is the company satisfied?
    pub satisfied: Option<Satisfied>,
}

impl FollowUpAnswers {
    /// These answers, each replaced by the one of a second call that gave one.
    fn rechecked(self, recheck: &Self) -> Self {
        let is_answer = |answer: &Responded| *answer != Responded::WouldNotAnswer;
        Self {
            surveyed_at: self.surveyed_at,
            responded: recheck.responded.filter(is_answer).or(self.responded),
            resolved: recheck.resolved.filter(|one| *one != Resolved::WouldNotAnswer).or(self.resolved),
            satisfied: recheck.satisfied.filter(|one| *one != Satisfied::WouldNotAnswer).or(self.satisfied),
        }
    }
}

impl Fact {
    /// The answers that an item counts; none without a survey.
    #[must_use]
    pub fn answers(&self, of: AnswersOf) -> Option<FollowUpAnswers> {
        let survey = self.follow_up?;
        let recheck = self.recheck.as_ref().filter(|_| of == AnswersOf::Recheck);
        Some(recheck.map_or(survey, |recheck| survey.rechecked(recheck)))
    }

    /// Whether it was completed within its limit; the limit itself is on time.
    #[must_use]
    pub fn is_on_time(&self) -> bool {
        self.completed_at.is_some_and(|at| at <= self.due_at)
    }
}
