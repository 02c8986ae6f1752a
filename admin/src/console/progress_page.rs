//! The page on which a company asks where its ticket is, with the code from its first message. It needs no sign-in, and
//! says the same about a wrong code and an unknown number.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use hotline_client::{Code, Error, ErrorReason, TicketProgress};

use super::app::{App, named};
use super::language::Lang;
use super::page::{Page, answer};
use super::values::Values;
use super::visit::{language_of, sentence, status_of};
use super::zone;

/// The address of the page.
const ADDRESS: &str = "/progress";

#[derive(Debug, Template)]
#[template(path = "progress.html")]
struct ProgressPage {
    page: Page,
    /// What was asked for.
    number: String,
    problem: String,
    facts: Vec<(&'static str, String)>,
    /// What the company was told, and when.
    sent: Vec<(String, String)>,
}

fn page(lang: Lang, number: String) -> ProgressPage {
    let page = Page::bare(lang, lang.t("办理进度查询", "Where is my request"), ADDRESS);
    ProgressPage { page, number, problem: String::new(), facts: Vec::new(), sent: Vec::new() }
}

/// The facts that a company is told.
fn facts(lang: Lang, progress: &TicketProgress) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        (lang.t("工单编号", "Number"), progress.ticket_number.clone()),
        (lang.t("进度", "Where it is"), progress.stage.label(lang.sdk()).into_owned()),
    ];
    if let Some(unit) = &progress.unit_name {
        let name = named(unit, progress.unit_name_en.as_deref(), lang);
        facts.push((lang.t("承办单位", "Handled by"), name.to_owned()));
    }
    if let Some(due) = progress.due_time {
        let label = if progress.carried_over {
            lang.t("承诺办结时间", "Promised by")
        } else {
            lang.t("办理时限", "Limit")
        };
        facts.push((label, zone::minute(due)));
    }
    facts
}

/// What a company reads instead of its progress.
fn problem(lang: Lang, error: &Error) -> (StatusCode, String) {
    let is_unknown =
        error.reason() == Some(ErrorReason::ProgressNotFound) || error.code() == Code::InvalidArgument;
    if is_unknown {
        let zh = "工单编号或查询码不正确。查询码在受理短信中。";
        let en = "The number or the code is not right. The code stands in the first message.";
        return (StatusCode::NOT_FOUND, lang.t(zh, en).to_owned());
    }
    (status_of(error), sentence(lang, error))
}

/// `GET /progress`.
pub(crate) async fn get(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri) -> Response {
    if app.progress.is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let query = Values::parse(uri.query().unwrap_or_default().as_bytes());
    answer(StatusCode::OK, &page(language_of(&headers), query.text("number")))
}

/// `POST /progress`: the code is never part of an address, which browsers and proxies keep.
pub(crate) async fn post(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(token) = app.progress.clone() else { return StatusCode::NOT_FOUND.into_response() };
    let lang = language_of(&headers);
    let values = Values::parse(&body);
    let number = values.text("number").trim().to_owned();
    let asked = match app.connection(lang).with_token(token) {
        Ok(client) => client.messages().get_progress(number.as_str(), values.text("code").trim()).await,
        Err(error) => Err(error),
    };
    let mut shown = page(lang, number);
    let status = match asked {
        Ok(progress) => {
            shown.facts = facts(lang, &progress);
            let sent = progress.sent.iter();
            shown.sent =
                sent.map(|one| (one.event.label(lang.sdk()).into_owned(), zone::minute(one.time))).collect();
            StatusCode::OK
        }
        Err(error) => {
            let (status, text) = problem(lang, &error);
            shown.problem = text;
            status
        }
    };
    answer(status, &shown)
}
