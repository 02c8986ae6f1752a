//! `ExportTickets`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{AnalysisApi, filter};
use crate::access::Permit;
use crate::assessment::analysis::AnalysedTicket;
use crate::assessment::analysis::days::IntakeTime;
use crate::assessment::analysis::export_tickets::ExportTickets;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::{code, count, optional_time, time};

impl Handler<AnalysisApi> for pb::ExportTicketsRequest {
    async fn handle(&self, api: &AnalysisApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let days = filter::days(&mut fields, &self.first_day, &self.last_day);
        let filter = filter::filter(&mut fields, self.filter.as_ref());
        let (days, filter) = fields.finish((days, filter))?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<2>()? {
            Some([day, number]) => Some((page::parse(&day)?, page::parse(&number)?)),
            None => None,
        };
        let asked = ExportTickets { days, filter, after, limit: page.fetch_limit() };
        let (found, behind) = api.analysis.export_tickets(asked).await?;
        let cursor = |ticket: &AnalysedTicket| {
            format!("{}\n{}", IntakeTime::of(ticket.received_at).day, ticket.number.as_i64())
        };
        let (records, next_page_token) = page.encode(&found, cursor, record);
        let entries_behind = i64::try_from(behind).unwrap_or(i64::MAX);
        Ok(pb::ExportTicketsResponse { records, next_page_token, entries_behind })
    }
}

fn record(ticket: &AnalysedTicket) -> pb::TicketRecord {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    pb::TicketRecord {
        number: ticket.number.to_string(),
        received_time: Some(time(ticket.received_at)),
        category: ticket.category.number(),
        channel: ticket.channel.number(),
        topic: text(&ticket.topic),
        district: text(&ticket.district),
        industry: text(&ticket.industry),
        unit: code(ticket.unit.as_ref()),
        state: ticket.state.number(),
        due_time: Some(time(ticket.due_at)),
        completed_time: optional_time(ticket.completed_at),
        answered_by_hotline: ticket.is_answered_by_hotline,
        carried_over: ticket.is_carried_over,
        returns: count(ticket.returns),
        dispatches: count(ticket.dispatches),
        cycles: count(ticket.cycles),
        rung: ticket.rung.number(),
        responded: optional(ticket.responded),
        resolved: optional(ticket.resolved),
        satisfied: optional(ticket.satisfied),
    }
}

/// The number of a value; 0 if there is none.
fn optional<T: ContractEnum>(value: Option<T>) -> i32 {
    value.map_or(0, ContractEnum::number)
}
