//! `GetArticle`.

use hotline_proto::v1 as pb;

use super::{KnowledgeApi, encode};
use crate::access::Permit;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;

impl Handler<KnowledgeApi> for pb::GetArticleRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let article = fields.article("article", &self.article);
        let version = u32::try_from(self.version).ok();
        if version.is_none() {
            fields.wrong("version", "is not negative");
        }
        let article = fields.finish(article)?;
        let version = version.filter(|version| *version > 0);
        let found = api.knowledge.get_article(permit, &article, version).await?;
        Ok(pb::GetArticleResponse { article: Some(encode::article(&found)) })
    }
}
