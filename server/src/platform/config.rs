//! Configuration: one default file that names every key, overridden by a file, the environment and flags. No other key
//! is read, and no key has a default in code.

pub mod attachments;
mod bounds;
mod database_readers;
mod directory;
mod layers;
pub mod messages;
mod reflection;
mod service_links;
mod shutdown;
mod suggestions;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use database_readers::DatabaseReaders;
pub use directory::Directory;
use layers::Layers;
pub use reflection::Reflection;
pub use shutdown::Shutdown;
pub use suggestions::Suggestions;

/// The file that names every key with its default.
pub const DEFAULT: &str = include_str!("../../config.default.toml");

/// Names of the environment that belong to clients and to the tests, and are not configuration.
const CLIENT_NAMES: [&str; 11] = [
    "token",
    "endpoint",
    "credentials",
    "test_python",
    "test_oidc",
    "test_browser",
    "test_s3",
    "test_seed",
    "test_probes",
    "ci_cache",
    "bless",
];

/// The whole configuration. `P` is the policy, which the platform only passes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Config<P> {
    pub listen: SocketAddr,
    pub database: String,
    pub data_dir: PathBuf,
    pub database_readers: DatabaseReaders,
    pub database_wait_seconds: u64,
    pub database_connections: u32,
    pub database_commands_per_commit_max: u32,
    pub log: Log,
    pub access: Access,
    pub limits: Limits,
    pub tls: Tls,
    pub metrics: Metrics,
    pub vault: Vault,
    pub audit_log: AuditLog,
    pub directory: Directory,
    pub suggestions: Suggestions,
    pub messages: messages::Messages,
    pub attachments: attachments::Attachments,
    pub shutdown: Shutdown,
    pub policy: P,
}

/// The format of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For collectors.
    Json,
}

/// `[log]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Log {
    pub format: LogFormat,
    pub filter: String,
}

/// `[access]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Access {
    pub credentials: PathBuf,
    pub reflection: Reflection,
    pub allowed_origins: Vec<String>,
    pub oidc: Oidc,
}

/// `[access.oidc]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Oidc {
    pub issuer: String,
    pub audience: String,
    pub jwks: String,
    pub ca: PathBuf,
    pub algorithms: Vec<String>,
    pub leeway_seconds: u32,
    pub unknown_key_refetch_min_seconds: u32,
    pub refresh_interval_seconds: u32,
}

/// `[limits]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Limits {
    pub calls_max: u32,
    pub connections_max: usize,
    pub connections_per_peer_max: usize,
    pub connections_per_second_per_peer: u32,
    pub broken_connections_per_minute_per_peer: u32,
    pub streams_per_connection_max: u32,
    pub bytes_per_second_per_connection: u32,
    pub preface_timeout_ms: u64,
    pub call_timeout_ms: u64,
    pub calls_per_principal_max: u32,
    pub calls_per_second_per_principal: u32,
    pub burst_per_principal: u32,
    pub failed_authentications_per_minute_per_peer: u32,
    pub unsent_bytes_max: usize,
    pub unsent_bytes_per_principal_max: usize,
    pub unsent_bytes_per_connection_max: usize,
    pub unread_timeout_ms: u64,
    pub first_call_grace_ms: u64,
    pub anonymous_calls_max: u32,
    pub anonymous_calls_per_peer_max: u32,
    pub watch_streams_max: u32,
    pub watch_streams_per_principal_max: u32,
}

impl Limits {
    /// The limits behind a proxy, whose address all callers share. Offences of one caller are not charged to the
    /// others, and the limit of waiting bytes for each connection is off.
    #[must_use]
    pub const fn behind_proxy(self) -> Self {
        Self {
            broken_connections_per_minute_per_peer: 0,
            failed_authentications_per_minute_per_peer: 0,
            anonymous_calls_per_peer_max: self.anonymous_calls_max,
            unsent_bytes_per_connection_max: self.unsent_bytes_max,
            ..self
        }
    }
}

/// `[tls]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub client_ca: PathBuf,
    pub client_certificates: ClientCertificates,
    pub client_crl: PathBuf,
    pub terminated_by_proxy: bool,
}

/// Whether clients must send a certificate, if certificates can be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientCertificates {
    /// A client without a certificate may use a token.
    Optional,
    /// A client without a certificate is refused.
    Required,
}

