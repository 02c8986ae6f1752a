//! Cross-origin requests (CORS) of browsers: the configured origins may call by gRPC-Web, and read the status of an
//! answer. No other origin may, and none may send cookies: a credential is a token in the authorization header.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, Uri, header};
use tower_http::cors::CorsLayer;

/// Headers that a gRPC-Web client may send.
const ALLOWED_HEADERS: [HeaderName; 9] = [
    header::ACCEPT_LANGUAGE,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("grpc-accept-encoding"),
    HeaderName::from_static("grpc-encoding"),
    HeaderName::from_static("grpc-timeout"),
    HeaderName::from_static("x-grpc-web"),
    HeaderName::from_static("x-user-agent"),
    HeaderName::from_static("traceparent"),
];
/// Headers of an answer that a page may read. A refusal without a body has its status there.
const EXPOSED_HEADERS: [HeaderName; 5] = [
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-status-details-bin"),
    HeaderName::from_static("grpc-encoding"),
    HeaderName::from_static("grpc-accept-encoding"),
];
/// How long a browser may keep the answer to a preflight request; browsers keep none for longer.
const MAX_AGE: Duration = Duration::from_hours(2);

/// An origin as browsers send it: `https://host` or `https://host:port`.
///
/// # Errors
/// What is wrong with it.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let fault = || format!("access.allowed_origins: {text:?} is not an origin, as https://hotline.example");
    let uri: Uri = text.parse().map_err(|_| fault())?;
    let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or_else(fault)?;
    // A browser leaves the port of the scheme out, and writes hosts in lower case.
    let default_port = if scheme == "https" { 443 } else { 80 };
    let is_origin = matches!(scheme, "http" | "https")
        && authority.port_u16() != Some(default_port)
        && !authority.as_str().contains(['@', '*'])
        && text == format!("{scheme}://{authority}")
        && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    if is_origin { HeaderValue::from_str(text).map_err(|_| fault()) } else { Err(fault()) }
}

/// The layer that answers the configured origins; `None` without any.
///
/// # Errors
/// The first origin that is none.
pub fn layer(origins: &[String]) -> Result<Option<CorsLayer>, String> {
    if origins.is_empty() {
        return Ok(None);
    }
    let origins = origins.iter().map(|text| origin(text)).collect::<Result<Vec<_>, _>>()?;
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::POST])
        .allow_headers(ALLOWED_HEADERS)
        .expose_headers(EXPOSED_HEADERS)
        .max_age(MAX_AGE);
    Ok(Some(layer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_a_browser_sends_it() {
        for text in ["https://hotline.example", "http://localhost:5173", "https://10.0.0.1:8443"] {
            assert_eq!(origin(text).as_ref().map(HeaderValue::as_bytes), Ok(text.as_bytes()));
        }
        for text in [
            "",
            "*",
            "null",
            "hotline.example",
            "https://hotline.example/",
            "https://hotline.example/admin",
            "https://hotline.example:443",
            "http://hotline.example:80",
            "https://Hotline.example",
            "https://user@hotline.example",
            "https://*.example",
            "ftp://hotline.example",
            "https://hotline.example?a",
        ] {
            assert!(origin(text).is_err(), "{text}");
        }
        assert!(layer(&[]).expect("none is none").is_none());
        assert!(layer(&["https://hotline.example".to_owned()]).expect("one is one").is_some());
        assert!(layer(&["https://hotline.example".to_owned(), "*".to_owned()]).is_err());
    }
}
