//! Checks that certificates and revocation lists are valid now and fit together. rustls serves an expired certificate,
//! trusts an expired authority, and accepts a revocation list of any issuer. Such a fault shows only when a client is
//! wrongly refused, or wrongly admitted.

use chrono::{DateTime, Utc};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use x509_parser::prelude::{CertificateRevocationList, FromDer as _, X509Certificate};

/// When each kind of file expires: the earliest end of everything in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ExpiryTimes {
    /// The server's certificate and the intermediate certificates in the file.
    pub(super) certificate: DateTime<Utc>,
    /// The authorities of clients, if there are any.
    pub(super) client_ca: Option<DateTime<Utc>>,
    /// Until when the revocation lists are up to date, if any of them says so.
    pub(super) client_crl: Option<DateTime<Utc>>,
}

fn instant(seconds: i64) -> Result<DateTime<Utc>, String> {
    DateTime::from_timestamp(seconds, 0).ok_or_else(|| "its time is none".to_owned())
}

/// The parsed certificates of a file, each of them valid now.
fn read<'a>(
    key: &str,
    chain: &'a [CertificateDer<'_>],
    now: DateTime<Utc>,
) -> Result<(Vec<X509Certificate<'a>>, DateTime<Utc>), String> {
    let mut all = Vec::new();
    let mut end = DateTime::<Utc>::MAX_UTC;
    for (index, der) in (1..).zip(chain) {
        let wrong = |why: &str| format!("{key}: certificate {index} of the file {why}");
        let (_, certificate) =
            X509Certificate::from_der(der).map_err(|error| wrong(&format!("can't be read: {error}")))?;
        let validity = certificate.validity();
        let begins = instant(validity.not_before.timestamp()).map_err(|error| wrong(&error))?;
        let expiry = instant(validity.not_after.timestamp()).map_err(|error| wrong(&error))?;
        let subject = certificate.subject();
        if expiry <= now {
            return Err(wrong(&format!("({subject}) expired on {expiry}; replace it")));
        }
        if begins > now {
            return Err(wrong(&format!(
                "({subject}) is not valid before {begins}; check the machine's clock"
            )));
        }
        end = end.min(expiry);
        all.push(certificate);
    }
    Ok((all, end))
}

