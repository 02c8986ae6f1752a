//! `CloseKnowledgeGap`: its request as a command.

use hotline_proto::v1 as pb;

use super::{KnowledgeApi, NOTE_CHARS_MAX, encode};
use crate::access::Permit;
use crate::desk::knowledge::close_knowledge_gap::CloseKnowledgeGap;
use crate::desk::knowledge::gaps::KnowledgeGap;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<KnowledgeApi> for pb::CloseKnowledgeGapRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        if self.gap_number < 1 {
            fields.wrong("gap_number", "is required, from 1");
        }
        let has_article = !self.article.is_empty();
        let article = has_article.then(|| super::key(&self.article, self.version, &mut fields));
        let note_min = usize::from(!has_article);
        let command = CloseKnowledgeGap {
            number: self.gap_number,
            article,
            note: fields.text("note", &self.note, note_min..=NOTE_CHARS_MAX, Lines::Many),
        };
        let is_unit = permit.unit().is_some();
        let answer =
            move |gap: &KnowledgeGap| pb::CloseKnowledgeGapResponse { gap: Some(encode::gap(gap, is_unit)) };
        api.knowledge.close_knowledge_gap(permit, key, fields.finish(command)?, answer).await
    }
}
