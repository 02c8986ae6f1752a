//! `ListSchemes`.

use hotline_proto::v1 as pb;

use super::AssessmentApi;
use super::encode;
use crate::access::Permit;
use crate::assessment::scheme_record::SchemeRecord;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};

impl Handler<AssessmentApi> for pb::ListSchemesRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        fields.finish(())?;
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &[])?;
        let below = match page.cursor::<1>()? {
            Some([number]) => Some(page::parse(&number)?),
            None => None,
        };
        let found = api.assessment.list_schemes(permit, below, page.fetch_limit()).await?;
        let encode = if permit.unit().is_some() { encode::scheme_for_unit } else { encode::scheme };
        let cursor = |record: &SchemeRecord| record.number.to_string();
        let (schemes, next_page_token) = page.encode(&found, cursor, encode);
        Ok(pb::ListSchemesResponse { schemes, next_page_token })
    }
}
