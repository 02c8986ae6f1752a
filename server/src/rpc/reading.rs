//! The reading half of `hotline.v1.TicketService`: one ticket, lists, timelines, explanations, each within the reader's
//! scope and as the reader may see it.

use std::sync::Arc;

use hotline_proto::v1::{self as pb, ErrorReason};
use prost::Message as _;
use sea_orm::ConnectionTrait;

use super::fields::Fields;
use super::large_pages::Rows;
use super::mask::Mask;
use super::page::{self, Page};
use super::ticket_service::TicketSwitchboard;
use super::wire::{Wire as _, time};
use super::{encode, events};
use crate::access::{Permit, View, view};
use crate::closed_loop::{ClosedLoop, not_found};
use crate::deadline;
use crate::ledger;
use crate::ledger::identity::LookUp;
use crate::ledger::identity::reads::{self, Occasion, Why};
use crate::ledger::list::{Asked, Behind, Filter, Order, Parts};
use crate::platform::Fault;
use crate::platform::read_conn::ReadConn;
use crate::ticket::{
    CallerIdentity, Deadline, Event, Instant, Recorded, State, Ticket, TicketNumber, Tier, unit_sequence,
};

impl TicketSwitchboard {
    /// A ticket that the caller may see.
    async fn find(&self, permit: &Permit, number: TicketNumber) -> Result<Ticket, Fault> {
        self.find_with(&self.reading(permit).await?, permit, number).await
    }

    /// Where the reads of a caller go: a unit's are confined to what it may see, by the database too.
    pub(super) async fn reading(&self, permit: &Permit) -> Result<ReadConn, Fault> {
        self.closed_loop.store.read_conn(permit.scope().unit()).await
    }

    async fn find_with(&self, db: &ReadConn, permit: &Permit, number: TicketNumber) -> Result<Ticket, Fault> {
        let found = ledger::read::find(db, &permit.scope(), number).await?;
        let ticket = found.ok_or_else(|| not_found(number))?;
        let relation = permit.unit().map(|unit| ticket.relation_of(unit));
        if relation == Some(None) {
            return Err(not_found(number));
        }
        permit.check_relation(relation.flatten())?;
        Ok(ticket)
    }

    pub(super) async fn get(
        &self,
        permit: &Permit,
        request: &pb::GetTicketRequest,
    ) -> Result<pb::GetTicketResponse, Fault> {
        let mut fields = Fields::default();
        let mask = Mask::read(request.read_mask.as_ref(), &mut fields);
        let number = fields.number("ticket_number", &request.ticket_number);
        let ticket = self.find(permit, fields.finish(number)?).await?;
        let (ticket, caller, caller_withheld) = if request.without_caller {
            (ticket, CallerIdentity::default(), false)
        } else {
            self.with_caller(permit, ticket).await?
        };
        Ok(pb::GetTicketResponse {
            caller_withheld,
            caller: (!caller.is_empty()).then(|| encode::caller(&caller)),
            ticket: Some(mask.apply(encode::ticket(&ticket, &View::of(permit, &ticket)))),
        })
    }

    pub(super) async fn list(
        &self,
        permit: &Permit,
        request: &pb::ListTicketsRequest,
    ) -> Result<pb::ListTicketsResponse, Fault> {
        let mut fields = Fields::default();
        let mask = Mask::read(request.read_mask.as_ref(), &mut fields);
        let (mut filter, order) = filter_of(request, &mut fields);
        let asked = request.filter.as_ref();
        let code = asked
            .and_then(|asked| fields.credit_code("filter.social_credit_code", &asked.social_credit_code));
        let phone = asked.and_then(|asked| fields.phone("filter.contact_phone", &asked.contact_phone));
        fields.page_size(request.page_size);
        fields.finish(())?;
        if (code.is_some() || phone.is_some()) && !view::looks_up(permit) {
            return Err(Fault::new(ErrorReason::PartNotAllowed).with("part", "look-up"));
        }
        filter.caller =
            LookUp::of(self.closed_loop.ledger.vault(), code.as_deref(), phone.as_deref()).await?;
        let rest = pb::ListTicketsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
        let page =
            Page::read(request.page_size, &request.page_token, permit.method().path, &rest.encode_to_vec())?;
        let behind = match page.key::<2>()? {
            Some([due_at, number]) => {
                Some(Behind { due_at: page::parse(&due_at)?, number: page::parse(&number)? })
            }
            None => None,
        };
        let parts = if mask.names("content") { Parts::WithContent } else { Parts::WithoutContent };
        let asked = Asked { filter, order, parts, behind, limit: page.reach() };
        let rows = if parts == Parts::WithContent { Rows::Long } else { Rows::Short };
        // Held until the response is made.
        let _turn = self.large_pages.turn(permit.principal(), asked.limit, rows).await?;
        let tickets = self.page(permit, asked).await?;
        let key = |ticket: &Ticket| {
            let behind = Behind::of(ticket);
            format!("{}\n{}", behind.due_at, behind.number)
        };
        let show = |ticket: &Ticket| mask.apply(encode::ticket(ticket, &View::of(permit, ticket)));
        let (tickets, next_page_token) = page.show(&tickets, key, show);
        Ok(pb::ListTicketsResponse { tickets, next_page_token })
    }

