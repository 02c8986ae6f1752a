//! How to reach the hotline, how to authenticate, and how long calls may take.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{HotlineClient, Language};
use crate::call::Core;
use crate::credentials::{DEFAULT_ENDPOINT, Token};
use crate::error::Error;
use crate::observe::{Observer, Observers};
use crate::options::DEADLINE_MAX;
use crate::retry::{Budget, RetryPolicy};
use crate::token::{TokenProvider, Tokens};
use crate::transport::{
    Connector, DialSettings, Endpoint, Pem, ReconnectPauses, StreamConnections, Transport, Trust,
};

/// The default deadline of a call with all its waits and attempts.
const DEADLINE: Duration = Duration::from_secs(30);
/// The default deadline of one attempt: a third of the call's deadline, so that a lost attempt can be repeated.
const ATTEMPT_DEADLINE: Duration = Duration::from_secs(10);
/// The time limit for a connection to one endpoint, with TLS and the first frame of HTTP/2.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The pauses between attempts to connect.
const RECONNECT_PAUSES: ReconnectPauses =
    ReconnectPauses { first: Duration::from_millis(100), longest: Duration::from_secs(2) };
/// The interval of keep-alive pings, and the time-out of the answer. Without them, only the deadline of every call
/// would detect a peer that vanished.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// The most endpoints of a client.
const ENDPOINTS_MAX: usize = 100;

/// The connection settings. Made by [`HotlineClient::builder`].
#[derive(Debug, Clone)]
#[must_use = "nothing happens until connect or connect_lazy"]
pub struct Builder {
    endpoints: Vec<String>,
    dial: Dial,
    pauses: ReconnectPauses,
    tokens: Tokens,
    deadline: Duration,
    attempt_deadline: Duration,
    retry: RetryPolicy,
    observers: Observers,
    language: Language,
}

/// The settings of a connection, which may hold a private key and are not printed.
#[derive(Clone)]
struct Dial(DialSettings);

impl std::fmt::Debug for Dial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.trust.fmt(f)
    }
}

impl Builder {
    pub(super) fn new() -> Self {
        let dial = DialSettings {
            trust: Trust::default(),
            connector: None,
            connect_timeout: CONNECT_TIMEOUT,
            keep_alive_interval: KEEP_ALIVE_INTERVAL,
            keep_alive_timeout: KEEP_ALIVE_TIMEOUT,
            keep_alive_while_idle: false,
        };
        Self {
            endpoints: vec![DEFAULT_ENDPOINT.to_owned()],
            dial: Dial(dial),
            pauses: RECONNECT_PAUSES,
            tokens: Tokens::default(),
            deadline: DEADLINE,
            attempt_deadline: ATTEMPT_DEADLINE,
            retry: RetryPolicy::new(),
            observers: Observers::default(),
            language: Language::default(),
        }
    }

    /// The endpoint of the hotline, for example `https://hotline.example:7312`, or `http://127.0.0.1:7312` on the same
    /// machine. Its name is resolved anew for each connection.
    pub fn endpoint(self, endpoint: impl Into<String>) -> Self {
        self.endpoints([endpoint])
    }

    /// Several endpoints of the same hotline. The client uses one at a time: the first that answers, in this order, and
    /// the next one if that is lost.
    pub fn endpoints(mut self, endpoints: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.endpoints = endpoints.into_iter().map(Into::into).collect();
        self
    }

    /// The authority of the server's certificate, in PEM. An `https` endpoint needs one, because the authorities that
    /// the machine trusts for other purposes are not trusted here.
    pub fn certificate_authority(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.dial.0.trust.authorities.push(Pem::Text(pem.as_ref().to_vec()));
        self
    }

