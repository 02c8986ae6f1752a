//! What holds for every request and every answer: the host, the origin of posted forms, and the headers.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::app::App;

/// Nothing but files of this console. No script or style stands in a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// The text of a header.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether a posted form comes from a page of this console. Browsers say where a form comes from.
fn is_own_form(app: &App, headers: &HeaderMap) -> bool {
    let site = text(headers, HeaderName::from_static("sec-fetch-site"));
    let scheme = if app.is_secure { "https" } else { "http" };
    let is_own = |origin: &str| app.hosts.iter().any(|host| origin == format!("{scheme}://{host}"));
    site.is_none_or(|site| site == "same-origin") && text(headers, header::ORIGIN).is_none_or(is_own)
}

/// Checks a request, and adds the headers to its answer.
pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = text(headers, header::HOST).unwrap_or_default();
    // Another name for the address of this console could be a page of a stranger, by DNS rebinding.
    let mut response = if !app.hosts.iter().any(|known| known == host) {
        StatusCode::MISDIRECTED_REQUEST.into_response()
    } else if request.method() == Method::POST && !is_own_form(&app, headers) {
        (StatusCode::FORBIDDEN, "the form comes from another site").into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        // A file has a policy of its own, which is narrower.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if app.is_secure {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
