//! Requests to the identity provider, with limits on the time and on the size. Redirects are not followed, and only the
//! configured authority is trusted.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Request, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// The time limit of one request.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer, in bytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Sends requests.
#[derive(Clone)]
pub(super) struct Fetcher(Arc<ClientConfig>);

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fetcher")
    }
}

impl Fetcher {
    /// Trusts the authorities of a file; without one, only plain HTTP on loopback works.
    pub(super) fn new(ca_file: Option<&Path>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        if let Some(path) = ca_file {
            let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| fault(&error))? {
                let certificate = certificate.map_err(|error| fault(&error))?;
                roots.add(certificate).map_err(|error| fault(&error))?;
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    pub(super) async fn get(&self, address: &str) -> Result<Bytes, String> {
        self.send(Method::GET, address, String::new()).await
    }

    pub(super) async fn post(&self, address: &str, form: String) -> Result<Bytes, String> {
        self.send(Method::POST, address, form).await
    }

    async fn send(&self, method: Method, address: &str, form: String) -> Result<Bytes, String> {
        let sent = timeout(TIMEOUT, self.exchange(method, address, form)).await;
        sent.unwrap_or_else(|_| Err("no answer in time".to_owned()))
            .map_err(|error| format!("{address}: {error}"))
    }

    async fn exchange(&self, method: Method, address: &str, form: String) -> Result<Bytes, String> {
        let uri: Uri = address.parse().map_err(|error| format!("{error}"))?;
        let host = uri.host().ok_or("there is no host")?.trim_matches(['[', ']']).to_owned();
        let is_tls = uri.scheme_str() == Some("https");
        let is_loopback =
            host == "localhost" || host.parse().is_ok_and(|one: std::net::IpAddr| one.is_loopback());
        if !is_tls && !is_loopback {
            return Err("http is for loopback only; take https".to_owned());
        }
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|error| error.to_string())?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, authority)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form)))
            .map_err(|error| error.to_string())?;
        if !is_tls {
            return answer_of(stream, request).await;
        }
        let name = ServerName::try_from(host).map_err(|error| error.to_string())?;
        let connector = TlsConnector::from(Arc::clone(&self.0));
        let stream = connector.connect(name, stream).await.map_err(|error| error.to_string())?;
        answer_of(stream, request).await
    }
}

/// Sends a request on a stream of its own.
async fn answer_of<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Bytes, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
    let body = body.map_err(|error| error.to_string())?.to_bytes();
    if status.is_success() { Ok(body) } else { Err(format!("status {status}")) }
}
