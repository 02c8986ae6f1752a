//! Fetches a key set from a file or from a provider over HTTP, with limits on the time and on the size. Redirects are
//! not followed. With `https` only the configured authority is trusted.

use std::path::{Path, PathBuf};
use std::time::Duration;

use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use super::super::certificate::not_after;
use super::jwks::SET_BYTES_MAX;
use crate::platform::Clock;
use crate::platform::http_client::{self, Connector, with_causes};

/// The client follows no redirect and reads no proxy from the environment.
type HttpClient = Client<Connector, Empty<Bytes>>;

/// The time limit of a fetch.
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);

/// The source of a key set.
#[derive(Clone)]
pub enum JwksSource {
    /// A file that the operator replaces.
    File(PathBuf),
    /// A provider: over TLS, or over plain HTTP on loopback.
    Provider(Uri, Box<HttpClient>),
}

impl std::fmt::Debug for JwksSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Provider(uri, _) => write!(f, "{uri}"),
        }
    }
}

/// No library checks the validity of an authority's own certificate.
fn check_validity(authority: &CertificateDer<'_>) -> Result<(), String> {
    let has_expired = not_after(authority).is_some_and(|end| end <= Clock::Real.now().timestamp());
    if has_expired { Err("an authority in it has expired; replace it".to_owned()) } else { Ok(()) }
}

/// A client without idle connections: the next fetch is minutes away.
fn client(roots: RootCertStore) -> Result<HttpClient, String> {
    let connector = http_client::connector(roots)?;
    Ok(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector))
}

impl JwksSource {
    /// Reads `access.oidc.jwks` and, for `https`, `access.oidc.ca`.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn of(jwks: &str, ca: &Path) -> Result<Self, String> {
        if jwks.is_empty() {
            return Err("access.oidc.jwks: where are the provider's keys?".to_owned());
        }
        if !jwks.starts_with("http://") && !jwks.starts_with("https://") {
            return Ok(Self::File(PathBuf::from(jwks)));
        }
        // An attacker on the network could insert a key.
        let uri = http_client::url("access.oidc.jwks", jwks)?;
        let roots = http_client::roots(&uri, "access.oidc.ca", ca, check_validity)?;
        Ok(Self::Provider(uri, Box::new(client(roots)?)))
    }

    /// Fetches the present set.
    ///
    /// # Errors
    /// Why it can't be fetched.
    pub async fn fetch(&self) -> Result<Vec<u8>, String> {
        let fetched = tokio::time::timeout(FETCH_TIMEOUT, self.fetch_without_timeout()).await;
        fetched.map_err(|_| "the provider does not answer".to_owned())?
    }

    async fn fetch_without_timeout(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::File(path) => {
                let path = path.clone();
                let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
                read.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
            }
            Self::Provider(uri, client) => get(uri, client).await,
        }
    }
}

async fn get(uri: &Uri, client: &HttpClient) -> Result<Vec<u8>, String> {
    let request = Request::get(uri)
        .header(header::ACCEPT, "application/json")
        .body(Empty::new())
        .map_err(|error| error.to_string())?;
    let response = client.request(request).await.map_err(|error| with_causes(&error))?;
    if response.status() != StatusCode::OK {
        return Err(format!("the provider answers {}", response.status()));
    }
    let body = Limited::new(response.into_body(), SET_BYTES_MAX).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            "the key set is too large".to_owned()
        } else {
            with_causes(&*error)
        }
    });
    Ok(body?.to_bytes().into())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use rustls::ServerConfig;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    #[test]
    fn keys_are_fetched_in_the_clear_on_loopback_only() {
        let of = |jwks: &str| JwksSource::of(jwks, Path::new(""));
        for loopback in ["http://127.0.0.1:5556/keys", "http://localhost/keys", "http://[::1]:80/keys"] {
            assert!(matches!(of(loopback), Ok(JwksSource::Provider(..))), "{loopback}");
        }
        assert!(of("http://id.example/keys").is_err_and(|error| error.contains("loopback")));
        assert!(of("https://id.example/keys").is_err_and(|error| error.contains("access.oidc.ca")));
        assert!(matches!(of("/etc/hotline/jwks.json"), Ok(JwksSource::File(_))));
        assert!(of("").is_err());
    }

    fn certificate() -> CertifiedKey<rcgen::KeyPair> {
        generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate")
    }

    /// A provider behind TLS that gives one answer; returns its address, and the request that it got.
    async fn provider(
        own: &CertifiedKey<rcgen::KeyPair>,
        answer: Vec<u8>,
    ) -> (Uri, tokio::task::JoinHandle<String>) {
        let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .expect("ring knows them")
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .expect("they belong together");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let asked = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("somebody comes");
            let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else {
                return String::new();
            };
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap_or(0);
            // The client may close after it has read enough.
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        (format!("https://{address}/keys?tenant=a").parse().expect("an address"), asked)
    }

    fn trusting(own: &CertifiedKey<rcgen::KeyPair>, uri: Uri) -> JwksSource {
        let mut roots = RootCertStore::empty();
        roots.add(own.cert.der().clone()).expect("it can be trusted");
        JwksSource::Provider(uri, Box::new(client(roots).expect("a client")))
    }

    #[tokio::test]
    async fn keys_are_fetched_from_a_provider_with_the_configured_authority_alone() {
        let (own, other) = (certificate(), certificate());
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"keys\":[]}".to_vec();
        let (uri, asked) = provider(&own, answer.clone()).await;
        assert_eq!(trusting(&own, uri).fetch().await.as_deref(), Ok(&b"{\"keys\":[]}"[..]));
        let request = asked.await.expect("it does not panic").to_lowercase();
        for line in ["get /keys?tenant=a http/1.1", "host: 127.0.0.1:", "accept: application/json"] {
            assert!(request.contains(line), "{request}");
        }
        let (uri, _) = provider(&own, answer).await;
        let error = trusting(&other, uri).fetch().await.expect_err("another authority is trusted");
        assert!(error.contains("certificate"), "it says why: {error}");
    }

    #[tokio::test]
    async fn what_is_no_key_set_of_this_provider_is_refused() {
        let own = certificate();
        let endless = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; SET_BYTES_MAX + 1]].concat();
        let elsewhere =
            b"HTTP/1.1 302 Found\r\nlocation: https://evil.example/keys\r\ncontent-length: 0\r\n\r\n";
        for (answer, words) in [
            (endless, "too large"),
            (elsewhere.to_vec(), "302"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec(), "body"),
            (b"SSH-2.0-OpenSSH\r\n".to_vec(), "invalid HTTP"),
        ] {
            let (uri, _) = provider(&own, answer).await;
            let error = trusting(&own, uri).fetch().await.expect_err("it is no key set");
            assert!(error.contains(words), "{error} has no {words}");
        }
    }
}
