//! An article on its way: drafted, reviewed by a second person, published, and retired.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use hotline_client::{DraftArticle, PublishArticle, RetireArticle, ReviewArticle, ReviewDecision};

use super::article_file;
use crate::context::{Context, Done, RequestId};
use crate::failure::Failure;
use crate::flags::{names, text};

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Draft {
    /// The article's code.
    article: String,
    /// The Markdown file.
    file: PathBuf,
    /// The etag of the last version, as it was read.
    #[arg(long)]
    etag: Option<String>,
    /// Why, for the history of the draft.
    #[arg(long, value_parser = text)]
    note: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Draft {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let about = |cause: String| Failure::about(self.file.display(), cause);
        let text = fs::read_to_string(&self.file).map_err(|error| about(error.to_string()))?;
        let parsed = article_file::parse(&text).map_err(about)?;
        let command = DraftArticle::new(self.article, parsed)
            .etag(self.etag)
            .note(self.note)
            .request_id(self.request.id);
        context.record(&context.client().await?.knowledge().draft_article(command).await?)
    }
}

/// A version of an article.
#[derive(Debug, Args)]
struct OfArticle {
    /// The article's code.
    article: String,
    /// The version.
    #[arg(long = "article-version", value_name = "NUMBER", id = "version")]
    version: u32,
    /// The etag that was read; the default is the present one.
    #[arg(long)]
    etag: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Review {
    #[command(flatten)]
    of: OfArticle,
    /// The decision.
    #[arg(long, value_parser = names!(ReviewDecision))]
    decision: ReviewDecision,
    /// Why.
    #[arg(long, value_parser = text)]
    note: Option<String>,
}

impl Review {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let knowledge = context.client().await?.knowledge();
        let draft = knowledge.get_article_version(self.of.article, self.of.version).await?;
        let etag = self.of.etag.unwrap_or_else(|| draft.etag.clone());
        let command = ReviewArticle::of(&draft, self.decision)
            .etag(etag)
            .note(self.note)
            .request_id(self.of.request.id);
        context.record(&knowledge.review_article(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    #[command(flatten)]
    of: OfArticle,
}

impl Publish {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let knowledge = context.client().await?.knowledge();
        let reviewed = knowledge.get_article_version(self.of.article, self.of.version).await?;
        let etag = self.of.etag.unwrap_or_else(|| reviewed.etag.clone());
        let command = PublishArticle::of(&reviewed).etag(etag).request_id(self.of.request.id);
        context.record(&knowledge.publish_article(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Retire {
    /// The article's code.
    article: String,
    /// Why.
    #[arg(long, value_parser = text)]
    note: String,
    /// The etag that was read.
    #[arg(long)]
    etag: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Retire {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.confirm(&format!("article {} is retired", self.article))?;
        let command = RetireArticle::new(self.article, self.note).etag(self.etag).request_id(self.request.id);
        context.record(&context.client().await?.knowledge().retire_article(command).await?)
    }
}
