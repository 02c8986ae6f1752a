//! `PutTextTemplate`: adds a template of a text, or replaces the one with its code. A template is never deleted: it
//! ends, and can be put again.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::DbBackend;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::TextTemplates;
use super::model::{TextTemplate, TextTemplateKind};
use super::rows::{self, OF_HOTLINE_MAX, PER_UNIT_MAX, template};
use crate::access::Permit;
use crate::audit_log::records;
use crate::desk::directory::{UnitSet, topics};
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::{Instant, UnitCode};

/// What is put.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct PutTextTemplate {
    pub code: String,
    pub kind: TextTemplateKind,
    pub name: String,
    pub name_en: String,
    pub text: String,
    pub text_en: String,
    pub topic: Option<String>,
    pub unit: Option<UnitCode>,
    /// `None` for now, or for the beginning that the template has.
    pub effective_from: Option<Instant>,
    pub effective_until: Option<Instant>,
    /// The present one, if it is given.
    pub etag: Option<String>,
}

impl TextTemplates {
    /// Puts a template, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `ETAG_STALE`, `UNIT_UNKNOWN`, `REQUEST_ID_REUSED`, `UNAVAILABLE`; `INVALID_FIELDS` for a topic that is no leaf,
    /// for an end before the beginning, or if there are too many templates.
    pub async fn put_text_template<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        put: PutTextTemplate,
        answer: fn(&TextTemplate) -> A,
    ) -> Result<A, Fault> {
        let input = (permit.clone(), put, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (permit, put, answer)| {
                let template = put_in(work, put.clone()).await?;
                record(work, permit, &template).await?;
                Ok(answer(&template))
            })
            .await
    }
}

/// The texts are in the table, and the record has none: it says which revision was put by whom.
async fn record(work: &Work, permit: &Permit, template: &TextTemplate) -> Result<(), Fault> {
    let details = json!({
        "revision": template.revision,
        "kind": template.kind.word(),
        "topic": template.topic,
        "template_unit": template.unit,
        "from": template.effective_from.timestamp_micros(),
        "until": template.effective_until.map(|until| until.timestamp_micros()),
    });
    let subject = format!("text_template/{}", template.code);
    records::record(work, &permit.actor(), permit.method().method, &subject, details).await
}

async fn put_in(work: &Work, put: PutTextTemplate) -> Result<TextTemplate, Fault> {
    if work.tx.get_database_backend() == DbBackend::Postgres {
        // How many there are depends on more rows than this one.
        work.tx.execute_unprepared("LOCK TABLE text_template IN SHARE ROW EXCLUSIVE MODE").await?;
    }
    let before = template::Entity::find_by_id(put.code.as_str()).one(&work.tx).await?;
    let before = before.map(rows::template_of).transpose()?;
    let present_etag = before.as_ref().map(TextTemplate::etag);
    if put.etag.is_some() && put.etag != present_etag {
        return Err(Fault::new(ErrorReason::EtagStale).with("template", put.code.as_str()));
    }
    // A template of a unit that is no longer active can still be changed and ended.
    let had_unit = before.as_ref().and_then(|before| before.unit.as_ref());
    if let Some(unit) = put.unit.as_ref().filter(|unit| had_unit != Some(*unit)) {
        let units = UnitSet::hold(&work.tx, vec![unit.clone()]).await?;
        units.check([("template.unit".to_owned(), unit)])?;
    }
    check_room(work, &put).await?;
    let effective_from = put.effective_from.or_else(|| before.as_ref().map(|before| before.effective_from));
    let effective_from = effective_from.unwrap_or_else(|| work.now());
    let mut fault = Fault::invalid_fields();
    if put.effective_until.is_some_and(|until| until <= effective_from) {
        fault = fault.at("template.end_time", "is later than start_time");
    }
    let topic = put.topic.as_slice();
    if topics::known(&work.tx, topic).await?.len() < topic.len() {
        fault = fault.at("template.topic", "no such leaf of the topic tree");
    }
    if !fault.violations.is_empty() {
        return Err(fault);
    }
    let template = TextTemplate {
        code: put.code,
        kind: put.kind,
        name: put.name,
        name_en: put.name_en,
        text: put.text,
        text_en: put.text_en,
        topic: put.topic,
        unit: put.unit,
        effective_from,
        effective_until: put.effective_until,
        revision: before.as_ref().map_or(0, |before| before.revision) + 1,
        put_at: work.now(),
    };
    let row = rows::template_row(&template);
    if before.is_some() {
        template::Entity::update(row).exec(&work.tx).await?;
    } else {
        template::Entity::insert(row).exec_without_returning(&work.tx).await?;
    }
    Ok(template)
}

async fn check_room(work: &Work, put: &PutTextTemplate) -> Result<(), Fault> {
    use template::Column;
    let (of_owner, max) = match &put.unit {
        Some(unit) => (Column::Unit.eq(unit.as_str()), PER_UNIT_MAX),
        None => (Column::Unit.is_null(), OF_HOTLINE_MAX),
    };
    let beside = template::Entity::find().filter(of_owner).filter(Column::Code.ne(put.code.as_str()));
    if beside.count(&work.tx).await? >= max {
        let most = format!("at most {max} templates of one unit, or of the hotline, exist");
        return Err(Fault::invalid_fields().at("template.unit", most));
    }
    Ok(())
}
