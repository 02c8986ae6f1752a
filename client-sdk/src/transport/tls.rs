//! Whom the client trusts, and its own certificate. Files are read again for each connection, so that a renewed
//! certificate is used without a restart.

use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};

use super::fault::chain;
use crate::error::Error;

/// A text in PEM, or the file that holds it.
#[derive(Clone)]
pub(crate) enum Pem {
    /// The text.
    Text(Vec<u8>),
    /// The file.
    File(PathBuf),
}

impl Pem {
    fn read(&self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File(path) => fs::read(path)
                .map_err(|error| Error::configuration(format!("{} can't be read: {error}", path.display()))),
        }
    }

    /// The name of it in a message, which never shows its content.
    fn name(&self) -> String {
        match self {
            Self::Text(_) => "the given text".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// The trusted authorities, and the client's own certificate.
#[derive(Clone, Default)]
pub(crate) struct Trust {
    pub(crate) authorities: Vec<Pem>,
    /// The certificate with its chain, and the private key.
    pub(crate) identity: Option<(Pem, Pem)>,
    pub(crate) server_name: Option<String>,
}

/// The TLS settings of one connection.
#[derive(Clone)]
pub(super) struct LoadedTrust {
    pub(super) config: Arc<ClientConfig>,
    pub(super) version: u64,
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The value may hold the private key.
        f.debug_struct("Trust").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

impl Trust {
    /// Whether nothing is set, so that nothing is lost on an `http` endpoint.
    pub(crate) const fn is_empty(&self) -> bool {
        self.authorities.is_empty() && self.identity.is_none() && self.server_name.is_none()
    }

    /// Checks that it can be used for `host`.
    ///
    /// # Errors
    /// What is missing, can't be read or can't be used.
    pub(crate) fn check(&self, host: &str) -> Result<(), Error> {
        self.load()?;
        self.server_name(host).map(|_| ())
    }

    /// The name that the server's certificate must have.
    pub(super) fn server_name(&self, host: &str) -> Result<ServerName<'static>, Error> {
        let name = self.server_name.as_deref().unwrap_or(host);
        ServerName::try_from(name.to_owned())
            .map_err(|_| Error::configuration(format!("{name:?} is no name of a server")))
    }

    /// A number that changes with the content of the files; `None` if one of them can't be read.
    pub(super) fn version(&self) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        for pem in self.authorities.iter().chain(self.identity.iter().flat_map(|(chain, key)| [chain, key])) {
            pem.read().ok()?.hash(&mut hasher);
        }
        Some(hasher.finish())
    }

    /// Whether a part of it is in a file, and may change.
    pub(super) fn has_files(&self) -> bool {
        let mut pems =
            self.authorities.iter().chain(self.identity.iter().flat_map(|(chain, key)| [chain, key]));
        pems.any(|pem| matches!(pem, Pem::File(_)))
    }

    /// TLS for HTTP/1.
    #[cfg(feature = "oidc")]
    pub(crate) async fn secure_http1(
        &self,
        host: &str,
        stream: super::BoxedStream,
    ) -> Result<super::BoxedStream, Error> {
        let mut config = (*self.load()?.config).clone();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let secured = connector.connect(self.server_name(host)?, stream).await;
        let secured = secured.map_err(|error| Error::configuration(chain(&error)))?;
        Ok(Box::new(secured))
    }

    /// Reads the present files.
    pub(super) fn load(&self) -> Result<LoadedTrust, Error> {
        if self.authorities.is_empty() {
            return Err(Error::configuration("an https endpoint needs a certificate_authority"));
        }
        let version = self.version().unwrap_or_default();
        let mut roots = RootCertStore::empty();
        for authority in &self.authorities {
            for certificate in certificates(authority, "certificate_authority")? {
                roots.add(certificate).map_err(|error| {
                    let name = authority.name();
                    Error::configuration(format!("{name}: the certificate_authority can't be used: {error}"))
                })?;
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::configuration(format!("TLS can't be used: {error}")))?
            .with_root_certificates(roots);
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = certificates(certificate, "client_certificate")?;
                let unusable = |error: &dyn fmt::Display| {
                    Error::configuration(format!(
                        "{}: the key of the client_certificate can't be used: {error}",
                        key.name()
                    ))
                };
                let private_key = PrivateKeyDer::from_pem_slice(&key.read()?)
                    .map_err(|_| unusable(&"it holds no private key in PEM"))?;
                builder
                    .with_client_auth_cert(chain, private_key)
                    .map_err(|error| unusable(&chain_of(&error)))?
            }
        };
        config.alpn_protocols.push(b"h2".to_vec());
        Ok(LoadedTrust { config: Arc::new(config), version })
    }
}

fn chain_of(error: &rustls::Error) -> String {
    chain(error)
}

/// The certificates of a text, at least one.
fn certificates(pem: &Pem, what: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let text = pem.read()?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(Error::configuration(format!("{}: the {what} holds no certificate in PEM", pem.name()))),
    }
}
