//! The work during a fault: tickets through the loop, refused commands, accesses to identities, the directory, clients,
//! the vault's keys, and a clock that passes every limit. The stored state is always the same, so a run without a fault
//! shows what every other run must store.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    AcceptTicket, ApproveReveal, CallDetails, CallEnd, CallKey, CallOffer, CallOfferResult, CallerReply,
    CatalogueEntry, Category, Channel, ClassifyTicket, ClientKind, Complexity, Contact, ContactMethod,
    CreateClient, CreateTicket, DispatchTicket, ErrorReason, HotlineReport, PutCatalogueEntry, PutUnit,
    ReportCall, Resolved, Responded, RevealIdentity, RevealPurpose, Role, Satisfied, Source, SubmitFeedback,
    SubmitSurvey, Ticket, TransferTickets, Unit, UnitGroup, Uuid,
};
use tokio::task::JoinSet;

use crate::faulty_server::{Clients, LEAD, retry_until_answered};
use crate::support::canary;

/// Tickets that go through the loop.
pub(crate) const TICKETS: usize = 6;
/// The first of them are completed and surveyed; the limits of the others pass.
const COMPLETED: usize = 3;
/// How far the clock is advanced: past the longest limit and every rung after it.
const FAR: TimeDelta = TimeDelta::days(20);

/// A ticket as it was last acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Acknowledged {
    pub(crate) number: String,
    pub(crate) version: u32,
}

impl Acknowledged {
    /// The acknowledged state in an answer.
    pub(crate) fn of(ticket: &Ticket) -> Self {
        Self { number: ticket.number.clone(), version: version_of(ticket) }
    }
}

/// The version of a ticket, which its etag is made of.
pub(crate) fn version_of(ticket: &Ticket) -> u32 {
    let version = ticket.etag.strip_prefix('v').and_then(|version| version.parse().ok());
    version.unwrap_or_else(|| panic!("an etag is a version: {}", ticket.etag))
}

/// Does all the work; returns the acknowledged tickets.
pub(crate) async fn do_all(clients: Clients) -> Result<Vec<Acknowledged>, String> {
    let mut tasks = JoinSet::new();
    for order in 0..TICKETS {
        tasks.spawn(complete_ticket(clients.clone(), order));
    }
    tasks.spawn(reveal(clients.clone()));
    let call = tokio::spawn(report_call(clients.clone()));
    let desk = tokio::spawn(change_directory_and_clients(clients.clone()));
    let mut acknowledged = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        acknowledged.push(ended.map_err(|error| error.to_string())??);
    }
    desk.await.map_err(|error| error.to_string())??;
    call.await.map_err(|error| error.to_string())??;
    let simulation = clients.administrator.simulation();
    let start = retry_until_answered("GetTime", || simulation.get_time()).await?;
    advance(&clients, start + FAR).await?;
    Ok(acknowledged)
}

/// Advances the clock; it is no error if it is there already.
pub(crate) async fn advance(clients: &Clients, to: DateTime<Utc>) -> Result<(), String> {
    let simulation = clients.administrator.simulation();
    retry_until_answered("AdvanceTo", || async {
        match simulation.advance_to(to).await {
            Err(error) if error.reason() == Some(ErrorReason::ClockGoesForward) => Ok(()),
            outcome => outcome.map(drop),
        }
    })
    .await
}

/// A request with its own call, from a caller that no log may name.
fn request(order: usize, category: Category) -> CreateTicket {
    CreateTicket::new(
        category,
        Complexity::General,
        Channel::Web,
        "询问变更登记的进度",
        "提交材料后至今没有答复。",
    )
    .request_id(Uuid::new_v4())
    .confidential(true)
    .contact(Contact { name: canary::CONTACT.into(), phone: canary::PHONE.into() })
    .source(Source { system: "ipcc".into(), reference: format!("call-{order}") })
}

