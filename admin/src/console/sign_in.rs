//! The sign-in and the sign-out. Against a local server, somebody chooses one of its development credentials; in
//! service the identity provider says who it is.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use hotline_client::{CallOptions, DevelopmentCredentials, Role, Token};

use super::app::{App, Directory, SignIn};
use super::cookies;
use super::language::Lang;
use super::page::{Message, Page, answer, go_to, local, show};
use super::random::{is_same, secret};
use super::values::Values;
use super::visit::{Posted, back_of, language_of, sentence, status_of};

/// How long the sign-in waits for the names of units.
const NAMES_DEADLINE: Duration = Duration::from_secs(1);
/// The second administrator of a development server, who approves what the first proposes.
const SECOND_ADMINISTRATOR: &str = "dev-administrator-2";
/// Jobs that sign in at a screen.
const JOBS: [Role; 6] =
    [Role::Agent, Role::Dispatcher, Role::Coordinator, Role::Supervisor, Role::Analyst, Role::Administrator];

#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Page,
    next: String,
    secret: String,
    is_ended: bool,
    /// The development credentials: the value and the label.
    jobs: Vec<(String, String)>,
    units: Vec<(String, String)>,
}

/// The development credentials of the choice: `role:AGENT`, `unit:…` or `principal:…`.
fn chosen(credentials: &DevelopmentCredentials, choice: &str) -> Option<Token> {
    let (kind, name) = choice.split_once(':')?;
    let found = match kind {
        "role" => credentials.for_role(name.parse().ok()?),
        "unit" => credentials.for_unit(name),
        "principal" => credentials.for_principal(name),
        _ => return None,
    };
    found.ok()
}

/// `GET /sign-in`.
pub(crate) async fn get(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri) -> Response {
    let lang = language_of(&headers);
    let query = Values::parse(uri.query().unwrap_or_default().as_bytes());
    let next = query.text("next");
    let Ok(secret) = secret() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let (mut jobs, mut units) = (Vec::new(), Vec::new());
    if let SignIn::Development(credentials) = &app.sign_in {
        for role in JOBS.into_iter().filter(|role| credentials.for_role(*role).is_ok()) {
            jobs.push((format!("role:{role}"), role.label(lang.sdk()).into_owned()));
        }
        if credentials.for_principal(SECOND_ADMINISTRATOR).is_ok() {
            let label = lang.t("第二名管理员", "second administrator").to_owned();
            jobs.push((format!("principal:{SECOND_ADMINISTRATOR}"), label));
        }
        let names = names_of(&app, lang, credentials).await;
        let name_of = |code: &str| names.as_ref().map_or(code, |names| names.unit(code, lang)).to_owned();
        units = credentials.units().map(|code| (code.to_owned(), name_of(code))).collect();
    }
    let page = Page::bare(lang, lang.t("登录", "Sign in"), &back_of(&uri));
    let is_ended = query.is_checked("ended");
    let next = local(&next).to_owned();
    let shown = SignInPage { page, next, secret: secret.clone(), is_ended, jobs, units };
    let mut response = show(&shown);
    if matches!(app.sign_in, SignIn::Development(_)) {
        set_cookie(&mut response, cookies::set_sign_in(&secret, app.is_secure));
    }
    response
}

/// The names of units, which any development credential may read. While the hotline is away there are only codes.
async fn names_of(app: &App, lang: Lang, credentials: &DevelopmentCredentials) -> Option<Arc<Directory>> {
    let token = credentials.for_role(Role::Analyst).ok()?;
    let quick = CallOptions::new().deadline(NAMES_DEADLINE);
    let client = app.connection(lang).with_token(token).ok()?.with_options(&quick);
    app.directory(&client).await.ok()
}

