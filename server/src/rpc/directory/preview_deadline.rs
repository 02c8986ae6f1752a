//! `PreviewDeadline`.

use hotline_proto::v1 as pb;

use super::DirectoryApi;
use crate::access::Permit;
use crate::desk::directory::preview_deadline::PreviewDeadline;
use crate::platform::Fault;
use crate::rpc::explanation;
use crate::rpc::fields::{Fields, VERSION_CHARS_MAX};
use crate::rpc::handler::Handler;
use crate::ticket::{Category, Complexity, Tier};

impl Handler<DirectoryApi> for pb::PreviewDeadlineRequest {
    async fn handle(&self, api: &DirectoryApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let category = fields.choice("category", self.category, Category::Appeal);
        let complexity = fields.choice("complexity", self.complexity, Complexity::General);
        let preview = PreviewDeadline {
            tier: Tier::of(category, complexity, self.several_units),
            intake_at: fields.time("intake_time", self.intake_time.as_ref()),
            policy_version: fields.optional("policy_version", &self.policy_version, VERSION_CHARS_MAX),
            calendar_version: fields.optional("calendar_version", &self.calendar_version, VERSION_CHARS_MAX),
        };
        let explanation = api.directory.preview_deadline(fields.finish(preview)?).await?;
        Ok(pb::PreviewDeadlineResponse { explanation: Some(explanation::encode(&explanation)) })
    }
}