async fn complete_ticket(clients: Clients, order: usize) -> Result<Acknowledged, String> {
    let create = request(order, Category::Appeal);
    let agent = clients.agent.tickets();
    let ticket = retry_until_answered("CreateTicket", || agent.create_ticket(create.clone())).await?;
    let number = ticket.number.clone();
    refuse(&clients, &number).await?;
    if order.is_multiple_of(2) {
        let classify =
            ClassifyTicket::new(&number, Category::Appeal, Complexity::Complex).request_id(Uuid::new_v4());
        retry_until_answered("ClassifyTicket", || agent.classify_ticket(classify.clone())).await?;
    }
    let dispatch = DispatchTicket::new(&number, LEAD).request_id(Uuid::new_v4());
    let dispatcher = clients.dispatcher.tickets();
    let sent =
        retry_until_answered("DispatchTicket", || dispatcher.dispatch_ticket(dispatch.clone())).await?;
    refuse(&clients, &number).await?;
    let accept = AcceptTicket::new(&number).request_id(Uuid::new_v4());
    let lead = clients.lead.tickets();
    let accepted = retry_until_answered("AcceptTicket", || lead.accept_ticket(accept.clone())).await?;
    if order >= COMPLETED {
        // A unit's etag names no version: accepting is one event more than the dispatch.
        return Ok(Acknowledged { number, version: version_of(&sent) + 1 });
    }
    let feedback = feedback(&accepted);
    retry_until_answered("SubmitFeedback", || lead.submit_feedback(feedback.clone())).await?;
    let survey = SubmitSurvey::new(&number)
        .request_id(Uuid::new_v4())
        .responded(Responded::Yes)
        .resolved(Resolved::Yes)
        .satisfied(Satisfied::Basically);
    let closed = retry_until_answered("SubmitSurvey", || agent.submit_survey(survey.clone())).await?;
    Ok(Acknowledged::of(&closed))
}

fn feedback(ticket: &Ticket) -> SubmitFeedback {
    let reply = CallerReply {
        reply_time: ticket.update_time,
        method: ContactMethod::Telephone,
        official: "登记科".into(),
        content: "材料已受理，三日内办结。".into(),
        record_time: None,
    };
    let report = HotlineReport {
        actions: "核对了受理记录".into(),
        result: "已受理".into(),
        evidence: Vec::new(),
        record_time: None,
    };
    SubmitFeedback::new(&ticket.number).request_id(Uuid::new_v4()).caller_reply(reply).hotline_report(report)
}

/// A command that the server refuses and rolls back in any state of the ticket.
async fn refuse(clients: &Clients, number: &str) -> Result<(), String> {
    let wrong = DispatchTicket::new(number, "no-such-unit").request_id(Uuid::new_v4());
    retry_until_answered("a refused DispatchTicket", || async {
        match clients.dispatcher.tickets().dispatch_ticket(wrong.clone()).await {
            Ok(_) => Ok(Err("a dispatch to a unit that does not exist succeeded".to_owned())),
            Err(error) if error.reason().is_some_and(is_final) => Ok(Ok(())),
            Err(error) => Err(error),
        }
    })
    .await?
}

fn is_final(reason: ErrorReason) -> bool {
    !matches!(reason, ErrorReason::Unavailable | ErrorReason::Internal | ErrorReason::Overloaded)
}

/// A report whose caller is revealed with a second person's approval.
async fn reveal(clients: Clients) -> Result<Acknowledged, String> {
    let create = request(TICKETS, Category::ComplaintReport);
    let agent = clients.agent.tickets();
    let ticket = retry_until_answered("CreateTicket", || agent.create_ticket(create.clone())).await?;
    let number = ticket.number.as_str();
    let approve = ApproveReveal::new(number, "dev-agent", RevealPurpose::Contact, "同意联系举报人")
        .request_id(Uuid::new_v4());
    let supervisor = clients.supervisor.tickets();
    retry_until_answered("ApproveReveal", || supervisor.approve_reveal(approve.clone())).await?;
    let reveal =
        RevealIdentity::new(number, RevealPurpose::Contact, "回访，核对联系方式").request_id(Uuid::new_v4());
    retry_until_answered("RevealIdentity", || agent.reveal_identity(reveal.clone())).await?;
    Ok(Acknowledged::of(&ticket))
}

