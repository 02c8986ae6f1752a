//! One attempt of one call over gRPC, without the SDK, whose retries would hide which attempt got which answer.

use std::time::Duration;

use hotline_client::Uuid;
use hotline_proto::REASONS;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use hotline_proto::v1::{self as pb, ErrorReason};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::support::server::Server;
use crate::ticket_model::{Action, Answer, Call, Dispatch, Return, Tag, Ticket, Unit};

/// The codes of the units in the shipped directory.
const UNITS: [(Unit, &str); 2] = [(Unit::First, "district-chaoyang"), (Unit::Second, "district-fengtai")];
/// The text before a tag.
const TAG: &str = "T";
/// The system that the tickets come from.
const SYSTEM: &str = "linearizability";

/// The reasons that the model knows. Any other final refusal is a finding.
const VERDICTS: [ErrorReason; 9] = [
    ErrorReason::TicketNotFound,
    ErrorReason::EtagStale,
    ErrorReason::WrongState,
    ErrorReason::RequestIdReused,
    ErrorReason::ReturnPending,
    ErrorReason::ReturnsExhausted,
    ErrorReason::NoReturnPending,
    ErrorReason::FeedbackStands,
    ErrorReason::RungAlreadyReached,
];

/// The tokens of the callers.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    agent: MetadataValue<Ascii>,
    dispatcher: MetadataValue<Ascii>,
    supervisor: MetadataValue<Ascii>,
    units: [MetadataValue<Ascii>; 2],
}

impl Tokens {
    /// The development credentials of a server.
    pub(crate) fn of(server: &Server) -> Self {
        let bearer = |token: String| format!("Bearer {token}").parse().expect("a token fits into a header");
        Self {
            agent: bearer(server.token("agent")),
            dispatcher: bearer(server.token("dispatcher")),
            supervisor: bearer(server.token("supervisor")),
            units: Unit::ALL.map(|unit| bearer(server.unit_token(code_of(unit)))),
        }
    }

    /// The caller of an action, with a role that the contract allows.
    fn of_action(&self, action: Action) -> &MetadataValue<Ascii> {
        match (action.unit(), action) {
            (Some(Unit::First), _) => &self.units[0],
            (Some(Unit::Second), _) => &self.units[1],
            (None, Action::Dispatch(_) | Action::Rule { .. }) => &self.dispatcher,
            (None, Action::Urge) => &self.supervisor,
            (None, _) => &self.agent,
        }
    }
}

/// The outcome of an attempt.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// An answer that the model must explain, with the number and the intake of the ticket if it shows one.
    Answered(Answer, Option<VisibleTicket>),
    /// The outcome is unknown.
    Unknown,
    /// An answer that no model explains.
    Odd(String),
}

/// The data of a ticket that later calls need.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VisibleTicket {
    pub(crate) number: String,
    pub(crate) intake: prost_types::Timestamp,
}

/// The target of a call.
#[derive(Debug)]
pub(crate) struct Address<'a> {
    /// The reference of the ticket's source, by which it is created.
    pub(crate) reference: &'a str,
    /// `None` before it is created.
    pub(crate) ticket: Option<&'a VisibleTicket>,
    pub(crate) request_id: Uuid,
    pub(crate) timeout: Duration,
}

/// Makes one attempt.
pub(crate) async fn attempt(
    channel: Channel,
    tokens: &Tokens,
    call: &Call,
    address: &Address<'_>,
) -> Outcome {
    let client = TicketServiceClient::new(channel);
    let answered = tokio::time::timeout(address.timeout, send(client, tokens, call, address)).await;
    match answered {
        Ok(Ok(Some(ticket))) => match (read(&ticket), ticket.intake_time) {
            (Ok(snapshot), Some(intake)) => {
                let shown = VisibleTicket { number: ticket.number, intake };
                Outcome::Answered(Answer::Ticket(snapshot), Some(shown))
            }
            (Err(what), _) => Outcome::Odd(format!("{call:?}: {what}")),
            (_, None) => Outcome::Odd(format!("{call:?}: a ticket without an intake")),
        },
        Ok(Ok(None)) => Outcome::Odd(format!("{call:?}: an answer without a ticket")),
        Ok(Err(status)) => refused(call, &status),
        Err(_) => Outcome::Unknown,
    }
}

