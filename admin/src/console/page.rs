//! The frame of every page: the language, who has signed in, the menu, and the answer with its template.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hotline_client::Role;

use super::assets;
use super::language::Lang;
use super::menu::{self, Link};
use super::session::Session;

/// The frame of a page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) lang: Lang,
    pub(crate) title: String,
    /// The path and the query of this page, to come back to after a change of the language.
    pub(crate) back: String,
    /// The token of the forms; empty before the sign-in.
    pub(crate) csrf: String,
    pub(crate) who: Option<Who>,
    pub(crate) menu: Vec<Link>,
    /// What was just done.
    pub(crate) notice: Option<String>,
    /// Whether the script follows the feed.
    pub(crate) has_feed: bool,
}

/// Who has signed in.
#[derive(Debug)]
pub(crate) struct Who {
    pub(crate) principal: String,
    pub(crate) roles: String,
    pub(crate) unit: Option<String>,
}

/// The roles that read tickets, and so the feed.
pub(crate) const READERS: [Role; 6] =
    [Role::Agent, Role::Dispatcher, Role::Coordinator, Role::Unit, Role::Supervisor, Role::Analyst];

impl Page {
    /// A page before the sign-in.
    pub(crate) fn bare(lang: Lang, title: &str, back: &str) -> Self {
        Self {
            lang,
            title: title.to_owned(),
            back: form_urlencoded::byte_serialize(back.as_bytes()).collect(),
            csrf: String::new(),
            who: None,
            menu: Vec::new(),
            notice: None,
            has_feed: false,
        }
    }

    /// A page of somebody who has signed in.
    pub(crate) fn of(session: &Session, unit: Option<String>, lang: Lang, title: &str, back: &str) -> Self {
        let roles: Vec<_> = session.roles.iter().map(|role| role.label(lang.sdk())).collect();
        let who = Who { principal: session.principal.clone(), roles: roles.join(lang.t("、", ", ")), unit };
        Self {
            csrf: session.csrf.clone(),
            who: Some(who),
            menu: menu::of(&session.roles, lang, back),
            has_feed: session.has_any(&READERS),
            ..Self::bare(lang, title, back)
        }
    }

    /// One of two texts. For templates.
    pub(crate) fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.lang.t(zh, en)
    }

    /// The address of a file of the console. For templates.
    pub(crate) fn asset(&self, name: &str) -> String {
        debug_assert!(!self.title.is_empty(), "every page has a title");
        assets::address(name)
    }
}

/// The answer with a page.
pub(crate) fn answer(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The answer with a page that was found.
pub(crate) fn show(page: &impl Template) -> Response {
    answer(StatusCode::OK, page)
}

/// Goes on with a page of this console by GET.
pub(crate) fn go_to(path: &str) -> Response {
    let location = header::HeaderValue::from_str(path).unwrap_or(header::HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// A path of this console that somebody gave, or the first page. It never leads to another host.
pub(crate) fn local(path: &str) -> &str {
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    if is_local { path } else { "/" }
}

/// A page that only says something.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub(crate) struct Message {
    pub(crate) page: Page,
    pub(crate) text: String,
    /// The name of the reason in the contract, for those who ask for help.
    pub(crate) reason: String,
    pub(crate) can_retry: bool,
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn a_path_of_another_host_leads_to_the_first_page() {
        for path in
            ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\nb", "", "\\\\evil"]
        {
            assert_eq!(local(path), "/", "{path}");
        }
        assert_eq!(local("/tickets?state=RECEIVED"), "/tickets?state=RECEIVED");
    }
}
