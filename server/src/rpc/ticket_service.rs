//! `hotline.v1.TicketService`: one line of decoding, one verb, one answer a method.

use std::sync::Arc;

use hotline_proto::v1 as pb;
use pb::ticket_service_server::TicketService;
use prost::Message;
use tonic::{Request, Response, Status};

use super::fields::Fields;
use super::large_pages::LargePages;
use super::request_id::with_canonical_id;
use super::{decode, encode, permit_of, status};
use crate::access::{Authenticator, Permit, View};
use crate::closed_loop::create_ticket::CreateTicket;
use crate::closed_loop::{Change, ClosedLoop, Verb};
use crate::platform::Fault;
use crate::platform::idempotency::{RequestKey, fingerprint};
use crate::ticket::{Ticket, UnitCode};

/// The longest etag that is looked at, in characters.
const ETAG_CHARS_MAX: usize = 64;

/// What a method answers with.
type Answer<T> = Result<Response<T>, Status>;

/// Serves the verbs of the loop.
#[derive(Debug, Clone)]
pub struct TicketSwitchboard {
    /// The verbs and what they stand on.
    pub closed_loop: ClosedLoop,
    /// Who knows the hotline's principals; `None` where nobody lets callers in, and a reveal is approved for nobody.
    pub authenticator: Option<Arc<Authenticator>>,
    /// The large pages that are read.
    pub large_pages: Arc<LargePages>,
}

/// A request that changes a ticket.
trait OnTicket: Message {
    fn request_id(&self) -> &str;
    fn ticket_number(&self) -> &str;
    fn etag(&self) -> &str;
}

macro_rules! on_ticket {
    ($($request:ident)+) => {$(
        impl OnTicket for pb::$request {
            fn request_id(&self) -> &str { &self.request_id }
            fn ticket_number(&self) -> &str { &self.ticket_number }
            fn etag(&self) -> &str { &self.etag }
        }
    )+};
}

on_ticket! {
    AnswerTicketRequest DeclineTicketRequest ClassifyTicketRequest PlanTicketRequest DispatchTicketRequest
    AcceptTicketRequest ReturnTicketRequest RuleOnReturnRequest SubmitFeedbackRequest CarryOverTicketRequest
    EscalateTicketRequest RecordContactAttemptRequest SubmitSurveyRequest ReworkTicketRequest
    WithdrawTicketRequest MergeTicketRequest RedactTicketRequest
}

/// The key under which a request's answer is recorded. The unit that the caller acts for is part of the request: a
/// principal that moved to another unit is not answered with what it did for the first.
pub(super) fn key_of(
    permit: &Permit,
    request_id: &str,
    request: &impl Message,
    fields: &mut Fields,
) -> RequestKey {
    let id = fields.request_id(request_id);
    let request = with_canonical_id(request.encode_to_vec(), request_id, &id.to_string());
    let unit = permit.unit().map(UnitCode::as_str);
    let fingerprint = fingerprint(permit.method().path, unit, &request);
    RequestKey { principal: permit.principal().to_owned(), request_id: id, fingerprint }
}

/// A ticket as the caller may see it.
fn shown(permit: &Permit, ticket: Result<Ticket, Fault>) -> Result<Option<pb::Ticket>, Status> {
    let ticket = ticket.map_err(status::of)?;
    Ok(Some(encode::ticket(&ticket, &View::of(permit, &ticket))))
}

impl TicketSwitchboard {
    /// Reads what every command on a ticket has, and the verb's own fields.
    fn change_of<R: OnTicket, V>(
        &self,
        permit: &Permit,
        request: &R,
        decode: impl Fn(&R, &mut Fields) -> V,
    ) -> Result<Change<V>, Fault> {
        let mut fields = Fields::at(self.closed_loop.clock.now());
        let key = key_of(permit, request.request_id(), request, &mut fields);
        let number = fields.number("ticket_number", request.ticket_number());
        let verb = decode(request, &mut fields);
        let etag = fields.optional("etag", request.etag(), ETAG_CHARS_MAX);
        fields.finish(Change { key, number, etag, verb })
    }

