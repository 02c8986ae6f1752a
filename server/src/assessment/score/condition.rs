//! The conditions by which a scheme names its cases. `docs/assessment.md` lists them for people who write schemes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Fact;
use super::answers_of::AnswersOf;
use crate::ticket::{Category, Channel, Resolved, Responded, Rung, Satisfied};

/// A property of a fact, as a scheme names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The request came by telephone.
    ByTelephone,
    /// A consultation.
    Consultation,
    /// An appeal.
    Appeal,
    /// A complaint or report.
    ComplaintReport,
    /// It has a topic.
    Classified,
    /// The hotline answered it itself.
    AnsweredAtOnce,
    /// A unit got it.
    Dispatched,
    /// The unit signed for it.
    Accepted,
    /// The unit signed for it within its time.
    AcceptedInTime,
    /// It is completed.
    Completed,
    /// It was completed within its limit.
    OnTime,
    /// It was carried over and is not completed.
    CarriedOver,
    /// It was carried over, whatever became of it.
    HasPromise,
    /// It is in its second or a later handling cycle.
    Reworked,
    /// The unit returned it at least once.
    Returned,
    /// It was urged, or more.
    Urged,
    /// It was supervised, or more.
    Supervised,
    /// It has a survey.
    Surveyed,
    /// The company answered whether the unit contacted it.
    RespondedAnswered,
    /// The unit contacted the company.
    Responded,
    /// The company answered whether the matter is resolved.
    ResolvedAnswered,
    /// The matter is resolved.
    Resolved,
    /// The matter is partly resolved.
    PartlyResolved,
    /// The company answered whether it is satisfied.
    SatisfiedAnswered,
    /// The company is satisfied.
    Satisfied,
    /// The company is basically satisfied.
    BasicallySatisfied,
    /// The company is dissatisfied.
    Dissatisfied,
    /// A decision excludes it.
    Excluded,
}

impl Condition {
    /// Every condition.
    pub const ALL: [Self; 28] = [
        Self::ByTelephone,
        Self::Consultation,
        Self::Appeal,
        Self::ComplaintReport,
        Self::Classified,
        Self::AnsweredAtOnce,
        Self::Dispatched,
        Self::Accepted,
        Self::AcceptedInTime,
        Self::Completed,
        Self::OnTime,
        Self::CarriedOver,
        Self::HasPromise,
        Self::Reworked,
        Self::Returned,
        Self::Urged,
        Self::Supervised,
        Self::Surveyed,
        Self::RespondedAnswered,
        Self::Responded,
        Self::ResolvedAnswered,
        Self::Resolved,
        Self::PartlyResolved,
        Self::SatisfiedAnswered,
        Self::Satisfied,
        Self::BasicallySatisfied,
        Self::Dissatisfied,
        Self::Excluded,
    ];

    /// Those about an answer of the company, which a second call can change.
    pub const OF_ANSWERS: [Self; 9] = [
        Self::RespondedAnswered,
        Self::Responded,
        Self::ResolvedAnswered,
        Self::Resolved,
        Self::PartlyResolved,
        Self::SatisfiedAnswered,
        Self::Satisfied,
        Self::BasicallySatisfied,
        Self::Dissatisfied,
    ];

    /// Whether a fact has the property, by the answers of the survey or those of the second call.
    #[must_use]
    pub fn holds(self, fact: &Fact, answers: AnswersOf) -> bool {
        match self {
            Self::ByTelephone => fact.channel == Channel::Telephone,
            Self::Consultation => fact.category == Category::Consultation,
            Self::Appeal => fact.category == Category::Appeal,
            Self::ComplaintReport => fact.category == Category::ComplaintReport,
            Self::Classified => fact.topic.is_some(),
            Self::AnsweredAtOnce => fact.unit.is_none() && fact.completed_at.is_some(),
            Self::Dispatched => fact.dispatched_at.is_some(),
            Self::Accepted => fact.accepted_at.is_some(),
            Self::AcceptedInTime => match (fact.accepted_at, fact.accept_due_at) {
                (Some(at), Some(due_at)) => at <= due_at,
                _ => false,
            },
            Self::Completed => fact.completed_at.is_some(),
            Self::OnTime => fact.is_on_time(),
            Self::CarriedOver => fact.is_carried_over && fact.completed_at.is_none(),
            Self::HasPromise => fact.is_carried_over,
            Self::Reworked => fact.cycle > 1,
            Self::Returned => fact.returns > 0,
            Self::Urged => fact.rung >= Rung::Urged,
            Self::Supervised => fact.rung >= Rung::Supervised,
            Self::Excluded => fact.is_excluded,
            Self::Surveyed => fact.follow_up.is_some(),
            of_the_survey => of_the_survey.is_answered(fact, answers),
        }
    }

    /// Whether the company answered in this way. "Would not answer" is no answer.
    fn is_answered(self, fact: &Fact, of: AnswersOf) -> bool {
        let Some(answers) = fact.answers(of) else { return false };
        match self {
            Self::RespondedAnswered => {
                answers.responded.is_some_and(|answer| answer != Responded::WouldNotAnswer)
            }
            Self::Responded => answers.responded == Some(Responded::Yes),
            Self::ResolvedAnswered => {
                answers.resolved.is_some_and(|answer| answer != Resolved::WouldNotAnswer)
            }
            Self::Resolved => answers.resolved == Some(Resolved::Yes),
            Self::PartlyResolved => answers.resolved == Some(Resolved::Partly),
            Self::SatisfiedAnswered => {
                answers.satisfied.is_some_and(|answer| answer != Satisfied::WouldNotAnswer)
            }
            Self::Satisfied => answers.satisfied == Some(Satisfied::Satisfied),
            Self::BasicallySatisfied => answers.satisfied == Some(Satisfied::Basically),
            Self::Dissatisfied => answers.satisfied == Some(Satisfied::Dissatisfied),
            _ => false,
        }
    }
}

/// The name in schemes.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
