//! `hotline.v1.TicketService`: one line of decoding, one verb, one answer a method.

use std::collections::HashMap;

use hotline_proto::v1 as pb;
use pb::ticket_service_server::TicketService;
use prost::Message;
use tonic::{Request, Response, Status};

use super::fields::Fields;
use super::page::{self, Page};
use super::wire::{Wire as _, time};
use super::{decode, encode, events, permit_of, status};
use crate::access::{Permit, View, view};
use crate::closed_loop::merge_ticket::MergeTicket;
use crate::closed_loop::{Change, ClosedLoop, Verb};
use crate::deadline;
use crate::ledger::list::{Behind, Filter, Order};
use crate::ledger::{self};
use crate::platform::Fault;
use crate::platform::idempotency::{RequestKey, fingerprint};
use crate::ticket::{Event, Instant, Recorded, Ticket, TicketNumber, Tier};

/// Serves the verbs of the loop.
#[derive(Debug, Clone)]
pub struct TicketSwitchboard {
    /// The verbs and what they stand on.
    pub closed_loop: ClosedLoop,
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
    WithdrawTicketRequest MergeTicketRequest
}

/// The key under which a request's answer is recorded.
pub(super) fn key_of(
    permit: &Permit,
    request_id: &str,
    request: &impl Message,
    fields: &mut Fields,
) -> RequestKey {
    RequestKey {
        principal: permit.principal().to_owned(),
        request_id: fields.request_id(request_id),
        fingerprint: fingerprint(permit.method().path, &request.encode_to_vec()),
    }
}

/// Reads what every command on a ticket has, and the verb's own fields.
fn change_of<R: OnTicket, V>(
    permit: &Permit,
    request: &R,
    decode: impl Fn(&R, &mut Fields) -> V,
) -> Result<Change<V>, Fault> {
    let mut fields = Fields::default();
    let key = key_of(permit, request.request_id(), request, &mut fields);
    let number = fields.number("ticket_number", request.ticket_number());
    let verb = decode(request, &mut fields);
    let etag = fields.optional("etag", request.etag(), 64);
    let (number, verb) = fields.finish((number, verb))?;
    let number = number.ok_or_else(|| Fault::internal("a number without a violation"))?;
    Ok(Change { key, number, etag, verb })
}

impl TicketSwitchboard {
    async fn change<R: OnTicket, V: Verb>(
        &self,
        request: Request<R>,
        decode: impl Fn(&R, &mut Fields) -> V,
    ) -> Result<Option<pb::Ticket>, Status> {
        let permit = permit_of(&request)?;
        let change = change_of(&permit, request.get_ref(), decode).map_err(status::of)?;
        let ticket = self.closed_loop.change(permit.clone(), change).await.map_err(status::of)?;
        Ok(Some(encode::ticket(&ticket, &View::of(&permit, &ticket))))
    }

    /// A ticket that the caller may see.
    async fn find(&self, permit: &Permit, number: &str) -> Result<Ticket, Fault> {
        let mut fields = Fields::default();
        let number = fields.number("ticket_number", number);
        let number = fields.finish(number)?.ok_or_else(|| Fault::internal("a number without a violation"))?;
        let found = ledger::read::find(self.closed_loop.store.reader(), &permit.scope(), number).await?;
        found.ok_or_else(|| crate::closed_loop::not_found(number))
    }

    async fn list(
        &self,
        permit: &Permit,
        request: &pb::ListTicketsRequest,
    ) -> Result<pb::ListTicketsResponse, Fault> {
        let (filter, order) = filter_of(request)?;
        let rest = pb::ListTicketsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
        let page =
            Page::read(request.page_size, &request.page_token, permit.method().path, &rest.encode_to_vec())?;
        let behind = match page.key::<2>()? {
            Some([due_at, number]) => {
                Some(Behind { due_at: page::parse(&due_at)?, number: page::parse(&number)? })
            }
            None => None,
        };
        let reader = self.closed_loop.store.reader();
        let mut tickets =
            ledger::list::page(reader, &permit.scope(), &filter, order, behind, page.reach()).await?;
        let next_page_token = page.cut(&mut tickets, |ticket| {
            let behind = Behind::of(ticket);
            format!("{}\n{}", behind.due_at, behind.number)
        });
        let tickets = tickets.iter().map(|ticket| encode::ticket(ticket, &View::of(permit, ticket)));
        Ok(pb::ListTicketsResponse { tickets: tickets.collect(), next_page_token })
    }

    async fn list_events(
        &self,
        permit: &Permit,
        request: &pb::ListTicketEventsRequest,
    ) -> Result<pb::ListTicketEventsResponse, Fault> {
        let ticket = self.find(permit, &request.ticket_number).await?;
        let number = ticket.number;
        let filter = number.to_string();
        let page =
            Page::read(request.page_size, &request.page_token, permit.method().path, filter.as_bytes())?;
        let after = match page.key::<1>()? {
            Some([sequence]) => page::parse(&sequence)?,
            None => 0,
        };
        let reader = self.closed_loop.store.reader();
        let mut found = ledger::read::events(reader, number, after, page.reach()).await?;
        let next_page_token = page.cut(&mut found, |recorded| recorded.sequence.to_string());
        let view = View::of(permit, &ticket);
        let events = found.iter().map(|recorded| events::event(recorded, &view)).collect();
        Ok(pb::ListTicketEventsResponse { events, next_page_token })
    }

