//! `ListTicketEvents`.

use hotline_proto::v1 as pb;

use crate::access::{Permit, View};
use crate::closed_loop::queries::list_ticket_events::ListTicketEvents;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::large_pages::Rows;
use crate::rpc::page::{self, Page};
use crate::rpc::ticket::{TicketApi, events};
use crate::ticket::Recorded;

impl Handler<TicketApi> for pb::ListTicketEventsRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let number = fields.number("ticket_number", &self.ticket_number);
        let number = fields.finish(number)?;
        let filter = number.to_string();
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, filter.as_bytes())?;
        let after = match page.cursor::<1>()? {
            Some([sequence]) => page::parse(&sequence)?,
            None => 0,
        };
        let query = ListTicketEvents { number, after, limit: page.fetch_limit() };
        // Held until the response is made.
        let _turn = api.large_pages.turn(permit.principal(), query.limit, Rows::Short).await?;
        let found = api.queries.list_ticket_events(permit, query).await?;
        let view = View::of(permit, &found.ticket);
        let cursor = |recorded: &Recorded| found.sequence_of(recorded).to_string();
        let encode = |recorded: &Recorded| events::event(recorded, found.sequence_of(recorded), &view);
        let (events, next_page_token) = page.encode(&found.events, cursor, encode);
        Ok(pb::ListTicketEventsResponse { events, next_page_token })
    }
}
