//! How to reach the hotline, and how to authenticate.

use std::sync::Arc;
use std::time::Duration;

use tonic::codegen::http::Uri;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};

use crate::admin::Admin;
use crate::audit::Audit;
use crate::call::Core;
use crate::credentials::{DEFAULT_ENDPOINT, Token};
use crate::directory::Directory;
use crate::error::Error;
use crate::retry::Bucket;
use crate::simulation::Simulation;
use crate::tickets::Tickets;

/// The default deadline of a call with all its retries.
const DEADLINE: Duration = Duration::from_secs(30);
/// The default deadline of one attempt: a third of the call's deadline, so that a lost attempt can be repeated.
const ATTEMPT_DEADLINE: Duration = Duration::from_secs(10);
/// The longest deadline; an unlimited wait is not supported.
const DEADLINE_MAX: Duration = Duration::from_hours(24);
/// The time limit for a TCP connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The interval of keep-alive pings, and the time-out of the answer. Without them, only the deadline of every call
/// would detect a peer that vanished.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// The beginning of a certificate in PEM.
const PEM_CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// A client of the hotline: cheap to clone, safe to share. Clones use one connection.
#[derive(Debug, Clone)]
pub struct HotlineClient(Core);

/// The language of [`Error::localized_message`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// `zh-CN`.
    #[default]
    Chinese,
    /// `en`.
    English,
}

/// The connection settings. Made by [`HotlineClient::builder`].
#[derive(Debug, Clone)]
#[must_use = "nothing happens until connect or connect_lazy"]
pub struct Builder {
    endpoint: String,
    trust: Trust,
    token: Option<Token>,
    deadline: Duration,
    attempt_deadline: Duration,
    language: Language,
}

impl HotlineClient {
    /// Starts with the local server (`http://127.0.0.1:7312`), no token and a deadline of 30 seconds.
    pub fn builder() -> Builder {
        Builder {
            endpoint: DEFAULT_ENDPOINT.to_owned(),
            trust: Trust::default(),
            token: None,
            deadline: DEADLINE,
            attempt_deadline: ATTEMPT_DEADLINE,
            language: Language::default(),
        }
    }

    /// The verbs of the loop, from intake to follow-up.
    #[must_use]
    pub fn tickets(&self) -> Tickets {
        Tickets::new(self.0.clone())
    }

    /// Units, topics and the dispatch catalogue.
    #[must_use]
    pub fn directory(&self) -> Directory {
        Directory::new(self.0.clone())
    }

    /// The administration of policies and calendars.
    #[must_use]
    pub fn admin(&self) -> Admin {
        Admin::new(self.0.clone())
    }

    /// Accesses to identities, audit records, and verification.
    #[must_use]
    pub fn audit(&self) -> Audit {
        Audit::new(self.0.clone())
    }

    /// The simulated clock of a server.
    #[must_use]
    pub fn simulation(&self) -> Simulation {
        Simulation::new(&self.0)
    }

    /// The same connection with another token.
    ///
    /// # Errors
    /// If the token can't be sent in a header.
    pub fn with_token(&self, token: impl Into<Token>) -> Result<Self, Error> {
        Ok(Self(Core { authorization: Some(authorization(&token.into())?), ..self.0.clone() }))
    }

    /// The same connection with another deadline for a call with all its retries; at most a day.
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self(Core { deadline: deadline.min(DEADLINE_MAX), ..self.0.clone() })
    }
}

