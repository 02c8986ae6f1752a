//! The life of a ticket in six commands: intake, dispatch, acceptance, reply to the caller, report to the hotline, and
//! the survey of the follow-up.

use std::sync::Arc;

use hotline_client::{
    AcceptTicket, CallerReply, ContactMethod, CreateTicket, DispatchTicket, Error, HotlineClient,
    HotlineReport, Resolved, Responded, Satisfied, SubmitFeedback, SubmitSurvey, Ticket,
};

/// The commands of a whole loop.
pub(crate) const COMMANDS: f64 = 6.0;

/// How far a ticket gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Created,
    Dispatched,
    Accepted,
    Completed,
    Closed,
}

/// Who takes tickets through the loop, on one connection.
#[derive(Debug, Clone)]
pub(crate) struct Staff {
    pub(crate) agent: HotlineClient,
    pub(crate) dispatcher: HotlineClient,
    /// The units by their codes.
    pub(crate) units: Arc<[(String, HotlineClient)]>,
}

impl Staff {
    /// Takes a new ticket up to a stage, with one of the units; returns it.
    ///
    /// # Errors
    /// If a command fails.
    pub(crate) async fn handle(
        &self,
        command: CreateTicket,
        unit: usize,
        up_to: Stage,
    ) -> Result<Ticket, Error> {
        let agent = self.agent.tickets();
        let ticket = agent.create_ticket(command).await?;
        if up_to == Stage::Created {
            return Ok(ticket);
        }
        let (code, unit) = &self.units[unit % self.units.len()];
        let unit = unit.tickets();
        let dispatch = DispatchTicket::new(&ticket.number, code);
        let ticket = self.dispatcher.tickets().dispatch_ticket(dispatch).await?;
        if up_to == Stage::Dispatched {
            return Ok(ticket);
        }
        let ticket = unit.accept_ticket(AcceptTicket::new(&ticket.number)).await?;
        if up_to == Stage::Accepted {
            return Ok(ticket);
        }
        unit.submit_feedback(reply(&ticket)).await?;
        let ticket = unit.submit_feedback(report(&ticket)).await?;
        if up_to == Stage::Completed {
            return Ok(ticket);
        }
        agent.submit_survey(survey(&ticket)).await
    }
}

fn reply(ticket: &Ticket) -> SubmitFeedback {
    let reply = CallerReply {
        // The server's own time, so that it never lies in the future.
        reply_time: ticket.update_time,
        method: ContactMethod::Telephone,
        official: "督查科".to_owned(),
        content: "贵公司的变更已经办结，今日可以领取新的营业执照。".to_owned(),
        record_time: None,
    };
    SubmitFeedback::new(&ticket.number).caller_reply(reply)
}

fn report(ticket: &Ticket) -> SubmitFeedback {
    let report = HotlineReport {
        actions: "核对了窗口的收件记录，约谈窗口负责人，当日补办变更登记。".to_owned(),
        result: "已办结".to_owned(),
        evidence: Vec::new(),
        record_time: None,
    };
    SubmitFeedback::new(&ticket.number).hotline_report(report)
}

fn survey(ticket: &Ticket) -> SubmitSurvey {
    SubmitSurvey::new(&ticket.number)
        .responded(Responded::Yes)
        .resolved(Resolved::Yes)
        .satisfied(Satisfied::Satisfied)
}
