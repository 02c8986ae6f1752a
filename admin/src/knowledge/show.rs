//! `hotline knowledge show`: an article with its history and its file.

use std::fmt::Write as _;

use clap::Args;
use hotline_client::{Article, ArticleStep, Language};

use super::article_file;
use crate::context::{Context, Done};
use crate::failure::Failure;
use crate::instant;
use crate::output::{Format, json};

/// The flags of the command.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The article's code.
    article: String,
    /// The version; the default is the one in force, or if there is none, the last one.
    #[arg(long = "article-version", value_name = "NUMBER")]
    version: Option<u32>,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let knowledge = context.client().await?.knowledge();
        let article = match self.version {
            Some(version) => knowledge.get_article_version(self.article, version).await?,
            None => knowledge.get_article(self.article).await?,
        };
        match context.output {
            Format::Json => json(&article),
            Format::Csv => context.record(&article),
            Format::Table => text(&article),
        }
    }
}

fn text(article: &Article) -> Result<String, Failure> {
    let state = article.state.label(Language::English);
    let mut text = format!("article: {}\nversion: {}\nstate: {state}\n", article.code, article.version);
    if let Some(from) = article.in_force_start_time {
        let until = article.in_force_end_time.map(instant::text).unwrap_or_default();
        let _ = write!(text, "in force: {} – {until}", instant::text(from));
        text = text.trim_end().to_owned() + "\n";
    }
    let steps = [
        ("drafted", Some(&article.drafted)),
        ("reviewed", article.reviewed.as_ref()),
        ("published", article.published.as_ref()),
        ("retired", article.retired.as_ref()),
    ];
    for (name, step) in steps {
        text.extend(step.map(|step| self::step(name, step)));
    }
    let file = article_file::write(&article.content);
    Ok(text + "\n" + &file.map_err(|cause| Failure::about(&article.code, cause))?)
}

fn step(name: &str, step: &ArticleStep) -> String {
    let by = step.principal.as_ref().map(|principal| format!(" by {principal}")).unwrap_or_default();
    let note = step.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    format!("{name}: {}{by}{note}\n", instant::text(step.time))
}
