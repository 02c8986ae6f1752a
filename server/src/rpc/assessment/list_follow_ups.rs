//! `ListFollowUps`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{AssessmentApi, follow_ups};
use crate::access::Permit;
use crate::assessment::lease::{FollowUp, FollowUpKind};
use crate::ledger::list::Cursor;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};

impl Handler<AssessmentApi> for pb::ListFollowUpsRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let kind = fields.optional_choice("kind", self.kind).unwrap_or(FollowUpKind::Survey);
        fields.finish(())?;
        let rest = Self { page_size: 0, page_token: String::new(), ..*self }.encode_to_vec();
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest)?;
        let after = match page.cursor::<2>()? {
            Some([instant, number]) => {
                Some(Cursor { instant: page::parse(&instant)?, number: page::parse(&number)? })
            }
            None => None,
        };
        let found = api.assessment.list_follow_ups(kind, after, page.fetch_limit()).await?;
        let cursor = |one: &FollowUp| {
            let place = Cursor::of(&one.ticket);
            format!("{}\n{}", place.instant, place.number)
        };
        let (follow_ups, next_page_token) = page.encode(&found, cursor, follow_ups::encode);
        Ok(pb::ListFollowUpsResponse { follow_ups, next_page_token })
    }
}
