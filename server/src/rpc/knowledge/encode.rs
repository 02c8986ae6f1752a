//! Articles as messages of the contract.

use hotline_proto::v1 as pb;

use crate::desk::knowledge::article::ArticleStep;
use crate::desk::knowledge::gaps::{GapClosing, KnowledgeGap};
use crate::desk::knowledge::{Article, ArticleContent};
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::scalars::{code, count, optional_time, time};

/// A version of an article.
pub(super) fn article(article: &Article) -> pb::Article {
    let history = &article.history;
    pb::Article {
        code: article.key.article.clone(),
        version: count(article.key.version),
        state: article.state.number(),
        content: Some(content(&article.content)),
        in_force_start_time: optional_time(article.in_force_from),
        in_force_end_time: optional_time(article.in_force_until),
        drafted: Some(step(&history.drafted)),
        reviewed: history.reviewed.as_ref().map(step),
        published: history.published.as_ref().map(step),
        retired: history.retired.as_ref().map(step),
        etag: article.etag(),
    }
}

fn content(content: &ArticleContent) -> pb::ArticleContent {
    let source = &content.source;
    pb::ArticleContent {
        title: content.title.clone(),
        standard_question: content.standard_question.clone(),
        similar_questions: content.similar_questions.clone(),
        body: content.body.clone(),
        topics: content.topics.clone(),
        districts: content.districts.clone(),
        owner_unit: code(content.owner_unit.as_ref()),
        source: Some(pb::LegalSource {
            document_name: source.document_name.clone(),
            document_number: source.document_number.clone(),
            link: source.link.clone(),
        }),
        effective_time: optional_time(content.effective_from),
        expiry_time: optional_time(content.effective_until),
        review_time: optional_time(content.review_at),
    }
}

fn step(step: &ArticleStep) -> pb::ArticleStep {
    pb::ArticleStep { principal: step.by.clone(), time: Some(time(step.at)), note: step.note.clone() }
}

/// A knowledge gap. A unit reads neither the ticket nor who closed it.
pub(super) fn gap(gap: &KnowledgeGap, is_unit: bool) -> pb::KnowledgeGap {
    pb::KnowledgeGap {
        number: gap.number,
        question: gap.question.clone(),
        topic: gap.topic.clone().unwrap_or_default(),
        district: gap.district.clone().unwrap_or_default(),
        unit: code(gap.unit.as_ref()),
        ask_time: Some(time(gap.asked_at)),
        ticket_number: if is_unit { String::new() } else { gap.ticket.to_string() },
        closing: gap.closing.as_ref().map(|closing| self::closing(closing, is_unit)),
    }
}

fn closing(closing: &GapClosing, is_unit: bool) -> pb::GapClosing {
    let article = closing.article.as_ref();
    pb::GapClosing {
        article: article.map(|key| key.article.clone()).unwrap_or_default(),
        version: count(article.map(|key| key.version).unwrap_or_default()),
        note: closing.note.clone(),
        principal: if is_unit { String::new() } else { closing.by.clone() },
        time: Some(time(closing.at)),
    }
}
