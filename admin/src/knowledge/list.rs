//! `hotline knowledge list`: articles that are in force, or versions in a state.

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::{Article, ArticleState, Language, ListArticles};

use crate::context::{Context, Done};
use crate::instant;
use crate::output::Table;

/// The flags of the command.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Versions in this state: draft, reviewed, rejected, published or retired. The default is what is in force.
    #[arg(long, value_parser = state)]
    state: Option<ArticleState>,
    /// About this topic.
    #[arg(long)]
    topic: Option<String>,
    /// That hold in the district with this division code.
    #[arg(long)]
    district: Option<String>,
    /// That this unit owns.
    #[arg(long, value_name = "CODE")]
    owner_unit: Option<String>,
    /// Without an owner, or with one that is not active any more.
    #[arg(long)]
    ownerless: bool,
    /// That end, or are to be looked at again, before this day or time.
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    expiring_before: Option<DateTime<Utc>>,
    /// Published before this day or time, and not cited since.
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    unused_since: Option<DateTime<Utc>>,
}

fn state(text: &str) -> Result<ArticleState, String> {
    let name = text.to_uppercase();
    let known = ArticleState::ALL.iter().find(|state| state.to_string() == name);
    known.copied().ok_or_else(|| "draft, reviewed, rejected, published or retired".to_owned())
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let which = ListArticles::default()
            .state(self.state)
            .topic(self.topic)
            .district(self.district)
            .owner_unit(self.owner_unit)
            .ownerless(self.ownerless)
            .expiring_before_time(self.expiring_before)
            .unused_since_time(self.unused_since);
        let listed = context.client().await?.knowledge().list_articles(which);
        let articles = listed.take_up_to(usize::MAX).await?;
        context.output.print(&articles, || table(&articles))
    }
}

fn table(articles: &[Article]) -> Table<6> {
    let rows = articles.iter().map(|article| {
        [
            article.code.clone(),
            article.version.to_string(),
            article.state.label(Language::English).into_owned(),
            instant::day(article.in_force_start_time),
            instant::day(article.in_force_end_time),
            article.content.title.clone(),
        ]
    });
    Table::new(["ARTICLE", "VERSION", "STATE", "FROM", "UNTIL", "TITLE"], rows.collect())
}
