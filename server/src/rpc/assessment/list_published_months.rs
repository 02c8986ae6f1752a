//! `ListPublishedMonths`.

use hotline_proto::v1 as pb;

use super::AssessmentApi;
use super::encode;
use crate::access::Permit;
use crate::assessment::publication::Publication;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};

impl Handler<AssessmentApi> for pb::ListPublishedMonthsRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        fields.finish(())?;
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &[])?;
        let after = match page.cursor::<2>()? {
            Some([month, number]) => Some((page::parse(&month)?, page::parse(&number)?)),
            None => None,
        };
        let found = api.assessment.list_published_months(permit, after, page.fetch_limit()).await?;
        let is_unit = permit.unit().is_some();
        let cursor = |one: &Publication| format!("{}\n{}", one.month.number(), one.number);
        let (publications, next_page_token) =
            page.encode(&found, cursor, |one| encode::publication(one, is_unit));
        Ok(pb::ListPublishedMonthsResponse { publications, next_page_token })
    }
}
