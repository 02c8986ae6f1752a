//! Fetching a key set: from a file, or over HTTP from a provider, in bounded time and size. Redirects are not followed,
//! and behind `https` only the configured authority is trusted.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, StatusCode, Uri, header};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::body::Body;

use super::super::certificate::not_after;
use super::keys::SET_BYTES_MAX;
use crate::platform::Clock;

/// How long a fetch may take in all.
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);

/// Where a key set comes from.
#[derive(Clone)]
pub enum Source {
    /// A file, which the operator replaces.
    File(PathBuf),
    /// A provider in the clear, on loopback alone.
    Http(Uri),
    /// A provider behind TLS.
    Https(Uri, TlsConnector),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Http(uri) | Self::Https(uri, _) => write!(f, "{uri}"),
        }
    }
}

fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

fn connector(ca: &Path) -> Result<TlsConnector, String> {
    let fault = |error: &dyn std::fmt::Display| format!("access.oidc.ca: {}: {error}", ca.display());
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).map_err(|error| fault(&error))? {
        let certificate = certificate.map_err(|error| fault(&error))?;
        // An authority's own time is looked at by nobody else.
        if not_after(&certificate).is_some_and(|end| end <= Clock::Real.now().timestamp()) {
            return Err(fault(&"an authority in it has expired; replace it"));
        }
        roots.add(certificate).map_err(|error| fault(&error))?;
    }
    if roots.is_empty() {
        return Err(fault(&"it holds no certificate"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| fault(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

impl Source {
    /// Reads `access.oidc.jwks` and, for `https`, `access.oidc.ca`.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn of(jwks: &str, ca: &Path) -> Result<Self, String> {
        if jwks.is_empty() {
            return Err("access.oidc.jwks: where are the provider's keys?".to_owned());
        }
        let (is_http, is_https) = (jwks.starts_with("http://"), jwks.starts_with("https://"));
        if !is_http && !is_https {
            return Ok(Self::File(PathBuf::from(jwks)));
        }
        let uri: Uri = jwks.parse().map_err(|error| format!("access.oidc.jwks: {error}"))?;
        if is_http && !is_loopback(&uri) {
            // Whoever stands between could put in a key of his own.
            return Err("access.oidc.jwks: http is for loopback only; take https".to_owned());
        }
        Ok(if is_http { Self::Http(uri) } else { Self::Https(uri, connector(ca)?) })
    }

    /// Fetches the set as it is now.
    ///
    /// # Errors
    /// Why it can't be had.
    pub async fn fetch(&self) -> Result<Vec<u8>, String> {
        let fetched = tokio::time::timeout(FETCH_TIMEOUT, self.fetch_unhurried()).await;
        fetched.map_err(|_| "the provider does not answer".to_owned())?
    }

    async fn fetch_unhurried(&self) -> Result<Vec<u8>, String> {
        let uri = match self {
            Self::File(path) => {
                let path = path.clone();
                let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
                return read.map_err(|error| error.to_string())?.map_err(|error| error.to_string());
            }
            Self::Http(uri) | Self::Https(uri, _) => uri,
        };
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let default = if matches!(self, Self::Https(..)) { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(default);
        let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|error| error.to_string())?;
        match self {
            Self::Https(_, connector) => {
                let name = ServerName::try_from(host).map_err(|error| error.to_string())?;
                let stream = connector.connect(name, stream).await.map_err(|error| error.to_string())?;
                get(uri, stream).await
            }
            _ => get(uri, stream).await,
        }
    }
}

async fn get(
    uri: &Uri,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
) -> Result<Vec<u8>, String> {
    let fault = |error: hyper::Error| error.to_string();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(fault)?;
    let connection = tokio::spawn(connection);
    let request = Request::get(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(header::HOST, uri.authority().map_or("", |authority| authority.as_str()))
        .header(header::ACCEPT, "application/json")
        .body(Body::empty())
        .map_err(|error| error.to_string())?;
    let answered = sender.send_request(request).await.map_err(fault);
    let outcome = match answered {
        Ok(response) if response.status() == StatusCode::OK => read(response.into_body()).await,
        Ok(response) => Err(format!("the provider answers {}", response.status())),
        Err(error) => Err(error),
    };
    connection.abort();
    outcome
}

async fn read(mut body: Incoming) -> Result<Vec<u8>, String> {
    let mut all = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(bytes) = frame.map_err(|error| error.to_string())?.into_data() {
            all.extend_from_slice(&bytes);
        }
        if all.len() > SET_BYTES_MAX {
            return Err("the key set is too large".to_owned());
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_fetched_in_the_clear_on_loopback_only() {
        let of = |jwks: &str| Source::of(jwks, Path::new(""));
        for loopback in ["http://127.0.0.1:5556/keys", "http://localhost/keys", "http://[::1]:80/keys"] {
            assert!(matches!(of(loopback), Ok(Source::Http(_))), "{loopback}");
        }
        assert!(of("http://id.example/keys").is_err_and(|error| error.contains("loopback")));
        assert!(of("https://id.example/keys").is_err_and(|error| error.contains("access.oidc.ca")));
        assert!(matches!(of("/etc/hotline/jwks.json"), Ok(Source::File(_))));
        assert!(of("").is_err());
    }
}
