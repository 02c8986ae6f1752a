//! `ImportArticles`: writes a draft for each article that differs from its last version. The same import changes
//! nothing the second time.

use prost::Message;

use super::KnowledgeBase;
use super::article::ArticleContent;
use super::draft_article::{DraftArticle, check_named, draft_at};
use super::reader::Reader;
use super::{read, write};
use crate::access::Permit;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

/// An article to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleImport {
    /// The code of the article.
    pub article: String,
    /// What it says.
    pub content: ArticleContent,
}

/// Articles to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportArticles {
    /// The articles, each code once.
    pub articles: Vec<ArticleImport>,
    /// Whether nothing is written.
    pub is_dry_run: bool,
    /// Why; may be empty.
    pub note: String,
}

/// What an import does to an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// There was no article of this code.
    Created,
    /// Its last version said something else.
    Changed,
    /// Its last version says the same.
    Unchanged,
}

/// An imported article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedArticle {
    /// Its code.
    pub article: String,
    /// What was done, or would be.
    pub outcome: ImportOutcome,
    /// Its last version, after the import.
    pub version: u32,
}

impl KnowledgeBase {
    /// Imports articles, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`import`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn import_articles<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: ImportArticles,
        answer: fn(&[ImportedArticle]) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&import(work, permit, command).await?))
            })
            .await
    }
}

/// Imports articles, all or none. They are locked in the order of their codes, so that two imports do not block each
/// other.
///
/// # Errors
/// `UNIT_UNKNOWN`; `INVALID_FIELDS` for topics that are no leaves. Both name the fields of every article.
pub async fn import(
    work: &Work,
    permit: &Permit,
    command: &ImportArticles,
) -> Result<Vec<ImportedArticle>, Fault> {
    let mut places: Vec<usize> = (0..command.articles.len()).collect();
    places.sort_by_key(|place| &command.articles[*place].article);
    let mut imported = Vec::with_capacity(places.len());
    let mut refused: Option<Fault> = None;
    for place in places {
        let one = &command.articles[place];
        match import_one(work, permit, command, (one, place)).await {
            Ok(outcome) => imported.push((place, outcome)),
            Err(fault) if fault.is_failure() || fault.violations.is_empty() => return Err(fault),
            Err(fault) => {
                refused = Some(match refused {
                    Some(before) => before.and(Err(fault)),
                    None => fault,
                });
            }
        }
    }
    if let Some(refusal) = refused {
        return Err(refusal);
    }
    imported.sort_by_key(|(place, _)| *place);
    Ok(imported.into_iter().map(|(_, one)| one).collect())
}

async fn import_one(
    work: &Work,
    permit: &Permit,
    command: &ImportArticles,
    (one, place): (&ArticleImport, usize),
) -> Result<ImportedArticle, Fault> {
    let article = one.article.clone();
    let last_version = write::lock(work, &article).await?;
    let last = match last_version {
        Some(_) => read::latest(&work.tx, &article, &Reader::Editor).await?,
        None => None,
    };
    let outcome = match &last {
        Some(last) if last.content == one.content => ImportOutcome::Unchanged,
        Some(_) => ImportOutcome::Changed,
        None => ImportOutcome::Created,
    };
    let mut version = last_version.unwrap_or_default();
    if outcome != ImportOutcome::Unchanged {
        let draft = DraftArticle {
            article: article.clone(),
            etag: None,
            content: one.content.clone(),
            note: command.note.clone(),
        };
        let at = format!("articles[{place}].content");
        version = if command.is_dry_run {
            check_named(work, &draft.content, &at).await?;
            version + 1
        } else {
            draft_at(work, permit, &draft, &at).await?.key.version
        };
    }
    Ok(ImportedArticle { article, outcome, version })
}
