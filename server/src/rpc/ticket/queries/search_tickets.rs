//! `SearchTickets`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::states;
use crate::access::{Permit, View};
use crate::feed::search::{Hit, PageStart, SearchTerms, TicketSearch};
use crate::ledger::list::TicketFilter;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::large_pages::Rows;
use crate::rpc::page::{self, Page};
use crate::rpc::search_text::{snippet_of, terms_of};
use crate::rpc::ticket::read_mask::ReadMask;
use crate::rpc::ticket::{TicketApi, encode};

impl Handler<TicketApi> for pb::SearchTicketsRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let mask = ReadMask::read(self.read_mask.as_ref(), &mut fields);
        let terms = terms_of(&self.query, &mut fields);
        let filter = self.filter.as_ref().map(|wanted| filter_of(wanted, &mut fields)).unwrap_or_default();
        fields.page_size(self.page_size);
        let terms = fields.finish(terms)?.ok_or_else(|| Fault::internal("a query without terms"))?;
        api.queries.check_units(&[("filter.lead_unit", filter.lead_unit.as_deref())]).await?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = page.cursor::<3>()?.map(|parts| place_of(&parts, &terms)).transpose()?;
        let limit = usize::try_from(page.fetch_limit()).unwrap_or(usize::MAX);
        let rows = if mask.names("content") { Rows::Long } else { Rows::Short };
        // Held until the response is made.
        let _turn = api.large_pages.turn(permit.principal(), page.fetch_limit(), rows).await?;
        let search = TicketSearch { terms, filter, after, limit };
        let found = api.queries.search_tickets(permit, &search).await?;
        let encode = |hit: &Hit| {
            let view = View::of(permit, &hit.ticket);
            let ticket = encode::ticket(&hit.ticket, &view);
            let shown = |text: &str| snippet_of(text, &search.terms);
            let (subject, content) = (shown(&ticket.subject), shown(&ticket.content));
            let mut ticket = mask.apply(ticket);
            if !mask.names("content") {
                ticket.content = String::new();
            }
            pb::TicketHit { ticket: Some(ticket), subject: Some(subject), content: Some(content) }
        };
        let (hits, next) = page.encode(&found.hits, |hit| cursor_of(&hit.place), encode);
        let goes_on = found.goes_on.as_ref().filter(|_| next.is_empty());
        let next_page_token = goes_on.map_or(next, |place| page.token(&cursor_of(place)));
        Ok(pb::SearchTicketsResponse { hits, next_page_token })
    }
}

fn filter_of(wanted: &pb::TicketSearchFilter, fields: &mut Fields) -> TicketFilter {
    let lead_unit =
        (!wanted.lead_unit.is_empty()).then(|| fields.unit("filter.lead_unit", &wanted.lead_unit).0);
    TicketFilter {
        states: states::read(&wanted.states, fields),
        category: fields.optional_choice("filter.category", wanted.category),
        lead_unit,
        district: fields.district("filter.district", &wanted.district),
        topic: fields.topic("filter.topic", &wanted.topic),
        intake_from: fields.time("filter.intake_start_time", wanted.intake_start_time.as_ref()),
        intake_before: fields.time("filter.intake_end_time", wanted.intake_end_time.as_ref()),
        ..TicketFilter::default()
    }
}

fn cursor_of(place: &PageStart) -> String {
    format!("{}\n{}\n{}", place.score, place.number, hex::encode(&place.weights))
}

fn place_of([score, number, weights]: &[String; 3], terms: &SearchTerms) -> Result<PageStart, Fault> {
    let weights = hex::decode(weights).ok().filter(|weights| weights.len() == terms.len());
    let weights = weights.ok_or_else(page::invalid)?;
    Ok(PageStart { score: page::parse(score)?, number: page::parse(number)?, weights })
}
