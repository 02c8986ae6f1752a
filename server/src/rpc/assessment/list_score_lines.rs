//! `ListScoreLines`. A page has whole tickets.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::AssessmentApi;
use super::encode_scores;
use crate::access::Permit;
use crate::assessment::list_score_lines::TicketLines;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};

impl Handler<AssessmentApi> for pb::ListScoreLinesRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let (unit, month) = (fields.unit("unit", &self.unit), fields.month("month", &self.month));
        let (unit, month) = fields.finish((unit, month))?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<1>()? {
            Some([number]) => Some(page::parse(&number)?),
            None => None,
        };
        let limit = page.fetch_limit();
        let found = api.assessment.list_score_lines(permit, (&unit, month), after, limit).await?;
        let is_unit = permit.unit().is_some();
        let encode = |ticket: &TicketLines| pb::ListScoreLinesResponse {
            lines: encode_scores::ticket(&found.scheme, month, ticket, is_unit),
            next_page_token: String::new(),
        };
        let cursor = |ticket: &TicketLines| ticket.number.to_string();
        let (tickets, next_page_token) = page.encode(&found.tickets, cursor, encode);
        let lines = tickets.into_iter().flat_map(|ticket| ticket.lines).collect();
        Ok(pb::ListScoreLinesResponse { lines, next_page_token })
    }
}
