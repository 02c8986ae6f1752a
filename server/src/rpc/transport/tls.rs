//! TLS: the server's certificate and whose client certificates it trusts, read from files that are looked at again while
//! the server runs. Files that do not fit together change nothing: the last good set stays, and the log says so.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::platform::config::{self, ClientCertificates};

/// Between two looks at the files.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// TLS as it is now, and where it comes from.
#[derive(Debug)]
pub struct Tls {
    files: config::Tls,
    now: RwLock<Now>,
}

#[derive(Debug, Clone)]
struct Now {
    config: Arc<ServerConfig>,
    /// Of what the files said.
    digest: [u8; 32],
}

/// What the files say; those that are not named say nothing.
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

    /// The whole as rustls wants it.
    fn config(&self, clients: ClientCertificates) -> Result<Arc<ServerConfig>, String> {
        let provider = Arc::new(ring::default_provider());
        let chain = certificates("tls.certificate", &self.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| format!("tls.key: {error}"))?;
        let verifier = self.verifier(clients, &provider)?;
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| format!("tls: {error}"))?;
        let mut config = builder
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)
            .map_err(|error| format!("tls.certificate and tls.key: {error}"))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A resumed session would skip the client's certificate, and so its revocation. Connections here live long:
        // a full handshake is a small price.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }

    fn verifier(
        &self,
        clients: ClientCertificates,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ClientCertVerifier>, String> {
        let Some(client_ca) = &self.client_ca else { return Ok(WebPkiClientVerifier::no_client_auth()) };
        let mut roots = RootCertStore::empty();
        for root in certificates("tls.client_ca", client_ca)? {
            roots.add(root).map_err(|error| format!("tls.client_ca: {error}"))?;
        }
        let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        if let Some(client_crl) = &self.client_crl {
            let lists = CertificateRevocationListDer::pem_slice_iter(client_crl)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| format!("tls.client_crl: {error}"))?;
            if lists.is_empty() {
                return Err("tls.client_crl: it holds no revocation list in PEM".to_owned());
            }
            builder = builder.with_crls(lists);
        }
        if clients == ClientCertificates::Asked {
            builder = builder.allow_unauthenticated();
        }
        builder.build().map_err(|error| format!("tls.client_ca and tls.client_crl: {error}"))
    }
}

/// Every certificate of a file; there must be one.
fn certificates(key: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let all = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let all = all.map_err(|error| format!("{key}: {error}"))?;
    if all.is_empty() { Err(format!("{key}: it holds no certificate in PEM")) } else { Ok(all) }
}

impl Tls {
    /// Reads the files that the configuration names; none where it names no certificate.
    ///
    /// # Errors
    /// What is wrong, and in which file.
    pub fn open(files: &config::Tls) -> Result<Option<Arc<Self>>, String> {
        if !files.is_on() {
            return Ok(None);
        }
        let material = Material::read(files)?;
        let config = material.config(files.client_certificates)?;
        let now = RwLock::new(Now { config, digest: material.digest() });
        Ok(Some(Arc::new(Self { files: files.clone(), now })))
    }

    fn now(&self) -> Now {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the next handshake goes by.
    #[must_use]
    pub fn current(&self) -> Arc<ServerConfig> {
        self.now().config
    }

    /// Looks at the files again; answers whether they have changed. Connections that stand are not touched.
    ///
    /// # Errors
    /// Why what they say now is not used.
    pub fn reread(&self) -> Result<bool, String> {
        let material = Material::read(&self.files)?;
        let digest = material.digest();
        if digest == self.now().digest {
            return Ok(false);
        }
        let config = material.config(self.files.client_certificates)?;
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Now { config, digest };
        Ok(true)
    }

    /// Follows the files until it is dropped.
    pub async fn follow(self: Arc<Self>) {
        let mut last = String::new();
        loop {
            tokio::time::sleep(LOOK_INTERVAL).await;
            match self.reread() {
                Ok(has_changed) => {
                    if has_changed || !last.is_empty() {
                        tracing::info!("certificates read again");
                    }
                    last.clear();
                }
                Err(error) if error != last => {
                    // Told once, not every few seconds.
                    tracing::error!(error, "changed certificates are not used; those before stay");
                    last = error;
                }
                Err(_) => {}
            }
        }
    }
}