    async fn explain(&self, permit: &Permit, number: &str) -> Result<pb::ExplainDeadlineResponse, Fault> {
        let ticket = self.find(permit, number).await?;
        let (reader, ledger) = (self.closed_loop.store.reader(), &self.closed_loop.ledger);
        let cycle = &ticket.cycle;
        let policy = ledger.policies().of(reader, &cycle.deadline.policy_version).await?;
        let explanation = deadline::explain(&policy, ledger.calendar(), cycle.deadline.tier, cycle.began_at)
            .map_err(|error| Fault::internal(format!("explaining {number}: {error}")))?;
        let timeline = ledger::read::events(reader, ticket.number, 0, u64::from(ticket.version)).await?;
        let now = self.closed_loop.clock.now();
        Ok(pb::ExplainDeadlineResponse {
            explanation: Some(encode::explanation(&explanation)),
            changes: deadline_changes(&timeline),
            due_time: Some(time(cycle.due_at())),
            now: Some(time(now)),
            seconds_left: (cycle.due_at() - now).num_seconds(),
        })
    }
}

/// What set or moved a ticket's limit, oldest first.
fn deadline_changes(timeline: &[Recorded]) -> Vec<pb::DeadlineChange> {
    let mut tier = Tier::General;
    let mut changes = Vec::new();
    for recorded in timeline {
        let (cause, due_at): (_, Instant) = match &recorded.event {
            Event::TicketCreated(created) => {
                tier = created.deadline.tier;
                (pb::DeadlineCause::Intake, created.deadline.due_at)
            }
            Event::TicketClassified(classified) => {
                tier = classified.deadline.tier;
                (pb::DeadlineCause::Classification, classified.deadline.due_at)
            }
            Event::CarryOverDecided { is_granted: true, due_at, .. } => {
                (pb::DeadlineCause::CarryOver, *due_at)
            }
            Event::TicketReworked { deadline, .. } => (pb::DeadlineCause::Rework, deadline.due_at),
            _ => continue,
        };
        changes.push(pb::DeadlineChange {
            change_time: Some(time(recorded.at)),
            cause: cause as i32,
            tier: tier.number(),
            due_time: Some(time(due_at)),
        });
    }
    changes
}

fn filter_of(request: &pb::ListTicketsRequest) -> Result<(Filter, Order), Fault> {
    let mut fields = Fields::default();
    let order = match pb::TicketOrder::try_from(request.order) {
        Ok(pb::TicketOrder::Unspecified | pb::TicketOrder::NewestFirst) => Order::NewestFirst,
        Ok(pb::TicketOrder::DueFirst) => Order::DueFirst,
        Err(_) => {
            fields.wrong("order", "is not one of the contract's values");
            Order::NewestFirst
        }
    };
    // The page says so too, but not together with the other fields.
    if request.page_size < 0 {
        fields.wrong("page_size", "is not negative");
    }
    let Some(asked) = &request.filter else { return fields.finish((Filter::default(), order)) };
    let states = asked.states.iter().enumerate();
    let states = states
        .filter_map(|(place, number)| fields.optional_choice(&format!("filter.states[{place}]"), *number));
    let states: HashMap<_, _> = states.map(|state: crate::ticket::State| (state.name(), state)).collect();
    let mut states: Vec<_> = states.into_values().collect();
    states.sort();
    let lead_unit =
        (!asked.lead_unit.is_empty()).then(|| fields.unit("filter.lead_unit", &asked.lead_unit).0);
    let filter = Filter {
        states,
        category: fields.optional_choice("filter.category", asked.category),
        lead_unit,
        district: fields.district("filter.district", &asked.district),
        topic: fields.topic("filter.topic", &asked.topic),
        rung_at_least: fields.optional_choice("filter.rung_at_least", asked.rung_at_least),
        intake_from: fields.time("filter.intake_start_time", asked.intake_start_time.as_ref()),
        intake_before: fields.time("filter.intake_end_time", asked.intake_end_time.as_ref()),
        open_and_due_before: fields.time("filter.due_end_time", asked.due_end_time.as_ref()),
    };
    fields.finish((filter, order))
}

