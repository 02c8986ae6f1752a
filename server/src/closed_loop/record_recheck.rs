//! `RecordRecheck` (回访复核): what the company said to a second call by another agent. A keyed draw chooses a share of the
//! surveyed tickets, so that no agent knows whose survey is checked. The recheck stands beside the survey and never
//! replaces it. It changes neither the state of the ticket nor whether it may be reworked.

use hotline_proto::v1::ErrorReason;

use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Resolved, Responded, Satisfied, Survey, Ticket};

/// A second call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct RecordRecheck {
    pub responded: Option<Responded>,
    pub resolved: Option<Resolved>,
    pub satisfied: Option<Satisfied>,
    pub comment: String,
}

enum Refusal {
    NotChosen,
    Recorded,
    SameAgent,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        Self::new(match refused {
            Refusal::NotChosen => ErrorReason::RecheckNotDue,
            Refusal::Recorded => ErrorReason::RecheckRecorded,
            Refusal::SameAgent => ErrorReason::OtherAgentNeeded,
        })
    }
}

impl Verb for RecordRecheck {
    const COMMAND: Command = Command::RecordRecheck;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("comment", &self.comment)]
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let survey = ticket.cycle.survey.as_ref().filter(|survey| survey.is_chosen);
        let survey = survey.ok_or(Refusal::NotChosen)?;
        if ticket.cycle.recheck.is_some() {
            return Err(Refusal::Recorded.into());
        }
        if survey.surveyed_by == ctx.permit.principal() {
            return Err(Refusal::SameAgent.into());
        }
        let recheck = Survey {
            responded: self.responded,
            resolved: self.resolved,
            satisfied: self.satisfied,
            comment: self.comment.clone(),
            surveyed_at: ctx.now,
            surveyed_by: ctx.permit.principal().to_owned(),
            is_chosen: false,
        };
        Ok(vec![Event::RecheckRecorded { recheck }])
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::Draw;
    use super::super::fixture::*;
    use super::*;
    use crate::ticket::State;

    fn recheck() -> RecordRecheck {
        RecordRecheck {
            responded: None,
            resolved: Some(Resolved::Yes),
            satisfied: Some(Satisfied::Satisfied),
            comment: String::new(),
        }
    }

    #[test]
    fn another_agent_records_it_once_beside_the_survey() {
        let mut desk = Desk::open();
        desk.draw = Draw::of(0);
        let surveyed = desk.run(AGENT, &dissatisfied(), &desk.completed());
        assert!(surveyed.cycle.is_recheck_due());
        assert_eq!(desk.refusal(AGENT, &recheck(), &surveyed), ErrorReason::OtherAgentNeeded);
        let other = desk.after_hours(5).called_by("another");
        assert_eq!(other.refusal(LEAD_UNIT, &recheck(), &surveyed), ErrorReason::RoleNotAllowed);
        let checked = other.run(AGENT, &recheck(), &surveyed);
        assert_eq!((checked.state, &checked.cycle.survey), (State::Closed, &surveyed.cycle.survey));
        let recorded = checked.cycle.recheck.as_ref().expect("it is recorded");
        assert_eq!((recorded.satisfied, recorded.surveyed_at), (Some(Satisfied::Satisfied), other.now));
        assert!(!checked.cycle.is_recheck_due());
        assert_eq!(other.refusal(AGENT, &recheck(), &checked), ErrorReason::RecheckRecorded);
    }

    #[test]
    fn what_is_not_chosen_is_not_called_again() {
        let other = Desk::open().called_by("another");
        for (draw, percent) in [(Draw::NONE, 100), (Draw::of(u64::MAX), 2), (Draw::of(0), 0)] {
            let mut desk = Desk::open();
            (desk.draw, desk.policy.follow_up.recheck_percent) = (draw, percent);
            let surveyed = desk.run(AGENT, &dissatisfied(), &desk.completed());
            assert_eq!(other.refusal(AGENT, &recheck(), &surveyed), ErrorReason::RecheckNotDue);
        }
        let unreached = Desk::open().completed();
        assert_eq!(other.refusal(AGENT, &recheck(), &unreached), ErrorReason::WrongState);
    }
}
