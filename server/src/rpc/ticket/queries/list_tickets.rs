//! `ListTickets`.

use hotline_proto::v1 as pb;
use hotline_proto::v1::{ErrorReason, Role};
use prost::Message as _;

use super::states;
use crate::access::{Permit, View};
use crate::desk::reveal::look_up::CallerNumbers;
use crate::identity::LookUp;
use crate::ledger::list::{Columns, Cursor, ListQuery, Order, SourceKey, TicketFilter};
use crate::platform::Fault;
use crate::rpc::fields::{Fields, PRINCIPAL_CHARS_MAX};
use crate::rpc::handler::Handler;
use crate::rpc::large_pages::Rows;
use crate::rpc::page::{self, Page};
use crate::rpc::ticket::read_mask::ReadMask;
use crate::rpc::ticket::{TicketApi, encode};
use crate::ticket::Ticket;

impl Handler<TicketApi> for pb::ListTicketsRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let mask = ReadMask::read(self.read_mask.as_ref(), &mut fields);
        let (filter, order) = filter_of(self, &mut fields);
        let (code, phone) = self.filter.as_ref().map_or((None, None), |wanted| {
            let code = fields.sought_code("filter.social_credit_code", &wanted.social_credit_code);
            (code, fields.sought_phone("filter.contact_phone", &wanted.contact_phone))
        });
        fields.page_size(self.page_size);
        if let (Some(own), Some(named)) = (permit.unit(), &filter.assist_unit)
            && own.as_str() != named
        {
            fields.wrong("filter.assist_unit", "is the caller's own unit");
        }
        fields.finish(())?;
        check_parts(&filter, permit)?;
        let numbers = CallerNumbers::new(permit, code, phone)?;
        let (lead, assist) = (filter.lead_unit.as_deref(), filter.assist_unit.as_deref());
        api.queries.check_units(&[("filter.lead_unit", lead), ("filter.assist_unit", assist)]).await?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<2>()? {
            Some([instant, number]) => {
                Some(Cursor { instant: page::parse(&instant)?, number: page::parse(&number)? })
            }
            None => None,
        };
        let (columns, rows) = if mask.names("content") {
            (Columns::WithContent, Rows::Long)
        } else {
            (Columns::WithoutContent, Rows::Short)
        };
        let query = ListQuery { filter, order, columns, after, limit: page.fetch_limit() };
        // Held until the response is made.
        let _turn = api.large_pages.turn(permit.principal(), query.limit, rows).await?;
        let found = api.queries.list_tickets(permit, &numbers, &query).await?;
        let cursor = |ticket: &Ticket| {
            let last = Cursor::in_order(ticket, order);
            format!("{}\n{}", last.instant, last.number)
        };
        let encode = |ticket: &Ticket| mask.apply(encode::ticket(ticket, &View::of(permit, ticket)));
        let (tickets, next_page_token) = page.encode(&found, cursor, encode);
        Ok(pb::ListTicketsResponse { tickets, next_page_token })
    }
}

/// Refuses what the caller may not ask for.
fn check_parts(filter: &TicketFilter, permit: &Permit) -> Result<(), Fault> {
    let is_unit = permit.unit().is_some();
    let parts = [
        ("source", filter.source.is_some() && permit.has_only(Role::Analyst)),
        ("has_repeats_to_call", filter.has_calls_due && is_unit),
        ("help_requested", filter.has_help_open && is_unit),
        ("update_end_time", filter.open_and_updated_before.is_some() && is_unit),
        ("assigned_to", !filter.assigned_to.is_empty() && !is_unit),
    ];
    match parts.into_iter().find(|(_, is_refused)| *is_refused) {
        Some((part, _)) => Err(Fault::new(ErrorReason::PartNotAllowed).with("part", part)),
        None => Ok(()),
    }
}

/// The order of a list. Only tickets that have not changed since an instant are listed by their last change, and in no
/// other order, because each of them has its index.
fn order_of(request: &pb::ListTicketsRequest, fields: &mut Fields) -> Order {
    let is_of_silent = request.filter.as_ref().is_some_and(|wanted| wanted.update_end_time.is_some());
    match pb::TicketOrder::try_from(request.order) {
        Ok(pb::TicketOrder::Unspecified | pb::TicketOrder::SilentFirst) if is_of_silent => Order::SilentFirst,
        Ok(pb::TicketOrder::NewestFirst | pb::TicketOrder::DueFirst) if is_of_silent => {
            fields.wrong("order", "is SILENT_FIRST with update_end_time");
            Order::SilentFirst
        }
        Ok(pb::TicketOrder::SilentFirst) => {
            fields.wrong("filter.update_end_time", "is required with SILENT_FIRST");
            Order::NewestFirst
        }
        Ok(pb::TicketOrder::Unspecified | pb::TicketOrder::NewestFirst) => Order::NewestFirst,
        Ok(pb::TicketOrder::DueFirst) => Order::DueFirst,
        Err(_) => {
            fields.wrong("order", "is not one of the contract's values");
            Order::NewestFirst
        }
    }
}

fn source_of(source: &pb::Source, fields: &mut Fields) -> SourceKey {
    SourceKey {
        system: fields.source_system("filter.source.system", &source.system),
        reference: fields.source_reference("filter.source.reference", &source.reference),
    }
}

fn filter_of(request: &pb::ListTicketsRequest, fields: &mut Fields) -> (TicketFilter, Order) {
    let order = order_of(request, fields);
    let Some(wanted) = &request.filter else { return (TicketFilter::default(), order) };
    let states = states::read(&wanted.states, fields);
    let lead_unit =
        (!wanted.lead_unit.is_empty()).then(|| fields.unit("filter.lead_unit", &wanted.lead_unit).0);
    let filter = TicketFilter {
        states,
        category: fields.optional_choice("filter.category", wanted.category),
        lead_unit,
        district: fields.district("filter.district", &wanted.district),
        topic: fields.topic("filter.topic", &wanted.topic),
        rung_at_least: fields.optional_choice("filter.rung_at_least", wanted.rung_at_least),
        intake_from: fields.time("filter.intake_start_time", wanted.intake_start_time.as_ref()),
        intake_before: fields.time("filter.intake_end_time", wanted.intake_end_time.as_ref()),
        open_and_due_before: fields.time("filter.due_end_time", wanted.due_end_time.as_ref()),
        is_held: wanted.held,
        has_calls_due: wanted.has_repeats_to_call,
        source: wanted.source.as_ref().map(|source| source_of(source, fields)),
        assist_unit: (!wanted.assist_unit.is_empty())
            .then(|| fields.unit("filter.assist_unit", &wanted.assist_unit).0),
        updated_from: fields.time("filter.update_start_time", wanted.update_start_time.as_ref()),
        open_and_updated_before: fields.time("filter.update_end_time", wanted.update_end_time.as_ref()),
        is_reopened: wanted.reopened,
        has_help_open: wanted.help_requested,
        assigned_to: fields
            .optional("filter.assigned_to", &wanted.assigned_to, PRINCIPAL_CHARS_MAX)
            .into_iter()
            .collect(),
        caller: LookUp::default(),
    };
    (filter, order)
}
