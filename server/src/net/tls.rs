//! TLS: the server's certificate and the authorities of client certificates, read from files that are checked for
//! changes while the server runs. Changed files that do not fit together, or have expired, are not used: the last valid
//! set stays, and the log says so. A metric shows the remaining days of each file.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use metrics::gauge;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::net::certificate_validity;
use crate::net::certificate_validity::ExpiryTimes;
use crate::platform::Clock;
use crate::platform::config::{self, ClientCertificates};
use crate::platform::file_mode::{Need, exposure};
use crate::platform::metrics::{TLS_CERTIFICATE_DAYS, TLS_CLIENT_CA_DAYS, TLS_CLIENT_CRL_DAYS};
use crate::platform::reload::Reload;

/// The interval between two checks of the files.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// The remaining days of a certificate below which the log warns.
const REMIND_DAYS: f64 = 14.0;
/// Checks between two warnings: a day.
const CHECKS_BETWEEN_REMINDERS: u32 = 24 * 60 * 60 / 2;

/// The present TLS configuration, and its files.
#[derive(Debug)]
pub struct Tls {
    files: config::Tls,
    /// Whether a key that others can read is refused, not only warned about.
    refuses_exposed: bool,
    now: RwLock<LoadedFiles>,
}

#[derive(Debug, Clone)]
struct LoadedFiles {
    config: Arc<ServerConfig>,
    /// Digest of the files' content.
    digest: [u8; 32],
    expiry: ExpiryTimes,
}

/// The content of the files; empty for those that are not configured.
struct Material {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
    client_ca: Option<Vec<u8>>,
    client_crl: Option<Vec<u8>>,
}

fn read(key: &str, path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{key}: {}: {error}", path.display()))
}

fn read_named(key: &str, path: &Path) -> Result<Option<Vec<u8>>, String> {
    (!path.as_os_str().is_empty()).then(|| read(key, path)).transpose()
}

impl Material {
    fn read(files: &config::Tls) -> Result<Self, String> {
        Ok(Self {
            certificate: read("tls.certificate", &files.certificate)?,
            key: Zeroizing::new(read("tls.key", &files.key)?),
            client_ca: read_named("tls.client_ca", &files.client_ca)?,
            client_crl: read_named("tls.client_crl", &files.client_crl)?,
        })
    }

    fn digest(&self) -> [u8; 32] {
        let none = Vec::new();
        let parts = [&self.certificate, &*self.key, self.client_ca.as_ref().unwrap_or(&none)];
        let mut all = Sha256::new();
        for part in parts.into_iter().chain([self.client_crl.as_ref().unwrap_or(&none)]) {
            all.update(Sha256::digest(part));
        }
        all.finalize().into()
    }

    /// The configuration for rustls, and when it expires.
    fn config(
        &self,
        clients: ClientCertificates,
        now: DateTime<Utc>,
    ) -> Result<(Arc<ServerConfig>, ExpiryTimes), String> {
        let provider = Arc::new(ring::default_provider());
        let chain = certificates("tls.certificate", &self.certificate)?;
        let authorities =
            self.client_ca.as_deref().map(|pem| certificates("tls.client_ca", pem)).transpose()?;
        let lists = self.client_crl.as_deref().map(revocation_lists).transpose()?;
        let expiry = certificate_validity::check(&chain, authorities.as_deref(), lists.as_deref(), now)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| format!("tls.key: {error}"))?;
        let verifier = verifier(authorities, lists, clients, &provider)?;
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| format!("tls: {error}"))?;
        let mut config = builder
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)
            .map_err(|error| format!("tls.certificate and tls.key: {error}"))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A resumed session would skip the client's certificate, and so its revocation. Connections are long-lived
        // here, so a full handshake costs little.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok((Arc::new(config), expiry))
    }
}

fn verifier(
    authorities: Option<Vec<CertificateDer<'static>>>,
    lists: Option<Vec<CertificateRevocationListDer<'static>>>,
    clients: ClientCertificates,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let Some(authorities) = authorities else { return Ok(WebPkiClientVerifier::no_client_auth()) };
    let mut roots = RootCertStore::empty();
    for root in authorities {
        roots.add(root).map_err(|error| format!("tls.client_ca: {error}"))?;
    }
    let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    if let Some(lists) = lists {
        builder = builder.with_crls(lists);
    }
    if clients == ClientCertificates::Optional {
        builder = builder.allow_unauthenticated();
    }
    builder.build().map_err(|error| format!("tls.client_ca and tls.client_crl: {error}"))
}

/// All revocation lists of a file; there must be at least one.
fn revocation_lists(pem: &[u8]) -> Result<Vec<CertificateRevocationListDer<'static>>, String> {
    let lists = CertificateRevocationListDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let lists = lists.map_err(|error| format!("tls.client_crl: {error}"))?;
    if lists.is_empty() {
        Err("tls.client_crl: it holds no revocation list in PEM".to_owned())
    } else {
        Ok(lists)
    }
}

