//! `ReviewArticle`: its request as a command.

use hotline_proto::v1 as pb;

use super::{ETAG_CHARS_MAX, KnowledgeApi, NOTE_CHARS_MAX, encode};
use crate::access::Permit;
use crate::desk::knowledge::Article;
use crate::desk::knowledge::review_article::{ReviewArticle, ReviewDecision};
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<KnowledgeApi> for pb::ReviewArticleRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let decision = fields.choice("decision", self.decision, ReviewDecision::Approved);
        let note_min = usize::from(decision == ReviewDecision::Rejected);
        let command = ReviewArticle {
            key: super::key(&self.article, self.version, &mut fields),
            etag: fields.optional("etag", &self.etag, ETAG_CHARS_MAX),
            decision,
            note: fields.text("note", &self.note, note_min..=NOTE_CHARS_MAX, Lines::Many),
        };
        let answer =
            |article: &Article| pb::ReviewArticleResponse { article: Some(encode::article(article)) };
        api.knowledge.review_article(permit, key, fields.finish(command)?, answer).await
    }
}
