//! Finds articles by words.

use clap::Args;
use hotline_client::SearchArticles;

use crate::context::{Context, Done, ListLimit};
use crate::output::Column;

const COLUMNS: &[Column] = &[
    ("ARTICLE", "article.article"),
    ("VERSION", "article.version"),
    ("CITABLE", "in_force"),
    ("TITLE", "title.text"),
    ("FOUND", "text.text"),
];

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words of the title, the questions or the body.
    query: String,
    /// The district of the company: articles for it come first.
    #[arg(long)]
    district: Option<String>,
    /// About this topic only.
    #[arg(long)]
    topic: Option<String>,
    /// Versions in force only.
    #[arg(long)]
    in_force_only: bool,
    #[command(flatten)]
    limit: ListLimit,
}

impl Search {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let which = SearchArticles::new(self.query)
            .district(self.district)
            .topic(self.topic)
            .in_force_only(self.in_force_only);
        context.list(COLUMNS, context.client().await?.knowledge().search_articles(which), self.limit).await
    }
}
