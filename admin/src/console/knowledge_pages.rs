//! The knowledge base on the screen: the list with its filter, one article, and the gaps.

use axum::extract::Path;
use hotline_client::{
    Article, ArticleState, Error, KnowledgeGap, ListArticles, ListKnowledgeGaps, Page as Found,
    SearchArticles,
};

use super::content::{Block, action, cell, content, filter, linked, next};
use super::form::{Field, labels, topics, units};
use super::ticket_page::notice;
use super::visit::{Answer, Visit};
use super::zone;

/// The items of a page.
const PAGE_SIZE: u32 = 50;

/// What a list or a search found.
#[derive(Default)]
struct Listed {
    /// Each article with the part of its text that was found.
    articles: Vec<(Article, String)>,
    token: Option<String>,
    /// What is wrong with the words.
    note: Option<String>,
}

/// The articles that a search finds, the best first. The hotline searches; state and owner are looked at here, page by
/// page.
async fn searched(visit: &Visit, words: String) -> Result<Listed, Error> {
    let mut which = SearchArticles::new(words).page_size(PAGE_SIZE);
    which.topic = visit.query.get("topic");
    let mut listing = visit.client.knowledge().search_articles(which);
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let page = match listing.next_page().await {
        Ok(page) => page,
        Err(error) if error.field_violations().is_empty() => return Err(error),
        Err(error) => {
            let note = error.field_violations().first().map(|violation| violation.description.clone());
            return Ok(Listed { note, ..Listed::default() });
        }
    };
    let (hits, token) = page.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let (state, owner) = (visit.query.choice::<ArticleState>("state"), visit.query.get("owner_unit"));
    let fits = |article: &Article| {
        state.is_none_or(|state| article.state == state)
            && owner.as_ref().is_none_or(|owner| article.content.owner_unit.as_ref() == Some(owner))
    };
    let hits = hits.into_iter().filter(|hit| fits(&hit.article));
    Ok(Listed { articles: hits.map(|hit| (hit.article, hit.text.text)).collect(), token, note: None })
}

async fn found(visit: &Visit) -> Result<Listed, Error> {
    if let Some(words) = visit.query.get("q") {
        return searched(visit, words).await;
    }
    let mut which = ListArticles::default().page_size(PAGE_SIZE);
    which.state = visit.query.choice("state");
    which.topic = visit.query.get("topic");
    which.owner_unit = visit.query.get("owner_unit");
    let mut listing = visit.client.knowledge().list_articles(which);
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let page = listing.next_page().await?;
    let (articles, token) = page.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let with_question = |article: Article| {
        let question = article.content.standard_question.clone();
        (article, question)
    };
    Ok(Listed { articles: articles.into_iter().map(with_question).collect(), token, note: None })
}

/// `GET /knowledge`.
pub(crate) async fn list(visit: Visit) -> Answer {
    let l = visit.lang;
    let Listed { articles, token, note } = found(&visit).await.map_err(|error| visit.refuse(&error))?;
    let rows = articles.iter().map(|(article, text)| {
        let owner = article.content.owner_unit.as_deref();
        vec![
            linked(&article.content.title, format!("/knowledge/{}", article.code)),
            cell(text),
            cell(article.state.label(l.sdk())),
            cell(article.version.to_string()),
            cell(owner.map(|unit| visit.names.unit(unit, l)).unwrap_or_default()),
        ]
    });
    let fields = vec![
        Field::line("q", l.t("词语", "Words")),
        Field::select("state", l.t("状态", "State"), labels!(ArticleState, l)),
        Field::select("topic", l.t("事项", "Topic"), topics(&visit.names, l)),
        Field::select("owner_unit", l.t("责任单位", "Owner"), units(&visit.names, l)),
    ];
    let heads = vec![
        l.t("标题", "Title"),
        l.t("标准问题或所含词语", "Question, or the words found"),
        l.t("状态", "State"),
        l.t("版本", "Version"),
        l.t("责任单位", "Owner"),
    ];
    let title = l.t("知识库", "Knowledge");
    let mut blocks =
        vec![filter(&visit.query, fields), Block::Table(title.to_owned(), heads, rows.collect())];
    blocks.extend(note.map(Block::Note));
    blocks.extend(next(&visit.query, token.as_deref()));
    let actions = offered(&visit, &["draft-article"], "");
    Ok(content(visit.page(title), actions, blocks))
}

