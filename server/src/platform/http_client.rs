//! What all clients share that call an HTTP server of the configuration: its URL, its authorities and its connections.
//! They follow no redirect and read no proxy from the environment. With `https` only the configured authorities are
//! trusted, and plain `http` is for loopback only.

use std::error::Error;
use std::fmt::Display;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Opens connections, with TLS and without.
pub type Connector = HttpsConnector<HttpConnector>;

/// Reads a URL. `key` is the key of the configuration that has it.
///
/// # Errors
/// If it is no URL, or is in the clear beyond loopback.
pub fn url(key: &str, text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|error| format!("{key}: {error}"))?;
    if uri.scheme() == Some(&Scheme::HTTP) && !is_loopback(&uri) {
        return Err(format!("{key}: http is for loopback only; take https"));
    }
    if uri.scheme().is_none() {
        return Err(format!("{key}: it begins with https://"));
    }
    Ok(uri)
}

fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Reads the authorities of a URL from a PEM file; plain `http` has none. `check` says what is wrong with one of them,
/// if anything.
///
/// # Errors
/// What is wrong with the file, with the key of the configuration that names it.
pub fn roots(
    uri: &Uri,
    key: &str,
    ca: &Path,
    check: impl Fn(&CertificateDer<'_>) -> Result<(), String>,
) -> Result<RootCertStore, String> {
    let fault = |error: &dyn Display| format!("{key}: {}: {error}", ca.display());
    let mut roots = RootCertStore::empty();
    if uri.scheme() != Some(&Scheme::HTTPS) {
        return Ok(roots);
    }
    for certificate in CertificateDer::pem_file_iter(ca).map_err(|error| fault(&error))? {
        let certificate = certificate.map_err(|error| fault(&error))?;
        check(&certificate).map_err(|error| fault(&error))?;
        roots.add(certificate).map_err(|error| fault(&error))?;
    }
    if roots.is_empty() {
        return Err(fault(&"it holds no certificate"));
    }
    Ok(roots)
}

/// A connector that trusts these authorities alone.
///
/// # Errors
/// If the library of TLS can't be used.
pub fn connector(roots: RootCertStore) -> Result<Connector, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().build())
}

/// An error with its causes: the text of the client's error names only the step that failed.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_in_the_clear_on_loopback_only() {
        for right in ["https://s3.example", "http://127.0.0.1:9000", "http://localhost", "http://[::1]:80/a"]
        {
            assert!(url("key", right).is_ok(), "{right}");
        }
        for (wrong, words) in [
            ("http://s3.example", "key: http is for loopback only"),
            ("http://127.0.0.1.example", "key: http is for loopback only"),
            ("s3.example", "key: it begins with https://"),
            ("https://a b", "key: "),
        ] {
            assert!(url("key", wrong).is_err_and(|error| error.starts_with(words)), "{wrong}");
        }
    }
}
