//! `SuggestDispatch`.

use hotline_proto::v1 as pb;

use super::KnowledgeApi;
use super::question::{QuestionFields, similarity, thousandths};
use crate::access::Permit;
use crate::desk::suggest::similar::SimilarFound;
use crate::desk::suggest::suggest_dispatch::{CatalogueReason, DispatchSuggestion};
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::scalars::{code, codes, optional_time};

impl Handler<KnowledgeApi> for pb::SuggestDispatchRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let Self { ticket_number, subject, content, topic, district } = self;
        let asked = QuestionFields { ticket_number, subject, content, topic, district }.read(&mut fields);
        let found = api.suggestions.suggest_dispatch(permit, &fields.finish(asked)?).await?;
        let suggestions = found.suggestions.into_iter().map(|one| encode(one, &found.model_version));
        Ok(pb::SuggestDispatchResponse {
            suggestions: suggestions.collect(),
            sure: found.is_sure,
            precedents: found.precedents.iter().map(precedent).collect(),
        })
    }
}

fn encode(one: DispatchSuggestion, model_version: &str) -> pb::DispatchSuggestion {
    pb::DispatchSuggestion {
        lead_unit: one.lead_unit.0,
        assist_units: codes(&one.assist_units),
        score: thousandths(one.score),
        basis: one.basis.number(),
        catalogue_row: one.row.map(row),
        words: one.words,
        model_version: model_version.to_owned(),
    }
}

fn row(reason: CatalogueReason) -> pb::CatalogueRow {
    pb::CatalogueRow {
        topic: reason.entry.topic,
        district: reason.entry.district.unwrap_or_default(),
        unit: reason.entry.unit.0,
        topic_suggested: reason.is_topic_suggested,
    }
}

/// Only staff may ask, so the texts are those of staff.
fn precedent(one: &SimilarFound) -> pb::Precedent {
    let ticket = &one.ticket;
    let survey = ticket.cycle.survey.as_ref();
    let dispatch = ticket.dispatch.as_ref();
    pb::Precedent {
        ticket_number: ticket.number.to_string(),
        subject: ticket.staff_subject().to_owned(),
        similarity: similarity(one.similarity),
        topic: ticket.topic.clone().unwrap_or_default(),
        lead_unit: code(ticket.lead_unit()),
        assist_units: dispatch.map(|dispatch| codes(&dispatch.assist_units)).unwrap_or_default(),
        resolved: survey
            .and_then(|survey| survey.resolved)
            .map_or(0, super::super::enums::ContractEnum::number),
        close_time: optional_time(ticket.closing.as_ref().map(|closing| closing.closed_at)),
    }
}
