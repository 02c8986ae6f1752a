//! Cookies: the session, the language, and the short-lived secret of a sign-in.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// The cookie of the session.
const SESSION: &str = "hotline_session";
/// The cookie of a sign-in that has begun.
const SIGN_IN: &str = "hotline_sign_in";
/// The cookie of the language.
const LANGUAGE: &str = "hotline_language";
/// How long a sign-in may take, in seconds.
const SIGN_IN_SECONDS: u32 = 600;

/// The value of a cookie of a request.
fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(given, _)| *given == name).map(|(_, value)| value).next()
}

/// With TLS the name has the prefix that no other host can set.
fn full_name(name: &str, is_secure: bool) -> String {
    if is_secure { format!("__Host-{name}") } else { name.to_owned() }
}

/// The name of the session.
pub(crate) fn session(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    read(headers, &full_name(SESSION, is_secure))
}

/// The secret of the sign-in that has begun.
pub(crate) fn sign_in(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    read(headers, &full_name(SIGN_IN, is_secure))
}

/// The name of the language.
pub(crate) fn language(headers: &HeaderMap) -> Option<&str> {
    read(headers, LANGUAGE)
}

fn line(name: &str, value: &str, rest: &str, is_secure: bool) -> Option<HeaderValue> {
    let secure = if is_secure { "; Secure" } else { "" };
    let name = full_name(name, is_secure);
    HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly{secure}{rest}")).ok()
}

/// Sets the session's name; an empty one takes it away.
pub(crate) fn set_session(name: &str, is_secure: bool) -> Option<HeaderValue> {
    let age = if name.is_empty() { "; Max-Age=0" } else { "" };
    line(SESSION, name, &format!("; SameSite=Strict{age}"), is_secure)
}

/// Sets the secret of a sign-in. It must come back from the provider's page, so it is `Lax`.
pub(crate) fn set_sign_in(secret: &str, is_secure: bool) -> Option<HeaderValue> {
    let age = if secret.is_empty() { 0 } else { SIGN_IN_SECONDS };
    line(SIGN_IN, secret, &format!("; SameSite=Lax; Max-Age={age}"), is_secure)
}

/// Sets the language.
pub(crate) fn set_language(name: &str, is_secure: bool) -> Option<HeaderValue> {
    let secure = if is_secure { "; Secure" } else { "" };
    let text = format!("{LANGUAGE}={name}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000{secure}");
    HeaderValue::from_str(&text).ok()
}
