//! `ListTopics`.

use hotline_proto::v1 as pb;

use super::DirectoryApi;
use crate::access::Permit;
use crate::desk::directory::topics::Topic;
use crate::platform::Fault;
use crate::rpc::handler::Handler;
use crate::rpc::page::Page;

impl Handler<DirectoryApi> for pb::ListTopicsRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, b"")?;
        let after = page.cursor::<1>()?.map(|[code]| code);
        let found = api.directory.list_topics(after.as_deref(), page.fetch_limit()).await?;
        let (topics, next_page_token) = page.encode(&found, |topic| topic.code.clone(), encode);
        Ok(pb::ListTopicsResponse { topics, next_page_token })
    }
}

fn encode(topic: &Topic) -> pb::Topic {
    pb::Topic { code: topic.code.clone(), name: topic.name.clone(), name_en: topic.name_en.clone() }
}
