//! `SearchArticles`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{KnowledgeApi, encode};
use crate::access::Permit;
use crate::desk::knowledge::search_articles::{ArticleHit, ArticlePlace, ArticleSearch, text_of};
use crate::feed::search::SearchTerms;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};
use crate::rpc::search_text::{snippet_of, terms_of};

/// Articles of a page at most.
const ARTICLES_MAX: usize = 50;

impl Handler<KnowledgeApi> for pb::SearchArticlesRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let terms = terms_of(&self.query, &mut fields);
        let district = fields.district("district", &self.district);
        let topic = fields.topic("topic", &self.topic);
        let terms = fields.finish(terms)?.ok_or_else(|| Fault::internal("a query without terms"))?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        // Its rows are read with their bodies.
        let page = page.shortened_to(ARTICLES_MAX);
        let after = page.cursor::<4>()?.map(|parts| place_of(&parts, &terms)).transpose()?;
        let limit = usize::try_from(page.fetch_limit()).unwrap_or(usize::MAX);
        let is_in_force_only = self.in_force_only;
        let search = ArticleSearch { terms, district, topic, is_in_force_only, after, limit };
        let found = api.knowledge.search_articles(permit, &search).await?;
        let (hits, next_page_token) =
            page.encode(&found, |hit| cursor_of(&hit.place), |hit| hit_of(hit, &search.terms));
        Ok(pb::SearchArticlesResponse { hits, next_page_token })
    }
}

fn hit_of(hit: &ArticleHit, terms: &SearchTerms) -> pb::ArticleHit {
    let content = &hit.article.content;
    let mut article = encode::article(&hit.article);
    let (title, text) = (snippet_of(&content.title, terms), snippet_of(&text_of(content), terms));
    if let Some(content) = &mut article.content {
        content.body = String::new();
    }
    pb::ArticleHit {
        article: Some(article),
        in_force: hit.place.is_in_force,
        title: Some(title),
        text: Some(text),
    }
}

fn cursor_of(place: &ArticlePlace) -> String {
    let ArticlePlace { is_in_force, score, article, weights } = place;
    format!("{}\n{score}\n{article}\n{}", u8::from(*is_in_force), hex::encode(weights))
}

fn place_of(
    [is_in_force, score, article, weights]: &[String; 4],
    terms: &SearchTerms,
) -> Result<ArticlePlace, Fault> {
    let weights = hex::decode(weights).ok().filter(|weights| weights.len() == terms.len());
    Ok(ArticlePlace {
        is_in_force: page::parse::<u8>(is_in_force)? == 1,
        score: page::parse(score)?,
        article: article.clone(),
        weights: weights.ok_or_else(page::invalid)?,
    })
}
