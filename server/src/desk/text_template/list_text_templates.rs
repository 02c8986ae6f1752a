//! `ListTextTemplates`: templates of texts, by code. A unit reads those of the hotline and its own.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::TextTemplates;
use super::model::{TextTemplate, TextTemplateKind};
use super::rows::{self, template};
use crate::access::Permit;
use crate::platform::Fault;
use crate::ticket::Instant;

/// Which templates are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextTemplateFilter {
    /// This kind only.
    pub kind: Option<TextTemplateKind>,
    /// For this topic, or for all of them.
    pub topic: Option<String>,
    /// In force at this instant.
    pub effective_at: Option<Instant>,
    /// Those of the hotline alone.
    pub is_hotline_only: bool,
}

impl TextTemplates {
    /// The templates after a code, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses, or a row can't be read.
    pub async fn list_text_templates(
        &self,
        permit: &Permit,
        filter: &TextTemplateFilter,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<TextTemplate>, Fault> {
        use template::Column;
        let mut query = template::Entity::find().order_by_asc(Column::Code).limit(limit);
        if filter.is_hotline_only {
            query = query.filter(Column::Unit.is_null());
        } else if let Some(unit) = permit.unit() {
            query = query.filter(Column::Unit.is_null().or(Column::Unit.eq(unit.as_str())));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(Column::Kind.eq(kind.word()));
        }
        if let Some(topic) = &filter.topic {
            query = query.filter(Column::Topic.is_null().or(Column::Topic.eq(topic.as_str())));
        }
        if let Some(at) = filter.effective_at.map(|at| at.timestamp_micros()) {
            let has_no_end = Column::UntilAt.is_null().or(Column::UntilAt.gt(at));
            query = query.filter(Column::FromAt.lte(at)).filter(has_no_end);
        }
        if let Some(after) = after {
            query = query.filter(Column::Code.gt(after));
        }
        let db = self.store.read_conn(permit.scope().unit()).await?;
        query.all(&db).await?.into_iter().map(rows::template_of).collect()
    }
}