impl Builder {
    /// The endpoint of the hotline, for example `https://hotline.example:7312`, or `http://127.0.0.1:7312` on the same
    /// machine.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = endpoint.into();
        self
    }

    /// The authority of the server's certificate, in PEM. An `https` endpoint needs one, because the authorities that
    /// the machine trusts for other purposes are not trusted here.
    pub fn certificate_authority(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.trust.authorities.push(Certificate::from_pem(pem));
        self
    }

    /// The certificate of this client, with its chain, and the private key, both in PEM.
    pub fn client_certificate(mut self, certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        self.trust.identity = Some(Identity::from_pem(certificate, key));
        self
    }

    /// The name that the server's certificate must have, if it is not the endpoint's host.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.trust.server_name = Some(name.into());
        self
    }

    /// The bearer token of the caller.
    pub fn token(mut self, token: impl Into<Token>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The deadline of a call with all its retries; 30 seconds by default, at most a day.
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

    /// The language of localized messages; Chinese by default.
    pub fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// Connects now.
    ///
    /// # Errors
    /// If the endpoint or the token can't be used, or nobody answers there within five seconds.
    pub async fn connect(self) -> Result<HotlineClient, Error> {
        let channel = self.prepared()?.connect().await.map_err(Error::from_transport)?;
        self.client(channel)
    }

    /// Connects with the first call.
    ///
    /// # Errors
    /// If the endpoint or the token can't be used, or there is no tokio runtime around it.
    pub fn connect_lazy(self) -> Result<HotlineClient, Error> {
        let endpoint = self.prepared()?;
        // tonic starts a task and would panic without a runtime.
        tokio::runtime::Handle::try_current()
            .map_err(|_| Error::configuration("a client needs a tokio runtime around it"))?;
        let channel = endpoint.connect_lazy();
        self.client(channel)
    }

    fn prepared(&self) -> Result<Endpoint, Error> {
        let unusable = || {
            Error::configuration(format!(
                "the endpoint {:?} is not of the form https://host:port or http://host:port",
                self.endpoint
            ))
        };
        let uri: Uri = self.endpoint.parse().map_err(|_| unusable())?;
        if uri.host().is_none_or(str::is_empty) {
            return Err(unusable());
        }
        let tls = match uri.scheme_str() {
            Some("https") => Some(self.trust.tls()?),
            // A client with a configured authority must not send anything unencrypted by mistake.
            Some("http") if self.trust.is_empty() => None,
            Some("http") => return Err(Error::configuration("certificates are for an https endpoint")),
            _ => return Err(unusable()),
        };
        let mut endpoint = Endpoint::from(uri);
        if let Some(tls) = tls {
            let unusable = |error: tonic::transport::Error| {
                let why = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                Error::configuration(format!("the certificates can't be used: {why}"))
            };
            endpoint = endpoint.tls_config(tls).map_err(unusable)?;
        }
        let endpoint = endpoint
            .user_agent(concat!("hotline-client/", env!("CARGO_PKG_VERSION")))
            .map_err(Error::from_transport)?;
        Ok(endpoint
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .tcp_keepalive(Some(KEEP_ALIVE_INTERVAL))
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
            .keep_alive_timeout(KEEP_ALIVE_TIMEOUT))
    }

    fn client(self, channel: tonic::transport::Channel) -> Result<HotlineClient, Error> {
        Ok(HotlineClient(Core {
            channel,
            authorization: self.token.as_ref().map(authorization).transpose()?,
            language: match self.language {
                Language::Chinese => "zh-CN",
                Language::English => "en",
            },
            deadline: self.deadline,
            attempt_deadline: self.attempt_deadline,
            retries: Arc::new(Bucket::full()),
        }))
    }
}

/// The trusted authorities, and the client's own certificate.
#[derive(Clone, Default)]
struct Trust {
    authorities: Vec<Certificate>,
    identity: Option<Identity>,
    server_name: Option<String>,
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The value holds the private key.
        f.debug_struct("Trust").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

impl Trust {
    const fn is_empty(&self) -> bool {
        self.authorities.is_empty() && self.identity.is_none() && self.server_name.is_none()
    }

    fn tls(&self) -> Result<ClientTlsConfig, Error> {
        if self.authorities.is_empty() {
            return Err(Error::configuration("an https endpoint needs a certificate_authority"));
        }
        // tonic ignores invalid input. The client would then trust no server, without any error.
        let is_pem = |authority: &Certificate| {
            let bytes: &[u8] = authority.as_ref();
            bytes.windows(PEM_CERTIFICATE.len()).any(|part| part == PEM_CERTIFICATE)
        };
        if !self.authorities.iter().all(is_pem) {
            return Err(Error::configuration("the certificate_authority holds no certificate in PEM"));
        }
        let mut tls = ClientTlsConfig::new().ca_certificates(self.authorities.iter().cloned());
        if let Some(identity) = &self.identity {
            tls = tls.identity(identity.clone());
        }
        if let Some(name) = &self.server_name {
            tls = tls.domain_name(name);
        }
        Ok(tls.timeout(CONNECT_TIMEOUT))
    }
}

fn authorization(token: &Token) -> Result<MetadataValue<Ascii>, Error> {
    let mut value: MetadataValue<Ascii> = format!("Bearer {}", token.reveal()).parse().map_err(|_| {
        Error::configuration("the token can't be used: it has characters that no header can carry")
    })?;
    // Kept out of debug output and of the header compression table.
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_t_be_used_is_refused_before_anything_is_sent() {
        for endpoint in
            ["", "127.0.0.1:7312", "https://hotline.example", "unix:/tmp/x", "http://", "https://"]
        {
            let refused = HotlineClient::builder().endpoint(endpoint).connect_lazy();
            assert!(refused.is_err_and(|error| error.to_string().contains("endpoint")), "{endpoint}");
        }
        let refused = |builder: Builder| builder.connect_lazy().expect_err("it can't be used").to_string();
        let secure = || HotlineClient::builder().endpoint("https://hotline.example");
        assert!(refused(secure()).contains("certificate_authority"));
        assert!(refused(HotlineClient::builder().certificate_authority("a")).contains("https"));
        assert!(refused(secure().certificate_authority("no certificate")).contains("PEM"));
    }

    #[test]
    fn a_private_key_is_not_printed() {
        let builder = HotlineClient::builder().client_certificate("a certificate", "very-secret");
        assert!(!format!("{builder:?}").contains("very-secret"));
    }

    #[test]
    fn a_client_without_a_runtime_is_refused() {
        assert!(
            HotlineClient::builder().connect_lazy().is_err_and(|error| error.message().contains("runtime"))
        );
    }

    #[tokio::test]
    async fn a_token_is_not_printed_and_a_broken_one_is_refused() {
        let client = HotlineClient::builder().token("very-secret").connect_lazy().unwrap();
        assert!(!format!("{client:?}").contains("very-secret"));
        assert!(client.with_token("two\nlines").is_err());
    }
}
