//! `RetireArticle`: its request as a command.

use hotline_proto::v1 as pb;

use super::{ETAG_CHARS_MAX, KnowledgeApi, NOTE_CHARS_MAX, encode};
use crate::access::Permit;
use crate::desk::knowledge::Article;
use crate::desk::knowledge::retire_article::RetireArticle;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<KnowledgeApi> for pb::RetireArticleRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = RetireArticle {
            article: fields.article("article", &self.article),
            etag: fields.optional("etag", &self.etag, ETAG_CHARS_MAX),
            note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many),
        };
        let answer =
            |article: &Article| pb::RetireArticleResponse { article: Some(encode::article(article)) };
        api.knowledge.retire_article(permit, key, fields.finish(command)?, answer).await
    }
}