fn refused(call: &Call, status: &Status) -> Outcome {
    let details = status.get_error_details();
    let name = details.error_info().map(|info| info.reason.as_str());
    let reason = name.and_then(|name| REASONS.iter().find(|row| row.name == name)).map(|row| row.reason);
    match (reason, status.code()) {
        (Some(reason), _) if VERDICTS.contains(&reason) => Outcome::Answered(Answer::Refused(reason), None),
        // The server reports that it did not finish, or there was no answer.
        (_, Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted) | (None, _) => {
            Outcome::Unknown
        }
        (Some(reason), code) => Outcome::Odd(format!("{call:?}: {code:?} {reason:?}: {}", status.message())),
    }
}

macro_rules! ask {
    ($client:ident.$method:ident($request:expr)) => {
        $client.$method($request).await.map(|response| response.into_inner().ticket)
    };
}

async fn send(
    mut client: TicketServiceClient<Channel>,
    tokens: &Tokens,
    call: &Call,
    address: &Address<'_>,
) -> Result<Option<pb::Ticket>, Status> {
    let envelope = Envelope { authorization: tokens.of_action(call.action), timeout: address.timeout };
    let request_id = address.request_id.to_string();
    let ticket_number = address.ticket.map(|shown| shown.number.clone()).unwrap_or_default();
    let etag = call.etag.map(|version| format!("v{version}")).unwrap_or_default();
    let note = text(call.tag);
    macro_rules! command {
        ($method:ident, $request:ident { $($field:ident: $value:expr),* $(; $rest:expr)? }) => {{
            let message = pb::$request { request_id, ticket_number, etag, $($field: $value,)* $(..$rest)? };
            ask!(client.$method(envelope.of(message)))
        }};
    }
    match call.action {
        Action::Create => ask!(client.create_ticket(envelope.of(create(request_id, address)))),
        Action::Read | Action::ReadAs(_) => {
            let message = pb::GetTicketRequest { ticket_number, without_caller: true, ..Default::default() };
            ask!(client.get_ticket(envelope.of(message)))
        }
        Action::Dispatch(unit) => {
            let lead_unit = code_of(unit).to_owned();
            command!(dispatch_ticket, DispatchTicketRequest { lead_unit: lead_unit, note: note, reason: "职责划转".to_owned(); Default::default() })
        }
        Action::Accept(_) => command!(accept_ticket, AcceptTicketRequest {}),
        Action::Return(_) => command!(
            return_ticket,
            ReturnTicketRequest {
                reason: pb::ReturnReason::Incomplete as i32,
                rule: "三定规定".to_owned(),
                note: note;
                Default::default()
            }
        ),
        Action::Rule { is_accepted } => {
            let ruling = if is_accepted { pb::Ruling::Accept } else { pb::Ruling::Refuse };
            command!(rule_on_return, RuleOnReturnRequest { ruling: ruling as i32, note: note })
        }
        Action::Reply(_) => {
            command!(submit_feedback, SubmitFeedbackRequest { caller_reply: Some(reply(note, address)); Default::default() })
        }
        Action::Report(_) => {
            command!(submit_feedback, SubmitFeedbackRequest { hotline_report: Some(report(note)); Default::default() })
        }
        Action::ReplyAndReport(_) => command!(
            submit_feedback,
            SubmitFeedbackRequest {
                caller_reply: Some(reply(note.clone(), address)),
                hotline_report: Some(report(note))
            }
        ),
        Action::Classify { is_complex } => {
            command!(classify_ticket, ClassifyTicketRequest { ; classification(is_complex) })
        }
        Action::Redact => {
            command!(redact_ticket, RedactTicketRequest { note: note.clone(), subject: note; Default::default() })
        }
        Action::Urge => {
            let escalation = pb::Escalation::Urge as i32;
            command!(escalate_ticket, EscalateTicketRequest { escalation: escalation, note: note })
        }
        Action::Survey => {
            command!(submit_survey, SubmitSurveyRequest { resolved: 1, comment: note; Default::default() })
        }
        Action::Withdraw => command!(withdraw_ticket, WithdrawTicketRequest { note: note }),
    }
}

fn classification(is_complex: bool) -> pb::ClassifyTicketRequest {
    let (category, complexity) = (pb::TicketCategory::Appeal as i32, complexity(is_complex));
    pb::ClassifyTicketRequest { category, complexity, ..Default::default() }
}

