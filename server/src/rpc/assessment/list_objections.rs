//! `ListObjections`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::AssessmentApi;
use super::encode;
use crate::access::Permit;
use crate::assessment::exclusion::Exclusion;
use crate::assessment::list_objections::ExclusionFilter;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};

impl Handler<AssessmentApi> for pb::ListObjectionsRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let filter = ExclusionFilter {
            unit: (!self.unit.is_empty()).then(|| fields.unit("unit", &self.unit)),
            is_by_unit: false,
            month: fields.optional_month("month", &self.month),
            state: fields.optional_choice("state", self.state),
        };
        let filter = fields.finish(filter)?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<1>()? {
            Some([number]) => Some(page::parse(&number)?),
            None => None,
        };
        let found = api.assessment.list_objections(permit, filter, after, page.fetch_limit()).await?;
        let is_unit = permit.unit().is_some();
        let cursor = |one: &Exclusion| one.number.to_string();
        let (exclusions, next_page_token) =
            page.encode(&found, cursor, |one| encode::exclusion(one, is_unit));
        Ok(pb::ListObjectionsResponse { exclusions, next_page_token })
    }
}
