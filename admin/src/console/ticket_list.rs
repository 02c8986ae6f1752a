//! The list of tickets with its filter, its total and its pages; and the search by words.

use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hotline_client::{Role, SearchTickets, Ticket};

use super::form::{Field, Kind};
use super::page::{Page, READERS, show};
use super::table_file::xlsx_answer;
use super::ticket_filter;
use super::ticket_rows::{Row, row};
use super::values::Values;
use super::visit::{Answer, Visit};

/// The tickets of a page.
const PAGE_SIZE: u32 = 50;
/// The tickets that are read of the hotline at once for a total.
const COUNT_PAGE_SIZE: u32 = 200;
/// A total is counted up to here.
const COUNT_MAX: usize = 2000;

#[derive(Debug, Template)]
#[template(path = "tickets.html")]
struct ListPage {
    page: Page,
    fields: Vec<Field>,
    list: List,
}

/// The part of the page that is read again when something has happened.
#[derive(Debug, Template)]
#[template(path = "ticket_table.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
    query: String,
    number: u32,
    next: Option<String>,
    first: Option<String>,
    /// The verbs that take several tickets.
    bulk: Vec<(&'static str, &'static str)>,
    total: Option<String>,
}

/// The verbs that take several tickets.
fn bulk(visit: &Visit) -> Vec<(&'static str, &'static str)> {
    super::bulk::verbs(&visit.session.roles).map(|verb| (verb.key, verb.title(visit.lang))).collect()
}

/// `GET /tickets`: the list.
pub(crate) async fn get(visit: Visit) -> Answer {
    if !visit.session.has_any(&READERS) {
        return Err(visit.not_found());
    }
    let mut which = ticket_filter::request(&visit.query, visit.now);
    which.page_size = Some(PAGE_SIZE);
    let mut listing = visit.client.tickets().list_tickets(which);
    if let Some(token) = visit.query.get("token") {
        listing = listing.from_page_token(token);
    }
    let found = listing.next_page().await.map_err(|error| visit.refuse(&error))?;
    let (items, next) = found.map_or((Vec::new(), None), |page| (page.items, page.next_page_token));
    let number = visit.query.number("page").unwrap_or(1);
    let list = list_of(&visit, &items, next, number);
    if visit.query.is_checked("part") {
        return Ok(show(&list));
    }
    let fields = ticket_filter::fields(&visit.query, &visit.names, visit.lang);
    Ok(show(&ListPage { page: visit.page(visit.lang.t("工单", "Tickets")), fields, list }))
}

fn list_of(visit: &Visit, items: &[Ticket], next: Option<String>, number: u32) -> List {
    let mut query = visit.query.clone();
    for name in ["token", "page", "part", "done"] {
        query.remove(name);
    }
    let filter = query.query();
    let next = next.map(|token| {
        let mut query = query.clone();
        query.set("token", &token);
        query.set("page", &(number + 1).to_string());
        query.query()
    });
    let total = (number == 1 && next.is_none()).then(|| items.len().to_string());
    List {
        page: visit.page(visit.lang.t("工单", "Tickets")),
        rows: items.iter().map(|ticket| row(ticket, visit.now, visit.lang, &visit.names)).collect(),
        query: filter.clone(),
        number,
        next,
        first: (number > 1).then_some(filter),
        bulk: bulk(visit),
        total,
    }
}

#[derive(Debug, Template)]
#[template(path = "total.html")]
struct Total {
    page: Page,
    text: String,
    query: String,
}

/// `GET /tickets/total`: how many tickets the filter finds. It is read apart, so that no list waits for it.
pub(crate) async fn total(visit: Visit) -> Answer {
    let text = count(&visit, &visit.query, COUNT_MAX).await.map_err(|error| visit.refuse(&error))?;
    if visit.query.is_checked("part") {
        return Ok(text.into_response());
    }
    let mut query = visit.query.clone();
    query.remove("part");
    let page = visit.page(visit.lang.t("工单总数", "Total of tickets"));
    Ok(show(&Total { page, text, query: query.query() }))
}

/// The tickets of a filter, counted up to a bound.
pub(crate) async fn count(
    visit: &Visit,
    query: &Values,
    max: usize,
) -> Result<String, hotline_client::Error> {
    let mut which = ticket_filter::request(query, visit.now);
    which.page_size = Some(COUNT_PAGE_SIZE);
    let found = visit.client.tickets().list_tickets(which).take_up_to(max + 1).await?.len();
    Ok(if found > max { format!("{max}+") } else { found.to_string() })
}