/// The parts of every request besides its message.
struct Envelope<'a> {
    authorization: &'a MetadataValue<Ascii>,
    timeout: Duration,
}

impl Envelope<'_> {
    fn of<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(self.timeout);
        request.metadata_mut().insert("authorization", self.authorization.clone());
        request
    }
}

fn create(request_id: String, address: &Address<'_>) -> pb::CreateTicketRequest {
    pb::CreateTicketRequest {
        request_id,
        category: pb::TicketCategory::Appeal as i32,
        complexity: complexity(false),
        subject: text(0),
        content: "提交材料后至今没有答复。".to_owned(),
        channel: pb::Channel::Web as i32,
        source: Some(pb::Source { system: SYSTEM.to_owned(), reference: address.reference.to_owned() }),
        ..Default::default()
    }
}

/// A reply given at the intake: never before the cycle, never in the future.
fn reply(content: String, address: &Address<'_>) -> pb::CallerReply {
    pb::CallerReply {
        reply_time: address.ticket.map(|shown| shown.intake),
        method: pb::ContactMethod::Telephone as i32,
        official: "经办人".to_owned(),
        content,
        record_time: None,
    }
}

fn report(result: String) -> pb::HotlineReport {
    pb::HotlineReport { actions: "已核实".to_owned(), result, ..Default::default() }
}

const fn complexity(is_complex: bool) -> i32 {
    if is_complex { pb::TicketComplexity::Complex as i32 } else { pb::TicketComplexity::General as i32 }
}

fn code_of(unit: Unit) -> &'static str {
    UNITS.iter().find(|(one, _)| *one == unit).map_or("", |(_, code)| code)
}

fn text(tag: Tag) -> String {
    format!("{TAG}{tag}")
}

fn tag_of(text: &str) -> Result<Tag, String> {
    text.strip_prefix(TAG).and_then(|tag| tag.parse().ok()).ok_or_else(|| format!("{text:?} is no tag"))
}

fn version_of(etag: &str) -> Option<u32> {
    etag.strip_prefix('v')?.parse().ok()
}

/// A ticket as in the model.
fn read(ticket: &pb::Ticket) -> Result<Ticket, String> {
    let cycle = ticket.cycle.as_ref().ok_or("a ticket without a cycle")?;
    // A unit's etag is another one.
    let is_of_unit = ticket.etag.starts_with('d');
    let version = if is_of_unit { Some(0) } else { version_of(&ticket.etag) };
    let returns = if is_of_unit { &[][..] } else { &ticket.returns };
    let some_tag = |text: &str| if text.is_empty() { Ok(None) } else { tag_of(text).map(Some) };
    Ok(Ticket {
        version: version.ok_or_else(|| format!("{:?} is no etag", ticket.etag))?,
        state: ticket.state(),
        subject: tag_of(&ticket.subject)?,
        is_complex: ticket.complexity() == pb::TicketComplexity::Complex,
        dispatch: ticket.dispatch.as_ref().map(dispatch).transpose()?,
        returns: returns.iter().map(one_return).collect::<Result<_, _>>()?,
        reply: cycle.caller_reply.as_ref().map(|reply| tag_of(&reply.content)).transpose()?,
        report: cycle.hotline_report.as_ref().map(|report| tag_of(&report.result)).transpose()?,
        is_urged: cycle.rung() == pb::Rung::Urged,
        survey: cycle.survey.as_ref().map(|survey| tag_of(&survey.comment)).transpose()?,
        withdrawal: some_tag(&ticket.withdrawal_note)?,
    })
}

fn dispatch(dispatch: &pb::Dispatch) -> Result<Dispatch, String> {
    let lead = UNITS.iter().find(|(_, code)| *code == dispatch.lead_unit).map(|(unit, _)| *unit);
    Ok(Dispatch {
        lead: lead.ok_or_else(|| format!("{:?} is none of the units", dispatch.lead_unit))?,
        note: tag_of(&dispatch.note)?,
        is_accepted: dispatch.accept_time.is_some(),
    })
}

fn one_return(one: &pb::TicketReturn) -> Result<Return, String> {
    let ruling = one.ruling.as_ref().map(|ruling| Ok::<_, String>((ruling.accepted, tag_of(&ruling.note)?)));
    Ok(Return { note: tag_of(&one.note)?, is_arbitration: one.arbitration, ruling: ruling.transpose()? })
}
