//! `ListArticles`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{KnowledgeApi, encode};
use crate::access::Permit;
use crate::desk::knowledge::list_articles::ArticleFilter;
use crate::desk::knowledge::{Article, ArticleKey};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};

impl Handler<KnowledgeApi> for pb::ListArticlesRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let owner_unit = (!self.owner_unit.is_empty()).then(|| fields.unit("owner_unit", &self.owner_unit));
        let filter = ArticleFilter {
            state: fields.optional_choice("state", self.state),
            topic: fields.topic("topic", &self.topic),
            district: fields.district("district", &self.district),
            owner_unit,
            is_ownerless: self.ownerless,
            expiring_before: fields.time("expiring_before_time", self.expiring_before_time.as_ref()),
            unused_since: fields.time("unused_since_time", self.unused_since_time.as_ref()),
        };
        let filter = fields.finish(filter)?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<2>()? {
            Some([article, version]) => Some(ArticleKey { article, version: page::parse(&version)? }),
            None => None,
        };
        let limit = page.fetch_limit();
        let found = api.knowledge.list_articles(permit, &filter, after.as_ref(), limit).await?;
        let cursor = |article: &Article| format!("{}\n{}", article.key.article, article.key.version);
        let (articles, next_page_token) = page.encode(&found, cursor, encode::article);
        Ok(pb::ListArticlesResponse { articles, next_page_token })
    }
}