/// The list as a table, up to the bound of a total.
async fn lines(visit: &Visit) -> Result<Vec<Vec<String>>, Response> {
    let mut which = ticket_filter::request(&visit.query, visit.now);
    which.page_size = Some(COUNT_PAGE_SIZE);
    let found = visit.client.tickets().list_tickets(which).take_up_to(COUNT_MAX).await;
    let items = found.map_err(|error| visit.refuse(&error))?;
    let l = visit.lang;
    let head = [("编号", "number"), ("标题", "subject"), ("状态", "state"), ("类别", "category")];
    let rest =
        [("主办单位", "lead"), ("事项", "topic"), ("受理", "intake"), ("时限", "due"), ("级别", "rung")];
    let mut lines = vec![head.iter().chain(&rest).map(|(zh, en)| l.t(zh, en).to_owned()).collect::<Vec<_>>()];
    for ticket in &items {
        let row = row(ticket, visit.now, l, &visit.names);
        lines.push(vec![
            row.number,
            row.subject,
            row.state,
            row.category,
            row.lead,
            row.topic,
            row.intake,
            row.due,
            row.rung,
        ]);
    }
    Ok(lines)
}

/// `GET /tickets.csv`.
pub(crate) async fn csv(visit: Visit) -> Answer {
    Ok(csv_answer("tickets.csv", &lines(&visit).await?))
}

/// `GET /tickets.xlsx`.
pub(crate) async fn xlsx(visit: Visit) -> Answer {
    Ok(xlsx_answer("tickets.xlsx", &lines(&visit).await?))
}

/// A table as a file. A spreadsheet reads the mark at the start as UTF-8, and no cell as a formula.
pub(crate) fn csv_answer(name: &str, lines: &[Vec<String>]) -> Response {
    let cell = |text: &String| {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
        format!("\"{}{}\"", if is_formula { "'" } else { "" }, text.replace('"', "\"\""))
    };
    let lines = lines.iter().map(|line| line.iter().map(cell).collect::<Vec<_>>().join(","));
    let text = format!("\u{feff}{}\r\n", lines.collect::<Vec<_>>().join("\r\n"));
    let disposition = format!("attachment; filename=\"{name}\"");
    let kind = "text/csv; charset=utf-8".to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], text).into_response()
}

/// A ticket that a search found: its row, and its texts in parts, of which some are marked.
#[derive(Debug)]
struct Hit {
    row: Row,
    parts: Vec<(bool, String)>,
}

#[derive(Debug, Template)]
#[template(path = "search.html")]
struct SearchPage {
    page: Page,
    words: String,
    hits: Vec<Hit>,
    next: Option<String>,
    note: Option<String>,
}

/// `GET /search`: tickets by words.
pub(crate) async fn search(visit: Visit) -> Answer {
    if !visit.session.has_any(&READERS) || visit.session.has_any(&[Role::Telephony]) {
        return Err(visit.not_found());
    }
    let words = visit.query.text("q");
    let (mut hits, mut next, mut note) = (Vec::new(), None, None);
    if !words.is_empty() {
        let mut listing =
            visit.client.tickets().search_tickets(SearchTickets::new(&words).page_size(PAGE_SIZE));
        if let Some(token) = visit.query.get("token") {
            listing = listing.from_page_token(token);
        }
        match listing.next_page().await {
            Ok(Some(found)) => {
                let own = |(is_marked, text): (bool, &str)| (is_marked, text.to_owned());
                hits.extend(found.items.into_iter().map(|hit| Hit {
                    row: row(&hit.ticket, visit.now, visit.lang, &visit.names),
                    parts: hit.content.parts().map(own).collect(),
                }));
                next = found.next_page_token.map(|token| {
                    let mut query = visit.query.clone();
                    query.set("token", &token);
                    query.query()
                });
            }
            Ok(None) => {}
            Err(error) if error.field_violations().is_empty() => return Err(visit.refuse(&error)),
            Err(error) => {
                note = error.field_violations().first().map(|violation| violation.description.clone());
            }
        }
    }
    let page = visit.page(visit.lang.t("检索工单", "Search tickets"));
    Ok(show(&SearchPage { page, words, hits, next, note }))
}