impl Tls {
    /// Whether the server speaks TLS.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.certificate.as_os_str().is_empty()
    }

    /// Checks that the keys fit together.
    ///
    /// # Errors
    /// The key that is wrong, and why.
    pub fn check(&self) -> Result<(), String> {
        let is_set = |path: &Path| !path.as_os_str().is_empty();
        if self.is_on() != is_set(&self.key) {
            return Err("tls.certificate and tls.key go together".to_owned());
        }
        if is_set(&self.client_ca) && !self.is_on() {
            return Err("tls.client_ca: without tls.certificate nobody is asked for one".to_owned());
        }
        let needs_ca = is_set(&self.client_crl) || self.client_certificates == ClientCertificates::Required;
        if needs_ca && !is_set(&self.client_ca) {
            return Err("tls.client_ca: it is needed to verify the certificates of clients".to_owned());
        }
        if self.terminated_by_proxy && self.is_on() {
            return Err("tls.terminated_by_proxy: TLS ends here, with tls.certificate".to_owned());
        }
        Ok(())
    }
}

/// `[metrics]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Metrics {
    pub listen: String,
}

/// `[vault]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Vault {
    pub keys: PathBuf,
    pub suite: String,
}

/// `[audit_log]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct AuditLog {
    pub suite: String,
    pub checkpoint_interval_seconds: u64,
    pub signing_key: PathBuf,
    pub public_keys: PathBuf,
    pub export_dir: PathBuf,
}

/// The flags that override the configuration.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--config FILE`.
    pub file: Option<PathBuf>,
    /// `--set KEY=VALUE`, in the order given.
    pub keys: Vec<(String, String)>,
}

/// Reads the configuration.
///
/// # Errors
/// What is wrong, with the key and its source.
pub fn read<P: DeserializeOwned>(overrides: &Overrides) -> Result<Config<P>, String> {
    let mut layers = Layers::of_default(DEFAULT)?;
    if let Some(file) = &overrides.file {
        layers.add_file(file)?;
    }
    let variables = std::env::vars_os().filter_map(|(name, value)| Some((text_of(name)?, text_of(value)?)));
    layers.add_environment(variables, &CLIENT_NAMES);
    for (key, value) in &overrides.keys {
        layers.add_flag(key, value);
    }
    layers.read()
}

/// A text of the environment; `None` if it is not valid Unicode.
fn text_of(text: OsString) -> Option<String> {
    text.into_string().ok()
}

impl<P> Config<P> {
    /// Whether the server can only be reached from this machine.
    #[must_use]
    pub const fn is_loopback(&self) -> bool {
        self.listen.ip().is_loopback()
    }

    /// Whether other machines can reach the server, directly or through a proxy.
    #[must_use]
    pub const fn is_in_service(&self) -> bool {
        !self.is_loopback() || self.tls.terminated_by_proxy
    }

    /// The limits for the way the server is reached.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        if self.tls.terminated_by_proxy { self.limits.behind_proxy() } else { self.limits }
    }

    /// The address for a collector of metrics, if there is one.
    ///
    /// # Errors
    /// If `metrics.listen` is no address.
    pub fn metrics_listen(&self) -> Result<Option<SocketAddr>, String> {
        let listen = self.metrics.listen.as_str();
        let wrong = |error| format!("metrics.listen: {listen:?}: {error}; for example 127.0.0.1:9312");
        (!listen.is_empty()).then(|| listen.parse().map_err(wrong)).transpose()
    }

    /// The embedded database's file. A simulation has its own, so that it can't touch real tickets.
    #[must_use]
    pub fn sqlite_path(&self, is_simulated: bool) -> PathBuf {
        self.data_dir.join(if is_simulated { "simulation.sqlite" } else { "hotline.sqlite" })
    }

    /// The file of the vault's keys: the configured one, or one in the data directory.
    #[must_use]
    pub fn vault_keys_path(&self) -> PathBuf {
        let named = Some(&self.vault.keys).filter(|path| !path.as_os_str().is_empty());
        named.cloned().unwrap_or_else(|| self.data_dir.join("vault-keys.toml"))
    }

    /// The configured credentials file, if any.
    #[must_use]
    pub fn credentials_path(&self) -> Option<&Path> {
        Some(self.access.credentials.as_path()).filter(|path| !path.as_os_str().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_proxy_nothing_is_held_against_an_address() {
        let limits = |terminated_by_proxy: &str| {
            let keys = vec![("tls.terminated_by_proxy".to_owned(), terminated_by_proxy.to_owned())];
            let config: Config<serde::de::IgnoredAny> =
                read(&Overrides { file: None, keys }).expect("the defaults are sound");
            let limits = config.limits();
            (
                limits.broken_connections_per_minute_per_peer,
                limits.failed_authentications_per_minute_per_peer,
                limits.unsent_bytes_max - limits.unsent_bytes_per_connection_max,
            )
        };
        let (broken, failed, not_on_one_connection) = limits("false");
        assert!(broken > 0 && failed > 0 && not_on_one_connection > 0);
        assert_eq!(limits("true"), (0, 0, 0));
    }
}
