//! The address of a server, as a user writes it: `https://host:port` or `http://host:port`.

use std::fmt;
use std::sync::Arc;

use http::Uri;
use http::uri::{Authority, Scheme};

use crate::error::Error;

/// A checked address.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    text: Arc<str>,
    authority: Authority,
    is_tls: bool,
}

impl Endpoint {
    /// Reads an address.
    ///
    /// # Errors
    /// If it has another form. A path is refused too, because the contract's paths begin at the root.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let unusable = |why: &str| {
            Error::configuration(format!(
                "the endpoint {text:?} {why}; it must have the form https://host:port or http://host:port"
            ))
        };
        let uri: Uri = text.parse().map_err(|_| unusable("is no address"))?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(unusable("is neither https nor http")),
        };
        if uri.host().is_none_or(str::is_empty) {
            return Err(unusable("names no host"));
        }
        let authority = uri.authority().ok_or_else(|| unusable("names no host"))?.clone();
        if authority.as_str().contains('@') {
            return Err(Error::configuration("an endpoint must not contain a user name or a password"));
        }
        if uri.path_and_query().is_some_and(|path| path.as_str() != "/") {
            return Err(unusable("has a path"));
        }
        let text = format!("{}://{authority}", if is_tls { "https" } else { "http" });
        Ok(Self { text: text.into(), authority, is_tls })
    }

    /// Scheme, host and port as text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The same, shared.
    pub(crate) fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// Whether it speaks TLS.
    pub(crate) const fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// The host, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        self.authority.host().trim_start_matches('[').trim_end_matches(']')
    }

    /// The port, or the one of its scheme.
    pub(crate) fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(if self.is_tls { 443 } else { 80 })
    }

    /// What every request to it begins with.
    pub(super) fn origin(&self) -> (Scheme, Authority) {
        (if self.is_tls { Scheme::HTTPS } else { Scheme::HTTP }, self.authority.clone())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_port_and_scheme_are_read() {
        let secure = Endpoint::parse("https://hotline.example").unwrap();
        assert_eq!((secure.host(), secure.port(), secure.is_tls()), ("hotline.example", 443, true));
        let local = Endpoint::parse("http://[::1]:7312/").unwrap();
        assert_eq!((local.host(), local.port(), local.is_tls()), ("::1", 7312, false));
        assert_eq!(local.text(), "http://[::1]:7312");
    }

    #[test]
    fn what_would_be_dropped_silently_is_refused() {
        for text in
            ["", "127.0.0.1:7312", "unix:/tmp/x", "http://", "https://", "http://a/v1", "http://u:p@a"]
        {
            let error = Endpoint::parse(text).expect_err("it can't be used");
            assert!(error.to_string().contains("endpoint"), "{text}: {error}");
            assert!(!error.to_string().contains("u:p"), "{error}");
        }
    }
}