/// The days until an instant; negative after it.
#[expect(clippy::cast_precision_loss, reason = "days for people")]
fn days_until(end: DateTime<Utc>, now: DateTime<Utc>) -> f64 {
    (end - now).num_seconds() as f64 / 86_400.0
}

impl ExpiryTimes {
    /// Updates the metrics of remaining days, and returns what expires soon or has expired.
    fn record_metrics(&self, now: DateTime<Utc>) -> Vec<(&'static str, f64)> {
        let days = |end| days_until(end, now);
        gauge!(TLS_CERTIFICATE_DAYS).set(days(self.certificate));
        let mut all = vec![("tls.certificate", days(self.certificate))];
        if let Some(end) = self.client_ca {
            gauge!(TLS_CLIENT_CA_DAYS).set(days(end));
            all.push(("tls.client_ca", days(end)));
        }
        if let Some(end) = self.client_crl {
            gauge!(TLS_CLIENT_CRL_DAYS).set(days(end));
            all.push(("tls.client_crl", days(end)));
        }
        all.into_iter().filter(|(_, days)| *days < REMIND_DAYS).collect()
    }
}

/// All certificates of a file; there must be at least one.
fn certificates(key: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let all = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let all = all.map_err(|error| format!("{key}: {error}"))?;
    if all.is_empty() { Err(format!("{key}: it holds no certificate in PEM")) } else { Ok(all) }
}

impl Tls {
    /// Reads the configured files; `None` if no certificate is configured.
    ///
    /// # Errors
    /// The file, and the fault in it.
    pub fn open(files: &config::Tls, refuses_exposed: bool) -> Result<Option<Arc<Self>>, String> {
        if !files.is_on() {
            return Ok(None);
        }
        let now = RwLock::new(load(files, refuses_exposed, None)?.ok_or("tls: nothing was read")?);
        Ok(Some(Arc::new(Self { files: files.clone(), refuses_exposed, now })))
    }

    fn now(&self) -> LoadedFiles {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The configuration of the next handshake.
    #[must_use]
    pub fn current(&self) -> Arc<ServerConfig> {
        self.now().config
    }

    /// Checks the files again; returns whether they have changed. Open connections keep their configuration.
    ///
    /// # Errors
    /// Why the changed files are not used.
    pub fn reread(&self) -> Result<bool, String> {
        let Some(next) = load(&self.files, self.refuses_exposed, Some(self.now().digest))? else {
            return Ok(false);
        };
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(true)
    }

    /// Follows the files until it is dropped.
    pub async fn follow(self: Arc<Self>, mut reload: Reload) {
        let mut last = String::new();
        for checks in 0_u32.. {
            let soon_over = self.now().expiry.record_metrics(Clock::Real.now());
            if checks.is_multiple_of(CHECKS_BETWEEN_REMINDERS) {
                remind(&soon_over);
            }
            let is_asked = reload.wait(CHECK_INTERVAL).await;
            match self.reread() {
                Ok(has_changed) => {
                    if has_changed {
                        remind(&self.now().expiry.record_metrics(Clock::Real.now()));
                    }
                    if has_changed || is_asked || !last.is_empty() {
                        tracing::info!(has_changed, "certificates read again");
                    }
                    last.clear();
                }
                Err(error) if error != last || is_asked => {
                    // Logged once, not every few seconds.
                    tracing::error!(error, "changed certificates are not used; those before stay");
                    last = error;
                }
                Err(_) => {}
            }
        }
    }
}

fn remind(soon_over: &[(&'static str, f64)]) {
    for (file, days) in soon_over {
        let days = format!("{days:.1}");
        if days.starts_with('-') {
            tracing::error!(file, days, "a certificate or revocation list is out of date; replace it");
        } else {
            tracing::warn!(file, days, "a certificate or revocation list is soon out of date; replace it");
        }
    }
}

/// The content of the files; `None` if it has not changed.
fn load(
    files: &config::Tls,
    refuses_exposed: bool,
    before: Option<[u8; 32]>,
) -> Result<Option<LoadedFiles>, String> {
    let material = Material::read(files)?;
    if refuses_exposed {
        let trusted =
            [&files.certificate, &files.client_ca, &files.client_crl].map(|path| (path, Need::Trusted));
        for (path, need) in trusted.into_iter().chain([(&files.key, Need::Secret)]) {
            let exposed = exposure(path, need).map_err(|error| format!("{}: {error}", path.display()))?;
            exposed.map_or(Ok(()), Err)?;
        }
    }
    let digest = material.digest();
    if before == Some(digest) {
        return Ok(None);
    }
    let (config, expiry) = material.config(files.client_certificates, Clock::Real.now())?;
    Ok(Some(LoadedFiles { config, digest, expiry }))
}
