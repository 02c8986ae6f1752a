//! `ListKnowledgeGaps`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{KnowledgeApi, encode};
use crate::access::Permit;
use crate::desk::knowledge::gaps::{GapFilter, KnowledgeGap};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};

impl Handler<KnowledgeApi> for pb::ListKnowledgeGapsRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let filter = GapFilter {
            unit: (!self.unit.is_empty()).then(|| fields.unit("unit", &self.unit)),
            has_no_unit: self.without_unit,
            topic: fields.topic("topic", &self.topic),
            is_closed: self.closed,
        };
        let filter = fields.finish(filter)?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<1>()? {
            Some([number]) => Some(page::parse(&number)?),
            None => None,
        };
        let found = api.knowledge.list_knowledge_gaps(permit, filter, after, page.fetch_limit()).await?;
        let is_unit = permit.unit().is_some();
        let cursor = |gap: &KnowledgeGap| gap.number.to_string();
        let (gaps, next_page_token) = page.encode(&found, cursor, |gap| encode::gap(gap, is_unit));
        Ok(pb::ListKnowledgeGapsResponse { gaps, next_page_token })
    }
}