    /// A page of tickets. Where they are looked up by who called, that is a reading of each identity that is found.
    async fn page(&self, permit: &Permit, asked: Asked) -> Result<Vec<Ticket>, Fault> {
        let ClosedLoop { store, clock, .. } = &self.closed_loop;
        if asked.filter.caller.is_empty() {
            return ledger::list::page(&self.reading(permit).await?, &permit.scope(), &asked).await;
        }
        let asked = Arc::new((permit.clone(), asked));
        store
            .work(clock, move |work| {
                let asked = Arc::clone(&asked);
                Box::pin(async move {
                    let (permit, asked) = &*asked;
                    let found = ledger::list::page(&work.tx, &permit.scope(), asked).await?;
                    let numbers: Vec<_> = found.iter().map(|ticket| ticket.number).collect();
                    reads::record(work, &permit.actor(), &numbers, &Why::of(Occasion::LookUp)).await?;
                    Ok(found)
                })
            })
            .await
    }

    pub(super) async fn list_events(
        &self,
        permit: &Permit,
        request: &pb::ListTicketEventsRequest,
    ) -> Result<pb::ListTicketEventsResponse, Fault> {
        let mut fields = Fields::default();
        fields.page_size(request.page_size);
        let number = fields.number("ticket_number", &request.ticket_number);
        let number = fields.finish(number)?;
        let filter = number.to_string();
        let page =
            Page::read(request.page_size, &request.page_token, permit.method().path, filter.as_bytes())?;
        // Held until the response is made.
        let _turn = self.large_pages.turn(permit.principal(), page.reach(), Rows::Short).await?;
        let reading = self.reading(permit).await?;
        let ticket = self.find_with(&reading, permit, number).await?;
        let after = match page.key::<1>()? {
            Some([sequence]) => page::parse(&sequence)?,
            None => 0,
        };
        let since = dispatch_seen(&reading, permit, &ticket).await?;
        let mut found = match since {
            None => ledger::read::events(&reading, number, after, page.reach()).await?,
            Some(since) => events_since(&reading, number, since, after, page.reach()).await?,
        };
        // What was recorded after the ticket was read may be of another unit's time.
        found.retain(|recorded| recorded.sequence <= ticket.version);
        let view = View::of(permit, &ticket);
        let counted = |recorded: &Recorded| {
            since.map_or(recorded.sequence, |since| unit_sequence(recorded.sequence, since))
        };
        let key = |recorded: &Recorded| counted(recorded).to_string();
        let show = |recorded: &Recorded| events::event(recorded, counted(recorded), &view);
        let (events, next_page_token) = page.show(&found, key, show);
        Ok(pb::ListTicketEventsResponse { events, next_page_token })
    }

    pub(super) async fn explain(
        &self,
        permit: &Permit,
        number: &str,
    ) -> Result<pb::ExplainDeadlineResponse, Fault> {
        let mut fields = Fields::default();
        let number = fields.number("ticket_number", number);
        let number = fields.finish(number)?;
        let reading = self.reading(permit).await?;
        let ticket = self.find_with(&reading, permit, number).await?;
        let (reader, ledger) = (&reading, &self.closed_loop.ledger);
        let cycle = &ticket.cycle;
        let policy = ledger.rules().policy(reader, &cycle.deadline.policy_version).await?;
        let calendar = ledger.rules().calendar(reader, &cycle.deadline.calendar_version).await?;
        let explanation = deadline::explain(&policy, &calendar, cycle.deadline.tier, cycle.began_at)
            .map_err(|error| Fault::internal(format!("explaining {number}: {error}")))?;
        let timeline = ledger::read::events(reader, ticket.number, 0, u64::from(ticket.version)).await?;
        let now = self.closed_loop.clock.now();
        Ok(pb::ExplainDeadlineResponse {
            explanation: Some(encode::explanation(&explanation)),
            changes: deadline_changes(&timeline, permit.unit().is_some()),
            due_time: Some(time(cycle.due_at())),
            now: Some(time(now)),
            seconds_left: (cycle.due_at() - now).num_seconds(),
        })
    }
}

