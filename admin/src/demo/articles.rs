//! The knowledge base of the demonstration: the sample articles, drafted by an agent, and reviewed and published by a
//! supervisor.

use chrono::{DateTime, Utc};
use hotline_client::{
    ArticleCitation, ArticleContent, ArticleState, ImportArticles, ListArticles, PublishArticle,
    ReviewArticle, ReviewDecision,
};

use super::actors::Actors;
use crate::failure::Failure;
use crate::knowledge::article_file;

/// Articles in one request.
const BATCH: usize = 10;

macro_rules! samples {
    ($($name:literal),+) => {
        /// The sample articles, by their codes.
        const SAMPLES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../samples/knowledge/", $name, ".md")))),+];
    };
}

samples! {
    "abnormal-list-removal", "annual-report", "business-scope", "business-suspension", "capital-five-years",
    "capital-transition", "change-thirty-days", "company-name", "company-registration",
    "dangerous-chemicals", "digital-invoice", "drainage-permit", "electronic-licence", "fire-inspection",
    "food-licence", "foreign-residence", "foreign-work-permit", "income-tax-settlement",
    "labour-arbitration", "labour-dispatch", "late-payment", "late-tax-surcharge", "legal-representative",
    "liquidation", "medical-device", "points-settlement", "prepackaged-food", "programme-making",
    "provident-fund", "public-place-hygiene", "registered-address", "road-freight", "serious-violation-list",
    "simple-deregistration", "small-profit-enterprise", "social-insurance-registration", "telecom-licence",
    "travel-agency", "website-filing", "written-contract"
}

/// Publishes the samples; returns what can be cited until the end.
pub(super) async fn publish(actors: &Actors, end: DateTime<Utc>) -> Result<Vec<ArticleCitation>, Failure> {
    let mut articles: Vec<(String, ArticleContent)> = Vec::new();
    for (code, text) in SAMPLES {
        let content = article_file::parse(text).map_err(|cause| Failure::about(code, cause))?;
        articles.push(((*code).to_owned(), content));
    }
    for part in articles.chunks(BATCH) {
        actors.editor.import_articles(ImportArticles::new(part.to_vec())).await?;
    }
    let drafts = ListArticles::default().state(ArticleState::Draft);
    for draft in actors.reviewer.list_articles(drafts).take_up_to(usize::MAX).await? {
        let review = ReviewArticle::of(&draft, ReviewDecision::Approved);
        let reviewed = actors.reviewer.review_article(review).await?;
        actors.reviewer.publish_article(PublishArticle::of(&reviewed)).await?;
    }
    let in_force = actors.editor.list_articles(ListArticles::default()).take_up_to(usize::MAX).await?;
    let lasts = |end_time: Option<DateTime<Utc>>| end_time.is_none_or(|ends| ends > end);
    let in_force = in_force.iter().filter(|article| lasts(article.in_force_end_time));
    Ok(in_force.map(|article| ArticleCitation::new(&*article.code, article.version)).collect())
}