fn set_cookie(response: &mut Response, cookie: Option<axum::http::HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

fn stopped(lang: Lang, status: StatusCode, zh: &str, en: &str) -> Response {
    let page = Page::bare(lang, lang.t("登录未完成", "Not signed in"), "/sign-in");
    let message = Message { page, text: lang.t(zh, en).to_owned(), reason: String::new(), can_retry: false };
    answer(status, &message)
}

/// Begins a session with a token, if the hotline accepts it.
async fn begin(app: &App, lang: Lang, token: Token, life: Option<Duration>) -> Result<String, Response> {
    let me = match app.connection(lang).with_token(token.clone()) {
        Ok(client) => client.tickets().who_am_i().await,
        Err(error) => Err(error),
    };
    match me {
        Ok(me) => {
            app.note_time(me.now);
            app.sessions.begin(token, me, life).map_err(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
        }
        Err(error) => {
            let page = Page::bare(lang, lang.t("登录未完成", "Not signed in"), "/sign-in");
            let text = sentence(lang, &error);
            let reason = error.reason_name().unwrap_or_default().to_owned();
            Err(answer(status_of(&error), &Message { page, text, reason, can_retry: true }))
        }
    }
}

/// `POST /sign-in`: with a development credential.
pub(crate) async fn post(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let lang = language_of(&headers);
    let values = Values::parse(&body);
    let SignIn::Development(credentials) = &app.sign_in else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kept = cookies::sign_in(&headers, app.is_secure).unwrap_or_default();
    if kept.is_empty() || !is_same(kept, &values.text("secret")) {
        let zh = "登录页已失效，请重新打开登录页。";
        return stopped(lang, StatusCode::FORBIDDEN, zh, "The page is out of date. Open the sign-in again.");
    }
    let Some(token) = chosen(credentials, &values.text("who")) else {
        return stopped(lang, StatusCode::UNPROCESSABLE_ENTITY, "请选择角色。", "Choose a role.");
    };
    match begin(&app, lang, token, None).await {
        Ok(name) => {
            let mut response = go_to(local(&values.text("next")));
            set_cookie(&mut response, cookies::set_session(&name, app.is_secure));
            set_cookie(&mut response, cookies::set_sign_in("", app.is_secure));
            response
        }
        Err(response) => response,
    }
}

#[derive(Debug, Template)]
#[template(path = "go_on.html")]
struct GoOn {
    page: Page,
    next: String,
}

/// `GET /sign-in/provider`: goes to the identity provider.
pub(crate) async fn provider(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri) -> Response {
    let lang = language_of(&headers);
    let query = Values::parse(uri.query().unwrap_or_default().as_bytes());
    let SignIn::Provider(provider) = &app.sign_in else { return StatusCode::NOT_FOUND.into_response() };
    match provider.begin(local(&query.text("next"))) {
        Some((name, address)) => {
            let mut response = go_to(&address);
            set_cookie(&mut response, cookies::set_sign_in(&name, app.is_secure));
            response
        }
        None => stopped(
            lang,
            StatusCode::SERVICE_UNAVAILABLE,
            "登录请求过多，请稍后重试。",
            "Too many sign-ins have begun. Try again later.",
        ),
    }
}

/// `GET /sign-in/callback`: comes back from the identity provider.
///
/// The browser came from another site and would not send a strict cookie with a redirect. So a page of this console
/// leads on to the next one.
pub(crate) async fn callback(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri) -> Response {
    let lang = language_of(&headers);
    let query = Values::parse(uri.query().unwrap_or_default().as_bytes());
    let SignIn::Provider(provider) = &app.sign_in else { return StatusCode::NOT_FOUND.into_response() };
    let name = cookies::sign_in(&headers, app.is_secure).unwrap_or_default();
    let signed = provider.finish(name, &query).await;
    let signed = match signed {
        Ok(signed) => signed,
        Err(cause) => {
            eprintln!("sign-in failed: {cause}");
            let zh = "身份提供方未确认您的身份，请重新登录。";
            return stopped(
                lang,
                StatusCode::FORBIDDEN,
                zh,
                "The provider did not confirm who you are. Sign in again.",
            );
        }
    };
    match begin(&app, lang, signed.token, signed.life).await {
        Ok(name) => {
            let page = Page::bare(lang, lang.t("已登录", "Signed in"), "/");
            let mut response = show(&GoOn { page, next: signed.next });
            set_cookie(&mut response, cookies::set_session(&name, app.is_secure));
            set_cookie(&mut response, cookies::set_sign_in("", app.is_secure));
            response
        }
        Err(response) => response,
    }
}

/// `POST /sign-out`.
pub(crate) async fn out(posted: Posted) -> Response {
    let app = &posted.visit.app;
    app.sessions.end(&posted.visit.session);
    let mut response = go_to("/sign-in");
    set_cookie(&mut response, cookies::set_session("", app.is_secure));
    response
}

/// `GET /language/{name}?back=…`: changes the language.
pub(crate) async fn language(State(app): State<Arc<App>>, Path(name): Path<String>, uri: Uri) -> Response {
    let query = Values::parse(uri.query().unwrap_or_default().as_bytes());
    let mut response = go_to(local(&query.text("back")));
    if let Some(lang) = Lang::named(&name) {
        set_cookie(&mut response, cookies::set_language(lang.name(), app.is_secure));
    }
    response
}
