//! `ListAffectedAnswers`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::KnowledgeApi;
use crate::access::Permit;
use crate::desk::knowledge::ArticleKey;
use crate::desk::knowledge::list_affected_answers::{AffectedAnswer, AffectedFilter};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::{count, time};

impl Handler<KnowledgeApi> for pb::ListAffectedAnswersRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let article = (!self.article.is_empty()).then(|| fields.article("article", &self.article));
        let answered_from = fields.time("answer_start_time", self.answer_start_time.as_ref());
        let filter = fields.finish(AffectedFilter { article, answered_from })?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<4>()? {
            Some([article, version, cited_at, ticket]) => {
                let key = ArticleKey { article, version: page::parse(&version)? };
                Some((key, page::parse(&cited_at)?, page::parse(&ticket)?))
            }
            None => None,
        };
        let limit = page.fetch_limit();
        let found = api.knowledge.list_affected_answers(&filter, after.as_ref(), limit).await?;
        let cursor = |answer: &AffectedAnswer| {
            let ArticleKey { article, version } = &answer.key;
            let cited_at = answer.cited_at.timestamp_micros();
            format!("{article}\n{version}\n{cited_at}\n{}", answer.ticket.as_i64())
        };
        let (answers, next_page_token) = page.encode(&found, cursor, encode);
        Ok(pb::ListAffectedAnswersResponse { answers, next_page_token })
    }
}

fn encode(answer: &AffectedAnswer) -> pb::AffectedAnswer {
    pb::AffectedAnswer {
        ticket_number: answer.ticket.to_string(),
        article: answer.key.article.clone(),
        version: count(answer.key.version),
        answer_time: Some(time(answer.cited_at)),
        end_time: Some(time(answer.ended_at)),
        current_version: count(answer.current_version.unwrap_or_default()),
    }
}
