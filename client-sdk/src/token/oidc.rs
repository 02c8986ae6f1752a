//! Tokens of an identity provider, fetched with client credentials (RFC 6749, section 4.4) and renewed before they
//! expire.

use std::fmt::{self, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::{TokenError, TokenFuture, TokenProvider};
use crate::credentials::Token;
use crate::error::Error;
use crate::transport::{BoxedStream, Endpoint, Pem, Trust};

/// The time limit of one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// The life of a token if the provider does not say it.
const DEFAULT_LIFE: Duration = Duration::from_mins(1);
/// The longest life that is believed.
const LIFE_MAX: Duration = Duration::from_hours(24);

/// A token that is fetched from an identity provider and renewed when four fifths of its life are over.
///
/// ```no_run
/// use hotline_client::{HotlineClient, OidcToken};
///
/// # fn example(ca: &str, secret: &str) -> Result<(), hotline_client::Error> {
/// let token = OidcToken::new("https://id.example/oauth2/token", "chaoyang-worker", secret)?
///     .scope("hotline")
///     .certificate_authority(ca);
/// let builder = HotlineClient::builder().token_provider(token);
/// # let _ = builder;
/// # Ok(())
/// # }
/// ```
pub struct OidcToken {
    endpoint: Endpoint,
    path: String,
    client_id: String,
    client_secret: String,
    scope: Option<String>,
    trust: Trust,
    kept: Mutex<Option<Kept>>,
    /// Held by the one call that fetches.
    fetching: tokio::sync::Mutex<()>,
}

struct Kept {
    token: Token,
    renew: Instant,
    expires: Instant,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: Option<u64>,
}

impl fmt::Debug for OidcToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcToken")
            .field("endpoint", &self.endpoint)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl OidcToken {
    /// A token from the provider's token endpoint, by the client's id and secret. An `https` endpoint also needs its
    /// [`certificate_authority`](Self::certificate_authority).
    ///
    /// # Errors
    /// If the address can't be used.
    pub fn new(
        token_endpoint: &str,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Result<Self, Error> {
        let unusable =
            || Error::configuration(format!("the token endpoint {token_endpoint:?} is no address"));
        let uri: Uri = token_endpoint.parse().map_err(|_| unusable())?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or_else(unusable)?;
        let endpoint = Endpoint::parse(&format!("{scheme}://{authority}"))?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self {
            endpoint,
            path,
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            scope: None,
            trust: Trust::default(),
            kept: Mutex::new(None),
            fetching: tokio::sync::Mutex::new(()),
        })
    }

    /// The scope to ask for.
    #[must_use]
    pub fn scope(self, scope: impl Into<String>) -> Self {
        Self { scope: Some(scope.into()), ..self }
    }

    /// The authority of the provider's certificate, in PEM.
    #[must_use]
    pub fn certificate_authority(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.trust.authorities.push(Pem::Text(pem.as_ref().to_vec()));
        self
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The kept token: while it is fresh, or while it is good at all.
    fn good(&self, must_be_fresh: bool) -> Option<Token> {
        let now = Instant::now();
        let kept = self.kept();
        let kept = kept.as_ref()?;
        (now < if must_be_fresh { kept.renew } else { kept.expires }).then(|| kept.token.clone())
    }

    async fn renewed(&self) -> Result<Token, TokenError> {
        if let Some(token) = self.good(true) {
            return Ok(token);
        }
        let _alone = self.fetching.lock().await;
        if let Some(token) = self.good(true) {
            return Ok(token);
        }
        let fetched = timeout(REQUEST_TIMEOUT, self.fetch()).await;
        let fetched =
            fetched.unwrap_or_else(|_| Err(TokenError::passing("the provider did not answer in time")));
        match fetched {
            Ok(answer) => {
                let life = answer.expires_in.map_or(DEFAULT_LIFE, Duration::from_secs).min(LIFE_MAX);
                let (token, now) = (Token::from(answer.access_token), Instant::now());
                *self.kept() =
                    Some(Kept { token: token.clone(), renew: now + life * 4 / 5, expires: now + life });
                Ok(token)
            }
            // Until it expires, the old one is as good.
            Err(error) => self.good(false).ok_or(error),
        }
    }

    async fn fetch(&self) -> Result<Answer, TokenError> {
        let passing =
            |error: &dyn fmt::Display| TokenError::passing(format!("{}: {error}", self.endpoint.text()));
        let stream = TcpStream::connect((self.endpoint.host(), self.endpoint.port()));
        let stream: BoxedStream = Box::new(stream.await.map_err(|error| passing(&error))?);
        let stream = if self.endpoint.is_tls() {
            let secured = self.trust.secure_http1(self.endpoint.host(), stream).await;
            secured.map_err(|error| passing(&error))?
        } else {
            stream
        };
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.map_err(|error| passing(&error))?;
        tokio::spawn(connection);
        let response = sender.send_request(self.request()?).await.map_err(|error| passing(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| passing(&error))?.to_bytes();
        match status {
            StatusCode::OK => serde_json::from_slice(&body)
                .map_err(|_| passing(&"the answer of the provider holds no token")),
            // Wrong credentials do not become right by waiting.
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let address = self.endpoint.text();
                Err(TokenError::permanent(format!("{address}: the provider refuses the client: {status}")))
            }
            other => Err(passing(&other)),
        }
    }

    fn request(&self) -> Result<Request<Full<Bytes>>, TokenError> {
        let credentials = format!("{}:{}", encoded(&self.client_id), encoded(&self.client_secret));
        let mut form = "grant_type=client_credentials".to_owned();
        if let Some(scope) = &self.scope {
            form = format!("{form}&scope={}", encoded(scope));
        }
        let host = self.endpoint.text().rsplit('/').next().unwrap_or_default();
        Request::builder()
            .method(Method::POST)
            .uri(&self.path)
            .header(header::HOST, host)
            .header(header::AUTHORIZATION, format!("Basic {}", BASE64_STANDARD.encode(credentials)))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .body(Full::from(form))
            .map_err(|error| TokenError::permanent(error.to_string()))
    }
}

/// A text as in a form: everything but letters, digits and `-._~` is percent-encoded.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

impl TokenProvider for OidcToken {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(self.renewed())
    }

    fn refused(&self, token: &Token) -> bool {
        let mut kept = self.kept();
        if kept.as_ref().is_some_and(|kept| kept.token == *token) {
            *kept = None;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// A provider that counts its tokens, and the requests that it received.
    async fn provider(life: u64) -> (String, Arc<AtomicUsize>, Arc<Mutex<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/oauth2/token", listener.local_addr().unwrap());
        let (count, last) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(String::new())));
        let (counted, kept) = (Arc::clone(&count), Arc::clone(&last));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = vec![0; 4096];
                let mut text = String::new();
                while !text.contains("grant_type=client_credentials&scope=hot%20line") {
                    let read = stream.read(&mut bytes).await.unwrap();
                    text.push_str(&String::from_utf8_lossy(&bytes[..read]));
                }
                *kept.lock().unwrap() = text;
                let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
                let body =
                    format!(r#"{{"access_token":"t{number}","token_type":"Bearer","expires_in":{life}}}"#);
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all((head + &body).as_bytes()).await.unwrap();
            }
        });
        (endpoint, count, last)
    }

    #[tokio::test]
    async fn a_token_is_fetched_once_kept_and_fetched_again_after_a_refusal() {
        let (endpoint, count, last) = provider(3600).await;
        let token = OidcToken::new(&endpoint, "worker", "a:b").unwrap().scope("hot line");
        assert!(!format!("{token:?}").contains("a:b"));
        let (one, same) = tokio::join!(token.token(), token.token());
        let one = one.unwrap();
        assert_eq!((one.reveal(), same.unwrap().reveal()), ("t1", "t1"));
        let request = last.lock().unwrap().clone();
        let basic = format!("authorization: Basic {}", BASE64_STANDARD.encode("worker:a%3Ab"));
        assert!(request.contains(&basic) && request.starts_with("POST /oauth2/token "), "{request}");
        assert!(token.refused(&one));
        assert_eq!(token.token().await.unwrap().reveal(), "t2");
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_token_without_life_is_fetched_for_each_attempt() {
        let (endpoint, count, _) = provider(0).await;
        let token = OidcToken::new(&endpoint, "worker", "secret").unwrap().scope("hot line");
        assert_eq!(token.token().await.unwrap().reveal(), "t1");
        assert_eq!(token.token().await.unwrap().reveal(), "t2");
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }
}