/// Writes the methods that run one verb each.
macro_rules! commands {
    ($($method:ident $request:ident $response:ident $decode:expr;)+) => {
        #[tonic::async_trait]
        impl TicketService for TicketSwitchboard {
            async fn create_ticket(
                &self,
                request: Request<pb::CreateTicketRequest>,
            ) -> Result<Response<pb::CreateTicketResponse>, Status> {
                let permit = permit_of(&request)?;
                let mut fields = Fields::default();
                let request = request.get_ref();
                let key = key_of(&permit, &request.request_id, request, &mut fields);
                let create = decode::create_ticket(request, &permit, &mut fields);
                let create = fields.finish(create).map_err(status::of)?;
                let ticket = self.closed_loop.create_ticket(permit.clone(), key, create).await;
                let ticket = ticket.map_err(status::of)?;
                let ticket = Some(encode::ticket(&ticket, &View::of(&permit, &ticket)));
                Ok(Response::new(pb::CreateTicketResponse { ticket }))
            }

            $(
                async fn $method(
                    &self,
                    request: Request<pb::$request>,
                ) -> Result<Response<pb::$response>, Status> {
                    let ticket = self.change(request, $decode).await?;
                    Ok(Response::new(pb::$response { ticket }))
                }
            )+

            async fn merge_ticket(
                &self,
                request: Request<pb::MergeTicketRequest>,
            ) -> Result<Response<pb::MergeTicketResponse>, Status> {
                let permit = permit_of(&request)?;
                let into = |request: &pb::MergeTicketRequest, fields: &mut Fields| {
                    fields.number("into_ticket_number", &request.into_ticket_number)
                };
                let change = change_of(&permit, request.get_ref(), into).map_err(status::of)?;
                let into: Option<TicketNumber> = change.verb;
                let into = into.ok_or_else(|| status::of(Fault::internal("a number without a violation")))?;
                let change = Change {
                    key: change.key,
                    number: change.number,
                    etag: change.etag,
                    verb: MergeTicket { into },
                };
                let ticket = self.closed_loop.merge_ticket(permit.clone(), change).await;
                let ticket = ticket.map_err(status::of)?;
                let ticket = Some(encode::ticket(&ticket, &View::of(&permit, &ticket)));
                Ok(Response::new(pb::MergeTicketResponse { ticket }))
            }

            async fn get_ticket(
                &self,
                request: Request<pb::GetTicketRequest>,
            ) -> Result<Response<pb::GetTicketResponse>, Status> {
                let permit = permit_of(&request)?;
                let ticket = self.find(&permit, &request.get_ref().ticket_number).await.map_err(status::of)?;
                let reader = self.closed_loop.store.reader();
                let identity = ledger::identity::read(reader, ticket.number).await.map_err(status::of)?;
                let shown = !identity.is_empty() && view::shows_identity(&permit, &ticket);
                Ok(Response::new(pb::GetTicketResponse {
                    caller_withheld: !identity.is_empty() && !shown,
                    caller: shown.then(|| encode::caller(&identity)),
                    ticket: Some(encode::ticket(&ticket, &View::of(&permit, &ticket))),
                }))
            }

            async fn list_tickets(
                &self,
                request: Request<pb::ListTicketsRequest>,
            ) -> Result<Response<pb::ListTicketsResponse>, Status> {
                let permit = permit_of(&request)?;
                self.list(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
            }

            async fn list_ticket_events(
                &self,
                request: Request<pb::ListTicketEventsRequest>,
            ) -> Result<Response<pb::ListTicketEventsResponse>, Status> {
                let permit = permit_of(&request)?;
                self.list_events(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
            }

            async fn explain_deadline(
                &self,
                request: Request<pb::ExplainDeadlineRequest>,
            ) -> Result<Response<pb::ExplainDeadlineResponse>, Status> {
                let permit = permit_of(&request)?;
                let number = &request.get_ref().ticket_number;
                self.explain(&permit, number).await.map(Response::new).map_err(status::of)
            }
        }
    };
}

commands! {
    answer_ticket AnswerTicketRequest AnswerTicketResponse decode::answer_ticket;
    decline_ticket DeclineTicketRequest DeclineTicketResponse decode::decline_ticket;
    classify_ticket ClassifyTicketRequest ClassifyTicketResponse decode::classify_ticket;
    plan_ticket PlanTicketRequest PlanTicketResponse decode::plan_ticket;
    dispatch_ticket DispatchTicketRequest DispatchTicketResponse decode::dispatch_ticket;
    accept_ticket AcceptTicketRequest AcceptTicketResponse decode::accept_ticket;
    return_ticket ReturnTicketRequest ReturnTicketResponse decode::return_ticket;
    rule_on_return RuleOnReturnRequest RuleOnReturnResponse decode::rule_on_return;
    submit_feedback SubmitFeedbackRequest SubmitFeedbackResponse decode::submit_feedback;
    carry_over_ticket CarryOverTicketRequest CarryOverTicketResponse decode::carry_over_ticket;
    escalate_ticket EscalateTicketRequest EscalateTicketResponse decode::escalate_ticket;
    record_contact_attempt RecordContactAttemptRequest RecordContactAttemptResponse decode::record_contact_attempt;
    submit_survey SubmitSurveyRequest SubmitSurveyResponse decode::submit_survey;
    rework_ticket ReworkTicketRequest ReworkTicketResponse decode::rework_ticket;
    withdraw_ticket WithdrawTicketRequest WithdrawTicketResponse decode::withdraw_ticket;
}
