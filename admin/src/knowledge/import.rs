//! `hotline knowledge import`: a draft for each file that differs from the last version of its article. A second person
//! reviews the drafts before they are published.

use std::path::PathBuf;

use clap::Args;
use hotline_client::{ArticleContent, ImportArticles, ImportedArticle, Language};

use super::folder;
use crate::context::{Context, Done};
use crate::failure::Failure;
use crate::output::Table;

/// Articles in one request.
const ARTICLES_MAX: usize = 20;
/// Bytes of texts in one request: less than its limit, which counts the other fields too.
const BYTES_MAX: usize = 200 * 1024;

/// The flags of the command.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The folder with the Markdown files.
    folder: PathBuf,
    /// Print what would be done, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Why, for the history of the drafts.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

impl Import {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let parts = parts(folder::read(&self.folder)?);
        let knowledge = context.client().await?.knowledge();
        // Everything is tried before anything is written, so that a wrong file leaves no half import.
        let mut imported = Vec::new();
        for part in &parts {
            let names: Vec<_> = part.iter().map(|(code, _)| code.clone()).collect();
            let tried = ImportArticles::new(part.clone()).dry_run(true);
            let tried = knowledge.import_articles(tried).await;
            imported.extend(tried.map_err(|error| named(&error, &names))?);
        }
        if !self.dry_run {
            imported.clear();
            for part in parts {
                let import = ImportArticles::new(part).note(self.note.clone());
                imported.extend(knowledge.import_articles(import).await?);
            }
        }
        context.output.print(&imported, || table(&imported))
    }
}

/// The articles in requests that are not too large.
fn parts(articles: Vec<(String, ArticleContent)>) -> Vec<Vec<(String, ArticleContent)>> {
    let (mut parts, mut bytes) = (Vec::<Vec<_>>::new(), 0);
    for article in articles {
        let questions: usize = article.1.similar_questions.iter().map(String::len).sum();
        let size =
            article.1.body.len() + article.1.title.len() + article.1.standard_question.len() + questions;
        let fits = bytes + size <= BYTES_MAX;
        if let Some(part) = parts.last_mut().filter(|part| fits && part.len() < ARTICLES_MAX) {
            part.push(article);
            bytes += size;
        } else {
            parts.push(vec![article]);
            bytes = size;
        }
    }
    parts
}

/// A refusal that names the files instead of their places in the request.
fn named(error: &hotline_client::Error, names: &[String]) -> Failure {
    let violations = error.field_violations();
    if violations.is_empty() {
        return Failure::of(error, error.to_string());
    }
    let lines = violations.iter().map(|violation| {
        let place = violation.field.strip_prefix("articles[").and_then(|rest| rest.split_once(']'));
        let file = place.and_then(|(place, rest)| Some((names.get(place.parse::<usize>().ok()?)?, rest)));
        match file {
            Some((name, rest)) => {
                let field = rest.trim_start_matches('.').trim_start_matches("content.");
                format!("{name}.md: {field}: {}", violation.description)
            }
            None => format!("{}: {}", violation.field, violation.description),
        }
    });
    Failure::of(error, lines.collect::<Vec<_>>().join("\n       "))
}

fn table(imported: &[ImportedArticle]) -> Table<3> {
    let rows = imported.iter().map(|one| {
        let outcome = one.outcome.label(Language::English).into_owned();
        [one.article.clone(), one.version.to_string(), outcome]
    });
    Table::new(["ARTICLE", "VERSION", "OUTCOME"], rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_holds_few_articles_and_few_bytes() {
        let article = |bytes: usize| ("a".to_owned(), ArticleContent::new("", "", "x".repeat(bytes)));
        let sizes = |articles: Vec<_>| parts(articles).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(vec![article(1); ARTICLES_MAX * 2 + 1]), [ARTICLES_MAX, ARTICLES_MAX, 1]);
        assert_eq!(sizes(vec![article(BYTES_MAX / 2); 3]), [2, 1]);
        assert_eq!(sizes(vec![article(BYTES_MAX + 1), article(1)]), [1, 1]);
    }
}