/// The links to the forms of some verbs that the visitor may use.
pub(crate) fn offered(visit: &Visit, keys: &[&str], subject: &str) -> Vec<super::menu::Link> {
    let verbs = keys.iter().filter_map(|key| super::verbs::find(key));
    let verbs = verbs.filter(|verb| verb.is_for(&visit.session.roles));
    verbs.map(|verb| action(verb.key, subject, verb.title(visit.lang))).collect()
}

/// `GET /knowledge/{code}`.
pub(crate) async fn article(visit: Visit, Path(code): Path<String>) -> Answer {
    let l = visit.lang;
    let found = visit.client.knowledge().get_article(&code).await;
    let article = found.map_err(|error| visit.refuse(&error))?;
    let written = &article.content;
    let mut facts = vec![
        (l.t("编码", "Code").to_owned(), article.code.clone()),
        (l.t("版本", "Version").to_owned(), article.version.to_string()),
        (l.t("状态", "State").to_owned(), article.state.label(l.sdk()).into_owned()),
        (l.t("标准问题", "Question").to_owned(), written.standard_question.clone()),
    ];
    let owner = written.owner_unit.as_deref().map(|unit| visit.names.unit(unit, l).to_owned());
    let source = [&written.source.document_name, &written.source.document_number];
    let source: Vec<_> = source.into_iter().flatten().cloned().collect();
    let optional = [
        (l.t("责任单位", "Owner"), owner),
        (l.t("依据", "Source"), Some(source.join(" ")).filter(|source| !source.is_empty())),
        (l.t("链接", "Link"), written.source.link.clone()),
        (l.t("生效", "In force from"), article.in_force_start_time.map(zone::full)),
        (l.t("失效", "Until"), article.in_force_end_time.map(zone::full)),
    ];
    facts.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    let keys: &[&str] = match article.state {
        ArticleState::Draft => &["review-article", "draft-article"],
        ArticleState::Reviewed => &["publish-article", "draft-article"],
        ArticleState::Published => &["draft-article", "retire-article"],
        _ => &["draft-article"],
    };
    let mut page = visit.page(&written.title);
    page.notice = notice(&visit);
    let body = Block::Text(l.t("正文", "Body").to_owned(), written.body.clone());
    Ok(content(page, offered(&visit, keys, &article.code), vec![Block::Facts(facts), body]))
}

/// `GET /gaps`: questions that no article answers.
pub(crate) async fn gaps(visit: Visit) -> Answer {
    let l = visit.lang;
    let mut which = ListKnowledgeGaps::default().page_size(PAGE_SIZE);
    which.unit = visit.query.get("unit");
    which.closed = visit.query.is_checked("closed");
    let mut listing = visit.client.knowledge().list_knowledge_gaps(which);
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found: Option<Found<KnowledgeGap>> =
        listing.next_page().await.map_err(|error| visit.refuse(&error))?;
    let (gaps, token) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let rows = gaps.iter().map(|gap| {
        let number = gap.number.to_string();
        vec![
            linked(&gap.question, format!("/act/close-gap?subject={number}")),
            cell(gap.topic.as_deref().map(|topic| visit.names.topic(topic, l)).unwrap_or_default()),
            cell(gap.unit.as_deref().map(|unit| visit.names.unit(unit, l)).unwrap_or_default()),
            cell(zone::full(gap.ask_time)),
        ]
    });
    let heads =
        vec![l.t("问题", "Question"), l.t("事项", "Topic"), l.t("单位", "Unit"), l.t("提出时间", "Asked")];
    let title = l.t("知识缺口", "Knowledge gaps");
    let fields = vec![
        Field::select("unit", l.t("单位", "Unit"), units(&visit.names, l)),
        Field::check("closed", l.t("已关闭", "Closed")),
    ];
    let mut blocks =
        vec![filter(&visit.query, fields), Block::Table(title.to_owned(), heads, rows.collect())];
    blocks.extend(next(&visit.query, token.as_deref()));
    let mut page = visit.page(title);
    page.notice = notice(&visit);
    Ok(content(page, Vec::new(), blocks))
}
