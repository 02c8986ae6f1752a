//! `ListTemplates`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{MessageApi, encode};
use crate::access::Permit;
use crate::desk::message::Template;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{Page, parse};

impl Handler<MessageApi> for pb::ListTemplatesRequest {
    async fn handle(&self, api: &MessageApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        fields.finish(())?;
        let rest = Self::default().encode_to_vec();
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest)?;
        let after = match page.cursor::<3>()? {
            Some([event, language, version]) => Some((parse(&event)?, parse(&language)?, parse(&version)?)),
            None => None,
        };
        let found = api.messages.list_templates(after, page.fetch_limit()).await?;
        let cursor =
            |one: &Template| format!("{}\n{}\n{}", one.event.stored(), one.language.stored(), one.version);
        let (templates, next_page_token) = page.encode(&found, cursor, encode::template);
        Ok(pb::ListTemplatesResponse { templates, next_page_token })
    }
}