/// Checks each revocation list against the authorities that may have issued it; returns until when all are up to date.
///
/// An outdated list is no error. It stays in use, because otherwise no client would be admitted.
fn check_lists(
    authorities: &[X509Certificate<'_>],
    lists: &[CertificateRevocationListDer<'_>],
) -> Result<Option<DateTime<Utc>>, String> {
    let key = "tls.client_crl";
    let mut end: Option<DateTime<Utc>> = None;
    for (index, der) in (1..).zip(lists) {
        let wrong = |why: &str| format!("{key}: list {index} of the file {why}");
        let (_, list) = CertificateRevocationList::from_der(der)
            .map_err(|error| wrong(&format!("can't be read: {error}")))?;
        let mut named = authorities.iter().filter(|one| one.subject().as_raw() == list.issuer().as_raw());
        let is_signed = named.any(|authority| list.verify_signature(authority.public_key()).is_ok());
        if !is_signed {
            let why = format!("({}) was not made by an authority of tls.client_ca", list.issuer());
            return Err(wrong(&why));
        }
        if let Some(next) = list.next_update() {
            let next = instant(next.timestamp()).map_err(|error| wrong(&error))?;
            end = Some(end.map_or(next, |end| end.min(next)));
        }
    }
    Ok(end)
}

/// The subjects of authorities without a list: rustls admits no client whose certificate they signed.
fn without_list(
    authorities: &[X509Certificate<'_>],
    lists: &[CertificateRevocationListDer<'_>],
) -> Vec<String> {
    let issuers: Vec<_> = lists
        .iter()
        .filter_map(|der| CertificateRevocationList::from_der(der).ok())
        .map(|(_, list)| list.issuer().as_raw().to_vec())
        .collect();
    let lacks = |one: &&X509Certificate<'_>| !issuers.iter().any(|issuer| issuer == one.subject().as_raw());
    authorities.iter().filter(lacks).map(|one| one.subject().to_string()).collect()
}

/// Checks all files together at an instant.
///
/// # Errors
/// The file, and the fault in it.
pub(super) fn check(
    chain: &[CertificateDer<'_>],
    authorities: Option<&[CertificateDer<'_>]>,
    lists: Option<&[CertificateRevocationListDer<'_>]>,
    now: DateTime<Utc>,
) -> Result<ExpiryTimes, String> {
    let (_, certificate) = read("tls.certificate", chain, now)?;
    let Some(authorities) = authorities else {
        return Ok(ExpiryTimes { certificate, client_ca: None, client_crl: None });
    };
    let (authorities, client_ca) = read("tls.client_ca", authorities, now)?;
    let client_crl = lists.map(|lists| check_lists(&authorities, lists)).transpose()?.flatten();
    for authority in lists.map(|lists| without_list(&authorities, lists)).unwrap_or_default() {
        tracing::warn!(authority, "no revocation list of this authority: none of its clients can connect");
    }
    Ok(ExpiryTimes { certificate, client_ca: Some(client_ca), client_crl })
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CertificateRevocationListParams, IsCa, Issuer, KeyIdMethod,
        KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
    };
    use rustls::pki_types::CertificateDer;

    use super::*;

    struct Authority {
        der: CertificateDer<'static>,
        issuer: Issuer<'static, KeyPair>,
    }

    fn authority(name: &str, years: (i32, i32)) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let der = params.self_signed(&key).expect("it signs itself").der().clone();
        Authority { der, issuer: Issuer::new(params, key) }
    }

    fn list(authority: &Authority, next_update: i32) -> CertificateRevocationListDer<'static> {
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2024, 1, 1),
            next_update: date_time_ymd(next_update, 1, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&authority.issuer).expect("it signs").der().clone()
    }

    #[test]
    fn expired_or_unmatched_files_are_named() {
        let now: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().expect("an instant");
        let good = authority("good", (2020, 2090));
        let same_name = authority("good", (2020, 2090));
        let sooner = authority("sooner", (2020, 2030));
        let expired = authority("expired", (2020, 2026));
        let early = authority("early", (2030, 2090));
        let chain = |all: &[&Authority]| all.iter().map(|one| one.der.clone()).collect::<Vec<_>>();
        for (server, clients, lists, words) in [
            (
                chain(&[&expired]),
                chain(&[&good]),
                vec![],
                "tls.certificate: certificate 1 of the file (CN=expired)",
            ),
            (chain(&[&good, &expired]), chain(&[&good]), vec![], "tls.certificate: certificate 2"),
            (chain(&[&early]), chain(&[&good]), vec![], "is not valid before 2030"),
            (chain(&[&good]), chain(&[&good, &expired]), vec![], "tls.client_ca: certificate 2"),
            (
                chain(&[&good]),
                chain(&[&good]),
                vec![list(&sooner, 2090)],
                "tls.client_crl: list 1 of the file (CN=sooner)",
            ),
            (chain(&[&good]), chain(&[&good]), vec![list(&good, 2090), list(&same_name, 2090)], "list 2"),
        ] {
            let wrong = check(&server, Some(&clients), Some(&lists), now).expect_err(words);
            assert!(wrong.contains(words), "{wrong}");
        }
        let expiry =
            check(&chain(&[&good, &sooner]), Some(&chain(&[&good])), Some(&[list(&good, 2025)]), now);
        let expiry = expiry.expect("a list that is out of date holds");
        let year = |end: DateTime<Utc>| end.format("%Y").to_string();
        assert_eq!(year(expiry.certificate), "2030", "the first that ends");
        assert_eq!(expiry.client_crl.map(year).as_deref(), Some("2025"));
        let alone = check(&chain(&[&good]), None, None, now).expect("nobody is asked for one");
        assert_eq!((alone.client_ca, alone.client_crl), (None, None));
    }
}
