//! `SubmitFeedback` (双反馈): the reply to the company and the report to the hotline. Only when both stand is the
//! lead's work complete; an assisting unit reports to the lead, and its report completes nothing.

use hotline_proto::v1::ErrorReason;

use super::{Moment, Verb};
use crate::platform::{Fault, Violations};
use crate::ticket::{
    AssistReport, CallerReply, Command, ContactMethod, Event, HotlineReport, Instant, Relation, Ticket,
    UnitCode,
};

/// Feedback; at least one half.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct SubmitFeedback {
    pub caller_reply: Option<Reply>,
    pub hotline_report: Option<Report>,
}

/// The reply to the company, as it is submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Reply {
    pub replied_at: Instant,
    pub method: ContactMethod,
    pub official: String,
    pub content: String,
}

/// The report to the hotline, as it is submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Report {
    pub actions: String,
    pub result: String,
    pub evidence: Vec<String>,
}

enum Refused {
    FeedbackStands { half: &'static str },
    NotInvolved,
    LeadOnly,
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::FeedbackStands { half } => Self::new(ErrorReason::FeedbackStands).with("feedback", half),
            Refused::NotInvolved => Self::new(ErrorReason::NotInvolved),
            Refused::LeadOnly => Self::new(ErrorReason::LeadOnly),
        }
    }
}

impl Report {
    fn recorded(&self, at: Instant) -> HotlineReport {
        HotlineReport {
            actions: self.actions.clone(),
            result: self.result.clone(),
            evidence: self.evidence.clone(),
            recorded_at: at,
        }
    }
}

impl SubmitFeedback {
    fn lead(&self, ticket: &Ticket, moment: &Moment<'_>, unit: &UnitCode) -> Result<Vec<Event>, Fault> {
        let mut events = Vec::new();
        if let Some(reply) = &self.caller_reply {
            if ticket.cycle.caller_reply.is_some() {
                return Err(Refused::FeedbackStands { half: "caller_reply" }.into());
            }
            check_reply_time(reply.replied_at, ticket, moment)?;
            let reply = CallerReply {
                replied_at: reply.replied_at,
                method: reply.method,
                official: reply.official.clone(),
                content: reply.content.clone(),
                recorded_at: moment.now,
            };
            events.push(Event::CallerReplied { unit: unit.clone(), reply });
        }
        if let Some(report) = &self.hotline_report {
            if ticket.cycle.hotline_report.is_some() {
                return Err(Refused::FeedbackStands { half: "hotline_report" }.into());
            }
            let report = report.recorded(moment.now);
            events.push(Event::HotlineReported { unit: unit.clone(), report });
        }
        let replied = self.caller_reply.is_some() || ticket.cycle.caller_reply.is_some();
        let reported = self.hotline_report.is_some() || ticket.cycle.hotline_report.is_some();
        if replied && reported {
            events.push(Event::TicketCompleted { is_on_time: moment.now <= ticket.cycle.due_at() });
        }
        Ok(events)
    }

    fn assist(&self, ticket: &Ticket, moment: &Moment<'_>, unit: &UnitCode) -> Result<Vec<Event>, Fault> {
        let Some(report) = self.hotline_report.as_ref().filter(|_| self.caller_reply.is_none()) else {
            // The company hears one voice: the lead's.
            return Err(Refused::LeadOnly.into());
        };
        if ticket.cycle.assist_reports.iter().any(|stands| stands.unit == *unit) {
            return Err(Refused::FeedbackStands { half: "hotline_report" }.into());
        }
        let report = AssistReport { unit: unit.clone(), report: report.recorded(moment.now) };
        Ok(vec![Event::AssistReported { report }])
    }
}

/// The company is told after it asked, and before that is recorded.
fn check_reply_time(replied_at: Instant, ticket: &Ticket, moment: &Moment<'_>) -> Result<(), Fault> {
    let mut violations = Violations::new();
    if replied_at > moment.now {
        violations.add("caller_reply.reply_time", "lies in the future");
    }
    if replied_at < ticket.received_at {
        violations.add("caller_reply.reply_time", "lies before the intake");
    }
    violations.into_result(())
}

impl Verb for SubmitFeedback {
    const COMMAND: Command = Command::SubmitFeedback;

    fn decide(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        let Some(unit) = moment.permit.unit() else { return Err(Refused::NotInvolved.into()) };
        match ticket.relation_of(unit) {
            Some(Relation::Lead) => self.lead(ticket, moment, unit),
            Some(Relation::Assist) => self.assist(ticket, moment, unit),
            Some(Relation::Inform) | None => Err(Refused::NotInvolved.into()),
        }
    }
}
