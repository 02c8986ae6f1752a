//! Throw-away authorities and their certificates, as PEM files in a folder: what an operator makes with openssl.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SanType, SerialNumber, date_time_ymd,
};

/// An authority.
pub(crate) struct Authority {
    /// Its own certificate, in PEM.
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
    pub(crate) serial: u64,
}

/// The content of a certificate; the default is valid for a client.
#[derive(Debug, Clone)]
pub(crate) struct CertificateContent {
    /// Host names and addresses.
    pub(crate) names: Vec<&'static str>,
    pub(crate) uris: Vec<&'static str>,
    /// The years in which its validity begins and ends.
    pub(crate) years: (i32, i32),
    pub(crate) usage: ExtendedKeyUsagePurpose,
    pub(crate) serial: u64,
}

impl CertificateContent {
    /// A client's certificate with this URI.
    pub(crate) fn client(uri: &'static str) -> Self {
        Self {
            names: Vec::new(),
            uris: vec![uri],
            years: (2020, 2099),
            usage: ExtendedKeyUsagePurpose::ClientAuth,
            serial: 7,
        }
    }

    /// A server's certificate for this machine.
    pub(crate) fn server() -> Self {
        Self {
            names: vec!["localhost", "127.0.0.1"],
            uris: Vec::new(),
            usage: ExtendedKeyUsagePurpose::ServerAuth,
            ..Self::client("")
        }
    }
}

impl Authority {
    /// A new one.
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are sound names");
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("an authority signs itself").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// Signs a certificate with a new key.
    pub(crate) fn sign(&self, says: &CertificateContent) -> Pair {
        let names = says.names.iter().copied().map(str::to_owned).collect::<Vec<_>>();
        let mut params = CertificateParams::new(names).expect("sound names");
        let uris = says.uris.iter().map(|uri| SanType::URI((*uri).try_into().expect("a URI")));
        params.subject_alt_names.extend(uris);
        params.not_before = date_time_ymd(says.years.0, 1, 1);
        params.not_after = date_time_ymd(says.years.1, 1, 1);
        params.extended_key_usages = vec![says.usage.clone()];
        params.serial_number = Some(SerialNumber::from(says.serial));
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("an authority signs");
        Pair { certificate: certificate.pem(), key: key.serialize_pem(), serial: says.serial }
    }

    /// Its list of revoked certificates.
    pub(crate) fn revoke(&self, revoked: &[&Pair]) -> String {
        let entry = |pair: &&Pair| RevokedCertParams {
            serial_number: SerialNumber::from(pair.serial),
            revocation_time: date_time_ymd(2024, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2024, 1, 1),
            next_update: date_time_ymd(2099, 1, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).expect("an authority signs").pem().expect("PEM")
    }
}

/// Writes PEM to a file of a folder; returns its path.
pub(crate) fn write(folder: &Path, name: &str, pem: &str) -> PathBuf {
    let path = folder.join(name);
    // The file is replaced atomically, because a server may be reading it.
    let whole = folder.join(format!("{name}.new"));
    fs::write(&whole, pem).and_then(|()| fs::rename(&whole, &path)).expect("a file can be written");
    path
}
