//! `ListTemplates`: every version of the templates, by event, language and version.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Messages;
use super::model::Template;
use super::rows::{self, template};
use crate::platform::Fault;

/// The place of a template in the list: event, language and version.
pub type TemplateKey = (i16, i16, i32);

impl Messages {
    /// The versions after a place, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses, or a row can't be read.
    pub async fn list_templates(
        &self,
        after: Option<TemplateKey>,
        limit: u64,
    ) -> Result<Vec<Template>, Fault> {
        use template::Column::{Event, Language, Version};
        let mut query = template::Entity::find().limit(limit);
        if let Some((event, language, version)) = after {
            let key = Expr::tuple([Expr::col(Event), Expr::col(Language), Expr::col(Version)]);
            query = query.filter(key.gt(Expr::tuple([
                Expr::val(event),
                Expr::val(language),
                Expr::val(version),
            ])));
        }
        let query = query.order_by_asc(Event).order_by_asc(Language).order_by_asc(Version);
        let rows = query.all(self.store.reader()).await?;
        rows.into_iter().map(rows::template_of).collect()
    }
}