/// A call that waits, is offered to two seats, and is answered. The end is reported first.
pub(crate) async fn report_call(clients: Clients) -> Result<String, String> {
    let simulation = clients.administrator.simulation();
    let now = retry_until_answered("GetTime", || simulation.get_time()).await?;
    let began = now - TimeDelta::minutes(5);
    let at = |seconds| began + TimeDelta::seconds(seconds);
    let offer = |seconds, seat: &str, result| {
        let (offer_time, result_time) = (at(seconds), Some(at(seconds + 5)));
        let offer = CallOffer { seat: seat.into(), offer_time, result: Some(result), result_time };
        CallDetails { offers: vec![offer], ..CallDetails::default() }
    };
    let end = CallEnd { time: at(200), party: None, cause: None, talk_seconds: 90 };
    let key = CallKey::reference("ipcc", "call-reported", began);
    let calls = clients.telephony.calls();
    let mut id = String::new();
    for (seconds, details) in [
        (200, CallDetails { end: Some(end), ..CallDetails::default() }),
        (0, CallDetails { calling_number: Some(canary::PHONE.into()), ..CallDetails::default() }),
        (10, offer(10, "seat-1", CallOfferResult::TimedOut)),
        (20, offer(20, "seat-2", CallOfferResult::Answered)),
    ] {
        let part = ReportCall::new(key.clone(), at(seconds), details).request_id(Uuid::new_v4());
        id = retry_until_answered("ReportCall", || calls.report_call(part.clone())).await?;
    }
    Ok(id)
}

/// The changes by administrators.
async fn change_directory_and_clients(clients: Clients) -> Result<(), String> {
    let directory = clients.administrator.directory();
    let unit = Unit {
        code: "dept-failpoints".into(),
        name: "测试单位".into(),
        name_en: None,
        group: UnitGroup::Department,
        parent: None,
        district: None,
        active: true,
        etag: None,
        successor: None,
        policy_number: None,
    };
    let put = PutUnit::new(unit).request_id(Uuid::new_v4());
    retry_until_answered("PutUnit", || directory.put_unit(put.clone())).await?;
    let simulation = clients.administrator.simulation();
    let now = retry_until_answered("GetTime", || simulation.get_time()).await?;
    let entry = CatalogueEntry {
        topic: "licence.registration".into(),
        district: None,
        unit: "dept-failpoints".into(),
        start_time: now + TimeDelta::days(1),
        end_time: None,
    };
    let put = PutCatalogueEntry::new(entry).request_id(Uuid::new_v4());
    retry_until_answered("PutCatalogueEntry", || directory.put_catalogue_entry(put.clone())).await?;
    let create =
        CreateClient::new("failpoint-desk", ClientKind::Machine, &[Role::Agent], "for the failpoints")
            .request_id(Uuid::new_v4());
    let admin = clients.administrator.admin();
    retry_until_answered("CreateClient", || admin.create_client(create.clone())).await?;
    move_work(&clients).await
}

/// The open work of the new unit goes back to the desk, before the clock moves.
async fn move_work(clients: &Clients) -> Result<(), String> {
    let agent = clients.agent.tickets();
    let create = request(TICKETS + 1, Category::Appeal);
    let ticket = retry_until_answered("CreateTicket", || agent.create_ticket(create.clone())).await?;
    let request_id = Some(Uuid::new_v4());
    let dispatch = DispatchTicket::new(&ticket.number, "dept-failpoints").request_id(request_id);
    let dispatcher = clients.dispatcher.tickets();
    retry_until_answered("DispatchTicket", || dispatcher.dispatch_ticket(dispatch.clone())).await?;
    let transfer = TransferTickets::to_desk("dept-failpoints", "单位撤销").request_id(Uuid::new_v4());
    let supervisor = clients.supervisor.tickets();
    retry_until_answered("TransferTickets", || supervisor.transfer_tickets(transfer.clone())).await?;
    Ok(())
}
