//! `SuggestClassification`.

use hotline_proto::v1 as pb;

use super::KnowledgeApi;
use super::question::{QuestionFields, thousandths};
use crate::access::Permit;
use crate::desk::suggest::suggest_classification::Suggestion;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;

impl Handler<KnowledgeApi> for pb::SuggestClassificationRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let Self { ticket_number, subject, content } = self;
        let asked =
            QuestionFields { ticket_number, subject, content, ..Default::default() }.read(&mut fields);
        let found = api.suggestions.suggest_classification(permit, fields.finish(asked)?.text).await?;
        Ok(pb::SuggestClassificationResponse {
            suggestions: found.suggestions.into_iter().map(encode).collect(),
            sure: found.is_sure,
            model_version: found.model_version,
        })
    }
}

fn encode(suggestion: Suggestion) -> pb::TopicSuggestion {
    pb::TopicSuggestion {
        topic: suggestion.label,
        score: thousandths(suggestion.score),
        words: suggestion.words,
    }
}
