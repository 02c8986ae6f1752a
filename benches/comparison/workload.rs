//! What the callers do: take a request in, and take it through the whole loop.

use hotline_client::{
    AcceptTicket, CallerReply, Category, Channel, Complexity, Contact, ContactMethod, CreateTicket,
    DispatchTicket, Error, HotlineReport, Resolved, Responded, Satisfied, SubmitFeedback, SubmitSurvey,
    Tickets,
};

use super::servers::UnitDesk;

/// Those who take a ticket through the loop.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    pub(crate) agent: Tickets,
    pub(crate) dispatcher: Tickets,
}

/// A request of a company.
pub(crate) fn appeal() -> CreateTicket {
    CreateTicket {
        contact: Some(Contact { name: "王女士".into(), phone: "13800000000".into() }),
        district: Some("110105".into()),
        ..CreateTicket::new(
            Category::Appeal,
            Complexity::General,
            Channel::Web,
            "营业执照变更迟迟未办结",
            "9月提交的变更申请至今没有答复，请协助核实办理进度。",
        )
    }
}

/// Takes a request in.
pub(crate) async fn create(agent: Tickets) -> Result<(), Error> {
    agent.create_ticket(appeal()).await.map(|_| ())
}

/// Takes a request in and has it dispatched and signed for; its number.
pub(crate) async fn handling(desk: &Desk, unit: &UnitDesk) -> Result<String, Error> {
    let ticket = desk.agent.create_ticket(appeal()).await?;
    let ticket = desk.dispatcher.dispatch_ticket(DispatchTicket::new(ticket.number, &unit.code)).await?;
    Ok(unit.tickets.accept_ticket(AcceptTicket::new(ticket.number)).await?.number)
}

/// The whole loop: intake, dispatch, acceptance, both halves of the feedback, survey. Six commands.
pub(crate) async fn whole_loop(desk: Desk, unit: UnitDesk) -> Result<(), Error> {
    let ticket = desk.agent.create_ticket(appeal()).await?;
    let ticket = desk.dispatcher.dispatch_ticket(DispatchTicket::new(ticket.number, &unit.code)).await?;
    let ticket = unit.tickets.accept_ticket(AcceptTicket::new(ticket.number)).await?;
    let reply = CallerReply {
        reply_time: ticket.update_time,
        method: ContactMethod::Telephone,
        official: "督查科".into(),
        content: "贵公司的变更今日可办。".into(),
        record_time: None,
    };
    let half = SubmitFeedback { caller_reply: Some(reply), ..SubmitFeedback::new(ticket.number) };
    let ticket = unit.tickets.submit_feedback(half).await?;
    let report = HotlineReport {
        actions: "约谈窗口负责人".into(),
        result: "已整改".into(),
        evidence: Vec::new(),
        record_time: None,
    };
    let half = SubmitFeedback { hotline_report: Some(report), ..SubmitFeedback::new(ticket.number) };
    let ticket = unit.tickets.submit_feedback(half).await?;
    let survey = SubmitSurvey {
        responded: Some(Responded::Yes),
        resolved: Some(Resolved::Yes),
        satisfied: Some(Satisfied::Satisfied),
        ..SubmitSurvey::new(ticket.number)
    };
    desk.agent.submit_survey(survey).await.map(|_| ())
}