    /// Reads a request to take in.
    fn create_of(
        &self,
        permit: &Permit,
        request: &pb::CreateTicketRequest,
    ) -> Result<(RequestKey, CreateTicket), Fault> {
        let mut fields = Fields::at(self.closed_loop.clock.now());
        let create = decode::create_ticket(request, permit, &mut fields);
        // Without who called, and without what the texts say of it: CreateTicket compares that itself.
        let [subject, content] = create.screened().map(|screened| screened.text);
        let nameless = pb::CreateTicketRequest {
            enterprise: None,
            contact: None,
            subject,
            content,
            industry: create.screened_industry().unwrap_or_default(),
            ..request.clone()
        };
        let key = key_of(permit, &request.request_id, &nameless, &mut fields);
        fields.finish((key, create))
    }

    async fn change<R: OnTicket, V: Verb>(
        &self,
        request: Request<R>,
        decode: impl Fn(&R, &mut Fields) -> V,
    ) -> Result<Option<pb::Ticket>, Status> {
        let permit = permit_of(&request)?;
        let change = self.change_of(&permit, request.get_ref(), decode).map_err(status::of)?;
        let changed = self.closed_loop.change(permit.clone(), change).await;
        shown(&permit, changed)
    }
}

#[tonic::async_trait]
impl TicketService for TicketSwitchboard {
    async fn create_ticket(
        &self,
        request: Request<pb::CreateTicketRequest>,
    ) -> Answer<pb::CreateTicketResponse> {
        let permit = permit_of(&request)?;
        let (key, create) = self.create_of(&permit, request.get_ref()).map_err(status::of)?;
        let created = self.closed_loop.create_ticket(permit.clone(), key, create).await;
        let ticket = shown(&permit, created)?;
        Ok(Response::new(pb::CreateTicketResponse { ticket }))
    }

    async fn answer_ticket(
        &self,
        request: Request<pb::AnswerTicketRequest>,
    ) -> Answer<pb::AnswerTicketResponse> {
        let ticket = self.change(request, decode::answer_ticket).await?;
        Ok(Response::new(pb::AnswerTicketResponse { ticket }))
    }

    async fn decline_ticket(
        &self,
        request: Request<pb::DeclineTicketRequest>,
    ) -> Answer<pb::DeclineTicketResponse> {
        let ticket = self.change(request, decode::decline_ticket).await?;
        Ok(Response::new(pb::DeclineTicketResponse { ticket }))
    }

    async fn classify_ticket(
        &self,
        request: Request<pb::ClassifyTicketRequest>,
    ) -> Answer<pb::ClassifyTicketResponse> {
        let ticket = self.change(request, decode::classify_ticket).await?;
        Ok(Response::new(pb::ClassifyTicketResponse { ticket }))
    }

    async fn plan_ticket(&self, request: Request<pb::PlanTicketRequest>) -> Answer<pb::PlanTicketResponse> {
        let ticket = self.change(request, decode::plan_ticket).await?;
        Ok(Response::new(pb::PlanTicketResponse { ticket }))
    }

    async fn dispatch_ticket(
        &self,
        request: Request<pb::DispatchTicketRequest>,
    ) -> Answer<pb::DispatchTicketResponse> {
        let ticket = self.change(request, decode::dispatch_ticket).await?;
        Ok(Response::new(pb::DispatchTicketResponse { ticket }))
    }

    async fn accept_ticket(
        &self,
        request: Request<pb::AcceptTicketRequest>,
    ) -> Answer<pb::AcceptTicketResponse> {
        let ticket = self.change(request, decode::accept_ticket).await?;
        Ok(Response::new(pb::AcceptTicketResponse { ticket }))
    }

    async fn return_ticket(
        &self,
        request: Request<pb::ReturnTicketRequest>,
    ) -> Answer<pb::ReturnTicketResponse> {
        let ticket = self.change(request, decode::return_ticket).await?;
        Ok(Response::new(pb::ReturnTicketResponse { ticket }))
    }

    async fn rule_on_return(
        &self,
        request: Request<pb::RuleOnReturnRequest>,
    ) -> Answer<pb::RuleOnReturnResponse> {
        let ticket = self.change(request, decode::rule_on_return).await?;
        Ok(Response::new(pb::RuleOnReturnResponse { ticket }))
    }

    async fn submit_feedback(
        &self,
        request: Request<pb::SubmitFeedbackRequest>,
    ) -> Answer<pb::SubmitFeedbackResponse> {
        let ticket = self.change(request, decode::submit_feedback).await?;
        Ok(Response::new(pb::SubmitFeedbackResponse { ticket }))
    }

