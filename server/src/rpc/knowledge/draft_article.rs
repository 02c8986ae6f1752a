//! `DraftArticle`: its request as a command.

use hotline_proto::v1 as pb;

use super::{ETAG_CHARS_MAX, KnowledgeApi, NOTE_CHARS_MAX, content, encode};
use crate::access::Permit;
use crate::desk::knowledge::Article;
use crate::desk::knowledge::draft_article::DraftArticle;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<KnowledgeApi> for pb::DraftArticleRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = DraftArticle {
            article: fields.article("article", &self.article),
            etag: fields.optional("etag", &self.etag, ETAG_CHARS_MAX),
            content: content::decode("content", self.content.as_ref(), &mut fields),
            note: fields.text("note", &self.note, 0..=NOTE_CHARS_MAX, Lines::Many),
        };
        let answer = |article: &Article| pb::DraftArticleResponse { article: Some(encode::article(article)) };
        api.knowledge.draft_article(permit, key, fields.finish(command)?, answer).await
    }
}