    /// The same from a file, which is read again for each connection.
    pub fn certificate_authority_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.dial.0.trust.authorities.push(Pem::File(path.into()));
        self
    }

    /// The certificate of this client, with its chain, and the private key, both in PEM.
    pub fn client_certificate(mut self, certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        let (certificate, key) = (certificate.as_ref().to_vec(), key.as_ref().to_vec());
        self.dial.0.trust.identity = Some((Pem::Text(certificate), Pem::Text(key)));
        self
    }

    /// The same from files. If they are replaced, a new connection with the new certificate is made within half a
    /// minute, and calls on the old one end normally.
    pub fn client_certificate_files(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.dial.0.trust.identity = Some((Pem::File(certificate.into()), Pem::File(key.into())));
        self
    }

    /// The name that the server's certificate must have, if it is not the endpoint's host.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.dial.0.trust.server_name = Some(name.into());
        self
    }

    /// The bearer token of the caller.
    pub fn token(mut self, token: impl Into<Token>) -> Self {
        self.tokens = Tokens::Fixed(token.into());
        self
    }

    /// Where the bearer token of each attempt comes from, if it changes.
    pub fn token_provider(mut self, provider: impl TokenProvider) -> Self {
        self.tokens = Tokens::Provided(Arc::new(provider));
        self
    }

    /// The deadline of a call with all its waits and attempts; 30 seconds by default, at most a day.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline.min(DEADLINE_MAX);
        self
    }

    /// The deadline of one attempt, after which it is given up and repeated; 10 seconds by default. It never exceeds
    /// the rest of the call's deadline.
    pub fn attempt_deadline(mut self, deadline: Duration) -> Self {
        self.attempt_deadline = deadline.min(DEADLINE_MAX);
        self
    }

    /// When calls are sent again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The pauses between attempts to connect: 100 ms at first, doubling up to 2 s by default. Half of each is random.
    pub fn reconnect_pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.pauses = ReconnectPauses { first, longest };
        self
    }

    /// The time limit for a connection to one endpoint, with TLS and the server's first frame; 5 seconds by default.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.dial.0.connect_timeout = limit;
        self
    }

    /// The interval of keep-alive pings while calls run, and the time-out of their answers; 20 and 5 seconds by
    /// default.
    pub fn keep_alive(mut self, interval: Duration, timeout: Duration) -> Self {
        (self.dial.0.keep_alive_interval, self.dial.0.keep_alive_timeout) = (interval, timeout);
        self
    }

    /// Whether a connection without calls is probed too; not by default.
    pub fn keep_alive_while_idle(mut self, on: bool) -> Self {
        self.dial.0.keep_alive_while_idle = on;
        self
    }

    /// What opens the streams of bytes; TCP by default.
    pub fn connector(mut self, connector: impl Connector) -> Self {
        self.dial.0.connector = Some(Arc::new(connector));
        self
    }

    /// Receives the events of the client. There may be several observers.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observers.add(Arc::new(observer));
        self
    }

    /// The language of localized messages; Chinese by default.
    pub fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// Connects now. It waits for the server until the deadline, as every call does.
    ///
    /// # Errors
    /// If a setting can't be used, the server is not trusted, or no connection comes within the deadline.
    pub async fn connect(self) -> Result<HotlineClient, Error> {
        let client = self.connect_lazy()?;
        let core = &client.0;
        let connected = core.transport.connection(Instant::now() + core.deadline).await;
        let endpoints = || core.transport.endpoints().collect::<Vec<_>>().join(", ");
        connected.map_err(|cause| Error::no_connection(&cause, &endpoints()))?;
        Ok(client)
    }

    /// Connects with the first call.
    ///
    /// # Errors
    /// If a setting can't be used.
    pub fn connect_lazy(self) -> Result<HotlineClient, Error> {
        let endpoints = self.checked_endpoints()?;
        self.tokens.check()?;
        let transport = Transport::new(endpoints, self.dial.0, self.pauses, self.observers.clone());
        Ok(HotlineClient(Core {
            streams: StreamConnections::new(transport.clone()),
            transport,
            tokens: self.tokens,
            language: self.language.tag(),
            deadline: self.deadline,
            attempt_deadline: self.attempt_deadline,
            retry: self.retry,
            budget: Arc::new(Budget::full()),
            observers: self.observers,
            trace: None,
        }))
    }

    fn checked_endpoints(&self) -> Result<Vec<Endpoint>, Error> {
        if self.endpoints.is_empty() || self.endpoints.len() > ENDPOINTS_MAX {
            let message = format!("a client has 1 to {ENDPOINTS_MAX} endpoints");
            return Err(Error::configuration(message));
        }
        let endpoints: Vec<_> =
            self.endpoints.iter().map(|text| Endpoint::parse(text)).collect::<Result<_, _>>()?;
        for endpoint in &endpoints {
            if endpoint.is_tls() {
                self.dial.0.trust.check(endpoint.host())?;
            } else if !self.dial.0.trust.is_empty() {
                // A client with a configured authority must not send anything unencrypted by mistake.
                return Err(Error::configuration("certificates are for an https endpoint"));
            }
        }
        Ok(endpoints)
    }
}

impl Language {
    /// The tag of the header.
    const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn refusal(builder: Builder) -> String {
        let error = builder.connect_lazy().expect_err("it can't be used");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!error.is_retryable() && error.attempts() == 0);
        error.to_string()
    }

    #[test]
    fn what_can_t_be_used_is_refused_before_anything_is_sent() {
        for endpoint in ["", "127.0.0.1:7312", "unix:/tmp/x", "http://", "https://", "http://there/v1"] {
            assert!(refusal(HotlineClient::builder().endpoint(endpoint)).contains("endpoint"), "{endpoint}");
        }
        assert!(refusal(HotlineClient::builder().endpoints(Vec::<String>::new())).contains("1 to 100"));
        let secure = || HotlineClient::builder().endpoint("https://hotline.example");
        assert!(refusal(secure()).contains("certificate_authority"));
        assert!(refusal(HotlineClient::builder().certificate_authority("a")).contains("https"));
        assert!(refusal(secure().certificate_authority("no certificate")).contains("PEM"));
        assert!(refusal(secure().certificate_authority_file("/nowhere/ca.pem")).contains("/nowhere/ca.pem"));
    }

    #[test]
    fn a_private_key_is_not_printed() {
        let builder = HotlineClient::builder().client_certificate("a certificate", "very-secret");
        assert!(!format!("{builder:?}").contains("very-secret"));
    }

    #[test]
    fn a_token_is_not_printed_and_a_broken_one_is_refused() {
        let client = HotlineClient::builder().token("very-secret").connect_lazy().unwrap();
        assert!(!format!("{client:?}").contains("very-secret"));
        assert!(client.with_token("two\nlines").is_err());
    }
}