    async fn carry_over_ticket(
        &self,
        request: Request<pb::CarryOverTicketRequest>,
    ) -> Answer<pb::CarryOverTicketResponse> {
        let ticket = self.change(request, decode::carry_over_ticket).await?;
        Ok(Response::new(pb::CarryOverTicketResponse { ticket }))
    }

    async fn escalate_ticket(
        &self,
        request: Request<pb::EscalateTicketRequest>,
    ) -> Answer<pb::EscalateTicketResponse> {
        let ticket = self.change(request, decode::escalate_ticket).await?;
        Ok(Response::new(pb::EscalateTicketResponse { ticket }))
    }

    async fn record_contact_attempt(
        &self,
        request: Request<pb::RecordContactAttemptRequest>,
    ) -> Answer<pb::RecordContactAttemptResponse> {
        let ticket = self.change(request, decode::record_contact_attempt).await?;
        Ok(Response::new(pb::RecordContactAttemptResponse { ticket }))
    }

    async fn submit_survey(
        &self,
        request: Request<pb::SubmitSurveyRequest>,
    ) -> Answer<pb::SubmitSurveyResponse> {
        let ticket = self.change(request, decode::submit_survey).await?;
        Ok(Response::new(pb::SubmitSurveyResponse { ticket }))
    }

    async fn rework_ticket(
        &self,
        request: Request<pb::ReworkTicketRequest>,
    ) -> Answer<pb::ReworkTicketResponse> {
        let ticket = self.change(request, decode::rework_ticket).await?;
        Ok(Response::new(pb::ReworkTicketResponse { ticket }))
    }

    async fn withdraw_ticket(
        &self,
        request: Request<pb::WithdrawTicketRequest>,
    ) -> Answer<pb::WithdrawTicketResponse> {
        let ticket = self.change(request, decode::withdraw_ticket).await?;
        Ok(Response::new(pb::WithdrawTicketResponse { ticket }))
    }

    async fn merge_ticket(
        &self,
        request: Request<pb::MergeTicketRequest>,
    ) -> Answer<pb::MergeTicketResponse> {
        let permit = permit_of(&request)?;
        let change = self.change_of(&permit, request.get_ref(), decode::merge_ticket).map_err(status::of)?;
        let merged = self.closed_loop.merge_ticket(permit.clone(), change).await;
        let ticket = shown(&permit, merged)?;
        Ok(Response::new(pb::MergeTicketResponse { ticket }))
    }

    async fn redact_ticket(
        &self,
        request: Request<pb::RedactTicketRequest>,
    ) -> Answer<pb::RedactTicketResponse> {
        let ticket = self.change(request, decode::redact_ticket).await?;
        Ok(Response::new(pb::RedactTicketResponse { ticket }))
    }

    async fn get_ticket(&self, request: Request<pb::GetTicketRequest>) -> Answer<pb::GetTicketResponse> {
        let permit = permit_of(&request)?;
        self.get(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn list_tickets(
        &self,
        request: Request<pb::ListTicketsRequest>,
    ) -> Answer<pb::ListTicketsResponse> {
        let permit = permit_of(&request)?;
        self.list(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn list_ticket_events(
        &self,
        request: Request<pb::ListTicketEventsRequest>,
    ) -> Answer<pb::ListTicketEventsResponse> {
        let permit = permit_of(&request)?;
        self.list_events(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn list_digests(
        &self,
        request: Request<pb::ListDigestsRequest>,
    ) -> Answer<pb::ListDigestsResponse> {
        let permit = permit_of(&request)?;
        self.list_digests(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn reveal_identity(
        &self,
        request: Request<pb::RevealIdentityRequest>,
    ) -> Answer<pb::RevealIdentityResponse> {
        let permit = permit_of(&request)?;
        self.reveal(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn approve_reveal(
        &self,
        request: Request<pb::ApproveRevealRequest>,
    ) -> Answer<pb::ApproveRevealResponse> {
        let permit = permit_of(&request)?;
        self.approve(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn explain_deadline(
        &self,
        request: Request<pb::ExplainDeadlineRequest>,
    ) -> Answer<pb::ExplainDeadlineResponse> {
        let permit = permit_of(&request)?;
        self.explain(&permit, &request.get_ref().ticket_number).await.map(Response::new).map_err(status::of)
    }
}
