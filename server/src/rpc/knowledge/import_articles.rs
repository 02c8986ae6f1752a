//! `ImportArticles`: its request as a command.

use hotline_proto::v1 as pb;

use super::{KnowledgeApi, NOTE_CHARS_MAX, content};
use crate::access::Permit;
use crate::desk::knowledge::import_articles::{ArticleImport, ImportArticles, ImportedArticle};
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::scalars::count;

/// Articles in one request.
const ARTICLES_MAX: usize = 20;

impl Handler<KnowledgeApi> for pb::ImportArticlesRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = ImportArticles {
            articles: articles(&self.articles, &mut fields),
            is_dry_run: self.dry_run,
            note: fields.text("note", &self.note, 0..=NOTE_CHARS_MAX, Lines::Many),
        };
        api.knowledge.import_articles(permit, key, fields.finish(command)?, answer).await
    }
}

fn answer(imported: &[ImportedArticle]) -> pb::ImportArticlesResponse {
    let articles = imported.iter().map(|one| pb::ImportedArticle {
        article: one.article.clone(),
        outcome: one.outcome.number(),
        version: count(one.version),
    });
    pb::ImportArticlesResponse { articles: articles.collect() }
}

fn articles(values: &[pb::ArticleImport], fields: &mut Fields) -> Vec<ArticleImport> {
    if !(1..=ARTICLES_MAX).contains(&values.len()) {
        fields.wrong("articles", format!("has 1 to {ARTICLES_MAX} items"));
        return Vec::new();
    }
    let mut articles: Vec<ArticleImport> = Vec::with_capacity(values.len());
    for (place, value) in values.iter().enumerate() {
        let at = format!("articles[{place}]");
        let article = fields.article(&format!("{at}.article"), &value.article);
        if articles.iter().any(|before| before.article == article) {
            fields.wrong(format!("{at}.article"), "is in the list already");
        }
        let content = content::decode(&format!("{at}.content"), value.content.as_ref(), fields);
        articles.push(ArticleImport { article, content });
    }
    articles
}