/// The sequence of the dispatch from which on a caller reads a ticket's events; `None` for staff, who read all.
async fn dispatch_seen(
    db: &impl ConnectionTrait,
    permit: &Permit,
    ticket: &Ticket,
) -> Result<Option<u32>, Fault> {
    if permit.unit().is_none() {
        return Ok(None);
    }
    let since = match ticket.dispatched_version {
        Some(since) => Some(since),
        None => ledger::read::last_dispatch(db, ticket.number).await?,
    };
    since.map(Some).ok_or_else(|| Fault::internal(format!("{} was dispatched by no event", ticket.number)))
}

/// What a unit reads of a timeline, behind a sequence as the unit counts: the intake, and what happened from the present
/// dispatch on. Who had the ticket before, and why not any longer, may say who is complained about.
async fn events_since(
    db: &impl ConnectionTrait,
    number: TicketNumber,
    since: u32,
    after: u32,
    limit: u64,
) -> Result<Vec<Recorded>, Fault> {
    let mut found = if after == 0 { ledger::read::events(db, number, 0, 1).await? } else { Vec::new() };
    let behind = since.saturating_sub(1).saturating_add(after.saturating_sub(1));
    let left = limit.saturating_sub(found.len() as u64);
    found.extend(ledger::read::events(db, number, behind, left).await?);
    Ok(found)
}

/// What set or moved a ticket's limit, oldest first. A classification that moved nothing is left out for a unit: it may
/// have been made only to take the ticket away from another one.
fn deadline_changes(timeline: &[Recorded], is_for_unit: bool) -> Vec<pb::DeadlineChange> {
    let (mut tier, mut last_counted) = (Tier::General, None);
    let mut changes = Vec::new();
    for recorded in timeline {
        let (cause, counted, due_at): (_, Option<&Deadline>, Instant) = match &recorded.event {
            Event::TicketCreated(created) => {
                (pb::DeadlineCause::Intake, Some(&created.deadline), created.deadline.due_at)
            }
            Event::TicketClassified(classified) => {
                let deadline = &classified.deadline;
                (pb::DeadlineCause::Classification, Some(deadline), deadline.due_at)
            }
            Event::CarryOverDecided { is_granted: true, due_at, .. } => {
                (pb::DeadlineCause::CarryOver, None, *due_at)
            }
            Event::TicketReworked { deadline, .. } => {
                (pb::DeadlineCause::Rework, Some(deadline), deadline.due_at)
            }
            _ => continue,
        };
        let counted_before = last_counted;
        last_counted = counted.or(last_counted);
        let moved_nothing = cause == pb::DeadlineCause::Classification && counted_before == counted;
        if is_for_unit && moved_nothing {
            continue;
        }
        tier = counted.map_or(tier, |counted| counted.tier);
        changes.push(pb::DeadlineChange {
            change_time: Some(time(recorded.at)),
            cause: cause as i32,
            tier: tier.number(),
            due_time: Some(time(due_at)),
            policy_version: counted.map(|counted| counted.policy_version.clone()).unwrap_or_default(),
            calendar_version: counted.map(|counted| counted.calendar_version.clone()).unwrap_or_default(),
        });
    }
    changes
}

/// The states of a filter. More of them than there are would only make the query, or the refusal, as large as a caller
/// likes.
fn states_of(asked: &[i32], fields: &mut Fields) -> Vec<State> {
    if asked.len() > State::ALL.len() {
        fields.wrong("filter.states", "names a state at most once");
        return Vec::new();
    }
    let states = asked.iter().enumerate();
    states
        .map(|(place, number)| fields.choice(&format!("filter.states[{place}]"), *number, State::Received))
        .collect()
}

fn filter_of(request: &pb::ListTicketsRequest, fields: &mut Fields) -> (Filter, Order) {
    let order = match pb::TicketOrder::try_from(request.order) {
        Ok(pb::TicketOrder::Unspecified | pb::TicketOrder::NewestFirst) => Order::NewestFirst,
        Ok(pb::TicketOrder::DueFirst) => Order::DueFirst,
        Err(_) => {
            fields.wrong("order", "is not one of the contract's values");
            Order::NewestFirst
        }
    };
    let Some(asked) = &request.filter else { return (Filter::default(), order) };
    let states = states_of(&asked.states, fields);
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
        is_held: asked.held,
        caller: LookUp::default(),
    };
    (filter, order)
}
