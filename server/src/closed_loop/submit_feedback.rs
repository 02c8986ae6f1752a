//! `SubmitFeedback` (双反馈): the reply to the company and the report to the hotline. The lead's work is complete only
//! when both are there. An assisting unit reports to the lead, and its report completes nothing.

use hotline_proto::v1::ErrorReason;

use super::{DecisionContext, Verb};
use crate::platform::{Fault, caller_clock};
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

enum Refusal {
    FeedbackStands { half: &'static str },
    NotInvolved,
    LeadOnly,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::FeedbackStands { half } => Self::new(ErrorReason::FeedbackStands).with("feedback", half),
            Refusal::NotInvolved => Self::new(ErrorReason::NotInvolved),
            Refusal::LeadOnly => Self::new(ErrorReason::LeadOnly),
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
    fn lead(&self, ticket: &Ticket, ctx: &DecisionContext<'_>, unit: &UnitCode) -> Result<Vec<Event>, Fault> {
        let mut events = Vec::new();
        if let Some(reply) = &self.caller_reply {
            if ticket.cycle.caller_reply.is_some() {
                return Err(Refusal::FeedbackStands { half: "caller_reply" }.into());
            }
            let reply = CallerReply {
                replied_at: settle_reply_time(reply.replied_at, ticket, ctx)?,
                method: reply.method,
                official: reply.official.clone(),
                content: reply.content.clone(),
                recorded_at: ctx.now,
            };
            events.push(Event::CallerReplied { unit: unit.clone(), reply });
        }
        if let Some(report) = &self.hotline_report {
            if ticket.cycle.hotline_report.is_some() {
                return Err(Refusal::FeedbackStands { half: "hotline_report" }.into());
            }
            let report = report.recorded(ctx.now);
            events.push(Event::HotlineReported { unit: unit.clone(), report });
        }
        let replied = self.caller_reply.is_some() || ticket.cycle.caller_reply.is_some();
        let reported = self.hotline_report.is_some() || ticket.cycle.hotline_report.is_some();
        if replied && reported {
            events.push(Event::TicketCompleted { is_on_time: ctx.now <= ticket.cycle.due_at() });
        }
        Ok(events)
    }

    fn assist(
        &self,
        ticket: &Ticket,
        ctx: &DecisionContext<'_>,
        unit: &UnitCode,
    ) -> Result<Vec<Event>, Fault> {
        let Some(report) = self.hotline_report.as_ref().filter(|_| self.caller_reply.is_none()) else {
            // Only the lead replies to the company.
            return Err(Refusal::LeadOnly.into());
        };
        if ticket.cycle.assist_reports.iter().any(|stands| stands.unit == *unit) {
            return Err(Refusal::FeedbackStands { half: "hotline_report" }.into());
        }
        let report = AssistReport { unit: unit.clone(), report: report.recorded(ctx.now) };
        Ok(vec![Event::AssistReported { report }])
    }
}

/// The company gets its reply after the intake, and before the reply is recorded. After a rework it gets another reply.
fn settle_reply_time(given: Instant, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Instant, Fault> {
    let field = "caller_reply.reply_time";
    let replied_at = caller_clock::settle(given, ctx.now).map_err(|ahead| ahead.fault(field, ctx.now))?;
    if replied_at < ticket.cycle.began_at {
        let what = "lies before the intake, or before the rework";
        return Err(Fault::new(ErrorReason::InvalidFields).at(field, what));
    }
    Ok(replied_at)
}

impl Verb for SubmitFeedback {
    const COMMAND: Command = Command::SubmitFeedback;

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let Some(unit) = ctx.permit.unit() else { return Err(Refusal::NotInvolved.into()) };
        match ticket.relation_of(unit) {
            Some(Relation::Lead) => self.lead(ticket, ctx, unit),
            Some(Relation::Assist) => self.assist(ticket, ctx, unit),
            Some(Relation::Inform) | None => Err(Refusal::NotInvolved.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::fixture::*;
    use super::*;
    use crate::ticket::State;

    fn reply_alone(replied_at: Instant) -> SubmitFeedback {
        SubmitFeedback { caller_reply: Some(reply(replied_at)), hotline_report: None }
    }

    fn report_alone() -> SubmitFeedback {
        SubmitFeedback { caller_reply: None, hotline_report: Some(report()) }
    }

    fn names(events: &[Event]) -> Vec<&'static str> {
        events.iter().map(Event::name).collect()
    }

    #[test]
    fn only_the_lead_s_pair_completes() {
        let desk = Desk::open();
        let fresh = desk.in_handling();
        let replied = desk.run(LEAD_UNIT, &reply_alone(desk.now), &fresh);
        let reported = desk.run(LEAD_UNIT, &report_alone(), &fresh);
        for (verb, ticket, expected) in [
            (reply_alone(desk.now), &fresh, vec!["CallerReplied"]),
            (report_alone(), &fresh, vec!["HotlineReported"]),
            (both(desk.now), &fresh, vec!["CallerReplied", "HotlineReported", "TicketCompleted"]),
            (report_alone(), &replied, vec!["HotlineReported", "TicketCompleted"]),
            (reply_alone(desk.now), &reported, vec!["CallerReplied", "TicketCompleted"]),
        ] {
            let events = desk.ask(LEAD_UNIT, &verb, ticket).expect("it is not refused");
            assert_eq!(names(&events), expected);
            let after = desk.run(LEAD_UNIT, &verb, ticket);
            let is_complete = expected.contains(&"TicketCompleted");
            assert_eq!(after.state == State::Completed, is_complete);
            assert_eq!(after.cycle.completed_at, is_complete.then_some(desk.now));
        }
    }

    #[test]
    fn what_stands_is_not_replaced() {
        let desk = Desk::open();
        let fresh = desk.in_handling();
        let replied = desk.run(LEAD_UNIT, &reply_alone(desk.now), &fresh);
        let reported = desk.run(LEAD_UNIT, &report_alone(), &fresh);
        let assisted = desk.run(ASSIST_UNIT, &report_alone(), &fresh);
        for (who, verb, ticket, half) in [
            (LEAD_UNIT, reply_alone(desk.now), &replied, "caller_reply"),
            (LEAD_UNIT, both(desk.now), &replied, "caller_reply"),
            (LEAD_UNIT, report_alone(), &reported, "hotline_report"),
            (LEAD_UNIT, both(desk.now), &reported, "hotline_report"),
            (ASSIST_UNIT, report_alone(), &assisted, "hotline_report"),
        ] {
            let fault = desk.ask(who, &verb, ticket).expect_err("it stands");
            assert_eq!(fault.reason, ErrorReason::FeedbackStands);
            assert_eq!(fault.metadata.get("feedback").map(String::as_str), Some(half));
        }
    }

    #[test]
    fn an_assisting_unit_reports_to_the_lead_and_completes_nothing() {
        let desk = Desk::open();
        let replied = desk.run(LEAD_UNIT, &reply_alone(desk.now), &desk.in_handling());
        let events = desk.ask(ASSIST_UNIT, &report_alone(), &replied).expect("it is not refused");
        assert_eq!(names(&events), ["AssistReported"]);
        let after = desk.run(ASSIST_UNIT, &report_alone(), &replied);
        assert_eq!((after.state, after.cycle.assist_reports.len()), (State::Handling, 1));
        for (who, verb, expected) in [
            // Only the lead replies to the company.
            (ASSIST_UNIT, reply_alone(desk.now), ErrorReason::LeadOnly),
            (ASSIST_UNIT, both(desk.now), ErrorReason::LeadOnly),
            (INFORM_UNIT, report_alone(), ErrorReason::NotInvolved),
            (INFORM_UNIT, reply_alone(desk.now), ErrorReason::NotInvolved),
            (Who(hotline_proto::v1::Role::Unit, Some(UNDER_LEAD)), report_alone(), ErrorReason::NotInvolved),
            (DISPATCHER, report_alone(), ErrorReason::RoleNotAllowed),
        ] {
            assert_eq!(desk.refusal(who, &verb, &replied), expected, "{who:?}");
        }
    }

    #[test]
    fn the_reply_lies_between_intake_and_now() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let later = desk.after_hours(2);
        let instant = TimeDelta::microseconds(1);
        let wait = later.now + caller_clock::TAKEN_AS_NOW_MAX + instant;
        let wrong = later.now + caller_clock::RETRY_MAX + instant;
        for (replied_at, reason) in [
            (ticket.received_at - instant, Some(ErrorReason::InvalidFields)),
            (ticket.received_at, None),
            (later.now, None),
            (wait - instant, None),
            (wait, Some(ErrorReason::ClockAhead)),
            (wrong, Some(ErrorReason::InvalidFields)),
        ] {
            let fault = later.ask(LEAD_UNIT, &both(replied_at), &ticket).err();
            assert_eq!(fault.as_ref().map(|fault| fault.reason), reason, "{replied_at}");
            let fields =
                fault.into_iter().flat_map(|fault| fault.violations).map(|violation| violation.field);
            let is_wrong = reason == Some(ErrorReason::InvalidFields);
            assert_eq!(fields.collect::<Vec<_>>(), vec!["caller_reply.reply_time"; usize::from(is_wrong)]);
        }
    }

    #[test]
    fn a_reply_by_a_clock_that_is_ahead_is_recorded_as_now() {
        let desk = Desk::open();
        let verb = both(desk.now + caller_clock::TAKEN_AS_NOW_MAX);
        let after = desk.run(LEAD_UNIT, &verb, &desk.in_handling());
        assert_eq!(after.cycle.caller_reply.map(|reply| reply.replied_at), Some(desk.now));
    }

    #[test]
    fn on_time_is_up_to_the_limit_itself() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let due_at = ticket.cycle.due_at();
        for (now, is_on_time) in [(due_at, true), (due_at + TimeDelta::microseconds(1), false)] {
            let events = desk.at(now).ask(LEAD_UNIT, &both(now), &ticket).expect("it is not refused");
            assert_eq!(events.last(), Some(&Event::TicketCompleted { is_on_time }));
        }
    }
}
