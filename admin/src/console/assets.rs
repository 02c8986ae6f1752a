//! The files of the console, in the program itself. Their addresses change with their content, so browsers keep them.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::random::sha256;

/// A file: its name, its type, its content.
const FILES: [(&str, &str, &str); 4] = [
    ("console.css", "text/css; charset=utf-8", include_str!("../../assets/console.css")),
    ("icon.svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
    ("console.js", "text/javascript; charset=utf-8", include_str!("../../assets/console.js")),
    ("htmx.js", "text/javascript; charset=utf-8", include_str!("../../assets/htmx-2.0.11.min.js")),
];
/// The characters of the digest in an address.
const DIGEST_CHARACTERS: usize = 12;

/// The address of a file.
pub(crate) fn address(name: &str) -> String {
    let found = FILES.iter().find(|(file, ..)| *file == name);
    let digest = found.map(|(_, _, text)| sha256(text)).unwrap_or_default();
    format!("/assets/{}/{name}", digest.chars().take(DIGEST_CHARACTERS).collect::<String>())
}

/// `GET /assets/{digest}/{name}`.
pub(crate) async fn get(Path((_, name)): Path<(String, String)>) -> Response {
    let Some((_, kind, text)) = FILES.iter().find(|(file, ..)| *file == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kept = (header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    ([(header::CONTENT_TYPE, *kind), kept], *text).into_response()
}
