//! The table of templates of texts.

use chrono::DateTime;
use sea_orm::ActiveValue::Set;

use super::model::{TextTemplate, TextTemplateKind};
use crate::platform::Fault;
use crate::ticket::{Instant, UnitCode};

/// Templates of the hotline.
pub(super) const OF_HOTLINE_MAX: u64 = 200;
/// Templates of one unit.
pub(super) const PER_UNIT_MAX: u64 = 50;

pub(super) mod template {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "text_template")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub kind: String,
        pub name: String,
        pub name_en: String,
        pub text: String,
        pub text_en: String,
        pub topic: Option<String>,
        pub unit: Option<String>,
        pub from_at: i64,
        pub until_at: Option<i64>,
        pub revision: i32,
        pub put_at: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn instant(microseconds: i64) -> Result<Instant, Fault> {
    DateTime::from_timestamp_micros(microseconds)
        .ok_or_else(|| Fault::internal(format!("a template at {microseconds}")))
}

pub(super) fn template_of(row: template::Model) -> Result<TextTemplate, Fault> {
    let kind = TextTemplateKind::of(&row.kind);
    Ok(TextTemplate {
        kind: kind.ok_or_else(|| Fault::internal(format!("a template of the kind {}", row.kind)))?,
        code: row.code,
        name: row.name,
        name_en: row.name_en,
        text: row.text,
        text_en: row.text_en,
        topic: row.topic,
        unit: row.unit.map(UnitCode),
        effective_from: instant(row.from_at)?,
        effective_until: row.until_at.map(instant).transpose()?,
        revision: row.revision.unsigned_abs(),
        put_at: instant(row.put_at)?,
    })
}

pub(super) fn template_row(template: &TextTemplate) -> template::ActiveModel {
    template::ActiveModel {
        code: Set(template.code.clone()),
        kind: Set(template.kind.word().to_owned()),
        name: Set(template.name.clone()),
        name_en: Set(template.name_en.clone()),
        text: Set(template.text.clone()),
        text_en: Set(template.text_en.clone()),
        topic: Set(template.topic.clone()),
        unit: Set(template.unit.as_ref().map(|unit| unit.0.clone())),
        from_at: Set(template.effective_from.timestamp_micros()),
        until_at: Set(template.effective_until.map(|until| until.timestamp_micros())),
        revision: Set(i32::try_from(template.revision).unwrap_or(i32::MAX)),
        put_at: Set(template.put_at.timestamp_micros()),
    }
}
