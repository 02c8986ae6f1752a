//! A request of somebody who has signed in, and what is answered if the hotline refuses.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use chrono::{DateTime, Utc};
use hotline_client::{Code, Error, ErrorKind, ErrorReason, HotlineClient};

use super::app::{App, Directory};
use super::cookies;
use super::language::Lang;
use super::page::{Message, Page, answer, go_to};
use super::random::is_same;
use super::session::Session;
use super::values::Values;

/// The result of a page. A refusal is a page too.
pub(crate) type Answer = Result<Response, Response>;

/// A request of somebody who has signed in.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) app: Arc<App>,
    pub(crate) session: Arc<Session>,
    pub(crate) lang: Lang,
    /// The hotline with the rights of the session.
    pub(crate) client: HotlineClient,
    /// The path and the query.
    pub(crate) back: String,
    /// The values of the query.
    pub(crate) query: Values,
    /// The hotline's time.
    pub(crate) now: DateTime<Utc>,
    /// The names of units and topics.
    pub(crate) names: Arc<Directory>,
}

/// The language of a request.
pub(crate) fn language_of(headers: &HeaderMap) -> Lang {
    cookies::language(headers).and_then(Lang::named).unwrap_or_default()
}

/// The path and the query of an address.
pub(crate) fn back_of(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
}

/// The sign-in, which leads back to a page.
fn sign_in_again(parts: &Parts, is_ended: bool) -> Response {
    let back = if parts.method == "GET" { back_of(&parts.uri) } else { "/".to_owned() };
    let next: String = form_urlencoded::byte_serialize(back.as_bytes()).collect();
    let ended = if is_ended { "&ended=1" } else { "" };
    go_to(&format!("/sign-in?next={next}{ended}"))
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let name = cookies::session(&parts.headers, app.is_secure);
        let Some(session) = name.and_then(|name| app.sessions.find(name)) else {
            return Err(sign_in_again(parts, name.is_some()));
        };
        let lang = language_of(&parts.headers);
        let refused = |error: &Error| refuse(app, &session, lang, &back_of(&parts.uri), error);
        let client = app.client(&session, lang).map_err(|error| refused(&error))?;
        if session.needs_check() || app.now().is_none() {
            match client.tickets().who_am_i().await {
                Ok(me) => {
                    app.note_time(me.now);
                    session.note_check();
                }
                Err(error) if error.reason() == Some(ErrorReason::Unauthenticated) => {
                    app.sessions.end(&session);
                    return Err(sign_in_again(parts, true));
                }
                Err(error) => return Err(refused(&error)),
            }
        }
        let names = app.directory(&client).await.map_err(|error| refused(&error))?;
        Ok(Self {
            now: app.now().unwrap_or_default(),
            query: Values::parse(parts.uri.query().unwrap_or_default().as_bytes()),
            back: back_of(&parts.uri),
            app: Arc::clone(app),
            session,
            lang,
            client,
            names,
        })
    }
}

impl Visit {
    /// The frame of a page.
    pub(crate) fn page(&self, title: &str) -> Page {
        let unit = self.session.unit.as_deref().map(|unit| self.names.unit(unit, self.lang).to_owned());
        Page::of(&self.session, unit, self.lang, title, &self.back)
    }

    /// What is answered if the hotline refuses.
    pub(crate) fn refuse(&self, error: &Error) -> Response {
        refuse(&self.app, &self.session, self.lang, &self.back, error)
    }

    /// What is answered if there is no such page.
    pub(crate) fn not_found(&self) -> Response {
        let page = self.page(self.lang.t("没有此页", "No such page"));
        let text = self.lang.t("没有此页，或您无权查看。", "There is no such page, or you may not see it.");
        let message = Message { page, text: text.to_owned(), reason: String::new(), can_retry: false };
        answer(StatusCode::NOT_FOUND, &message)
    }
}

/// The sentence of an error in a language.
pub(crate) fn sentence(lang: Lang, error: &Error) -> String {
    if let Some(localized) = error.localized_message() {
        return localized.message.clone();
    }
    let text = match error.kind() {
        ErrorKind::NotConnected | ErrorKind::AnswerLost => {
            lang.t("热线服务暂时无法连接，请稍后重试。", "The hotline can't be reached. Please try again.")
        }
        _ => lang.t("热线服务返回错误。", "The hotline answered with an error."),
    };
    text.to_owned()
}

/// The status of a page that shows an error.
pub(crate) fn status_of(error: &Error) -> StatusCode {
    match error.code() {
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::InvalidArgument => StatusCode::UNPROCESSABLE_ENTITY,
        Code::FailedPrecondition | Code::Aborted | Code::AlreadyExists => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable | Code::DeadlineExceeded => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_GATEWAY,
    }
}

fn refuse(app: &App, session: &Session, lang: Lang, back: &str, error: &Error) -> Response {
    if error.reason() == Some(ErrorReason::Unauthenticated) {
        app.sessions.end(session);
        return go_to("/sign-in?ended=1");
    }
    let page = Page::of(session, None, lang, lang.t("请求未完成", "The request was not completed"), back);
    let reason = error.reason_name().unwrap_or_default().to_owned();
    let message = Message { page, text: sentence(lang, error), reason, can_retry: error.is_retryable() };
    answer(status_of(error), &message)
}

/// A form that was posted with the token of its session.
#[derive(Debug)]
pub(crate) struct Posted {
    pub(crate) visit: Visit,
    pub(crate) values: Values,
}

impl FromRequest<Arc<App>> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, app).await?;
        let lang = visit.lang;
        let wrong = |status, zh: &str, en: &str| {
            let page = visit.page(lang.t("表单未被接受", "The form was not accepted"));
            let text = lang.t(zh, en).to_owned();
            answer(status, &Message { page, text, reason: String::new(), can_retry: false })
        };
        let read = Bytes::from_request(Request::from_parts(parts, body), app).await;
        let Ok(body) = read else {
            return Err(wrong(StatusCode::PAYLOAD_TOO_LARGE, "表单过大。", "The form is too large."));
        };
        let values = Values::parse(&body);
        if !is_same(&values.text("csrf"), &visit.session.csrf) {
            let zh = "表单已失效，请返回上一页刷新后重试。";
            return Err(wrong(
                StatusCode::FORBIDDEN,
                zh,
                "The form is out of date. Go back and reload the page.",
            ));
        }
        Ok(Self { visit, values })
    }
}
