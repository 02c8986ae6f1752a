//! `ListCalls`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{CallApi, encode};
use crate::access::Permit;
use crate::desk::call::Call;
use crate::desk::call::list_calls::{CallFilter, ListCalls};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};

/// Calls of one page. The document of a call with many parts is tens of kilobytes.
const PAGE_MAX: usize = 100;

impl Handler<CallApi> for pb::ListCallsRequest {
    async fn handle(&self, api: &CallApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let filter = decode(self.filter.as_ref(), &mut fields);
        let filter = fields.finish(filter)?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let page = page.shortened_to(PAGE_MAX);
        let after = match page.cursor::<2>()? {
            Some([at, id]) => Some((page::parse(&at)?, id)),
            None => None,
        };
        let list = ListCalls { filter, after, limit: page.fetch_limit() };
        let found = api.calls.list_calls(permit, list).await?;
        let cursor = |call: &Call| {
            let began_at = call.details.began_at().map(|at| at.timestamp_micros()).unwrap_or_default();
            format!("{began_at}\n{}", call.id)
        };
        let (calls, next_page_token) = page.encode(&found, cursor, encode::listed);
        Ok(pb::ListCallsResponse { calls, next_page_token })
    }
}

fn decode(filter: Option<&pb::CallFilter>, fields: &mut Fields) -> CallFilter {
    let Some(filter) = filter else { return CallFilter::default() };
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    CallFilter {
        from: fields.time("filter.start_time", filter.start_time.as_ref()),
        before: fields.time("filter.end_time", filter.end_time.as_ref()),
        outcome: fields.optional_choice("filter.outcome", filter.outcome),
        seat: given(&filter.seat).map(|seat| fields.exchange_name("filter.seat", &seat)),
        is_without_ticket: filter.without_ticket,
        calling: fields.sought_phone("filter.calling_number", &filter.calling_number),
        hand_over: fields.optional_choice("filter.hand_over", filter.hand_over),
        exchange_id: given(&filter.exchange_id).map(|id| fields.source_reference("filter.exchange_id", &id)),
    }
}
