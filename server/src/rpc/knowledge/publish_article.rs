//! `PublishArticle`: its request as a command.

use hotline_proto::v1 as pb;

use super::{ETAG_CHARS_MAX, KnowledgeApi, encode};
use crate::access::Permit;
use crate::desk::knowledge::Article;
use crate::desk::knowledge::publish_article::PublishArticle;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<KnowledgeApi> for pb::PublishArticleRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = PublishArticle {
            key: super::key(&self.article, self.version, &mut fields),
            etag: fields.optional("etag", &self.etag, ETAG_CHARS_MAX),
        };
        let answer =
            |article: &Article| pb::PublishArticleResponse { article: Some(encode::article(article)) };
        api.knowledge.publish_article(permit, key, fields.finish(command)?, answer).await
    }
}
