//! The certificate of a peer: the parts that identify the caller. It is read after the handshake has verified it, and
//! is never verified here.

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};
use webpki::EndEntityCert;

/// A client certificate that the handshake has verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    /// The URIs among its subject alternative names, in their order.
    pub uris: Vec<String>,
    /// The SHA-256 of the whole certificate.
    pub sha256: [u8; 32],
    /// The last second of its validity, since 1970. A connection can outlive it.
    pub not_after: i64,
}

impl PeerCertificate {
    /// Reads a certificate; `None` if it is not X.509.
    #[must_use]
    pub fn read(der: &[u8]) -> Option<Self> {
        let whole = der.into();
        let certificate = EndEntityCert::try_from(&whole).ok()?;
        Some(Self {
            uris: certificate.valid_uri_names().map(str::to_owned).collect(),
            sha256: Sha256::digest(der).into(),
            not_after: not_after(der)?,
        })
    }
}

// Tags of DER.
const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// The first value of DER: its tag, its content, and the rest after it.
fn value(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (bytes, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        // Longer lengths cannot occur in a handshake.
        let is_valid = (1..=4).contains(&length.len());
        (is_valid.then(|| length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))?, rest)
    };
    let (content, rest) = rest.split_at_checked(bytes)?;
    Some((tag, content, rest))
}

/// The content of the first value, which must have this tag, and the rest after it.
fn expect(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = value(der)?;
    (found == tag).then_some((content, rest))
}

/// The end of a certificate's validity, in seconds since 1970. webpki checks it and does not return it.
pub(super) fn not_after(der: &[u8]) -> Option<i64> {
    let (certificate, _) = expect(SEQUENCE, der)?;
    let (to_be_signed, _) = expect(SEQUENCE, certificate)?;
    let after_version = expect(VERSION, to_be_signed).map_or(to_be_signed, |(_, rest)| rest);
    let (_serial, rest) = expect(INTEGER, after_version)?;
    let (_algorithm, rest) = expect(SEQUENCE, rest)?;
    let (_issuer, rest) = expect(SEQUENCE, rest)?;
    let (validity, _) = expect(SEQUENCE, rest)?;
    let (_, _not_before, rest) = value(validity)?;
    let (tag, end, _) = value(rest)?;
    instant(tag, std::str::from_utf8(end).ok()?)
}

/// The seconds of a time in DER. RFC 5280 has times in UTC, with seconds and without fractions.
fn instant(tag: u8, text: &str) -> Option<i64> {
    let digits = text.strip_suffix('Z').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let (year, rest) = match (tag, digits.len()) {
        (UTC_TIME, 12) => {
            let (year, rest) = digits.split_at(2);
            let year: i32 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        (GENERALIZED_TIME, 14) => {
            let (year, rest) = digits.split_at(4);
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let part = |place: usize| rest.get(place * 2..place * 2 + 2)?.parse::<u32>().ok();
    let day = NaiveDate::from_ymd_opt(year, part(0)?, part(1)?)?;
    Some(day.and_hms_opt(part(2)?, part(3)?, part(4)?)?.and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, SanType, date_time_ymd};

    use super::*;

    fn certificate(uris: &[&str], last_year: i32) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["gateway.example".to_owned()]).expect("a name");
        for uri in uris {
            params.subject_alt_names.push(SanType::URI((*uri).try_into().expect("a URI")));
        }
        params.not_after = date_time_ymd(last_year, 2, 28);
        let key = KeyPair::generate().expect("a key");
        params.self_signed(&key).expect("a certificate").der().to_vec()
    }

    #[test]
    fn a_certificate_tells_its_uris_its_digest_and_its_end() {
        let uris = ["hotline://principal/seat-system", "spiffe://hotline/other"];
        for (year, not_after) in [(2030, 1_898_467_200), (2061, 2_876_774_400)] {
            let der = certificate(&uris, year);
            let read = PeerCertificate::read(&der).expect("it can be read");
            assert_eq!(read.uris, uris);
            assert_eq!(read.not_after, not_after, "the end of {year}");
            assert_eq!(read.sha256, <[u8; 32]>::from(Sha256::digest(&der)));
        }
        assert_eq!(PeerCertificate::read(&certificate(&[], 2030)).expect("it can be read").uris, [""; 0]);
    }

    #[test]
    fn what_is_cut_or_changed_is_read_or_refused_and_never_panics() {
        let der = certificate(&["hotline://principal/seat-system"], 2030);
        for length in 0..der.len() {
            assert_eq!(PeerCertificate::read(&der[..length]), None, "cut to {length} bytes");
        }
        for place in 0..der.len() {
            for flipped in [0x01, 0x80, 0xff] {
                let mut changed = der.clone();
                changed[place] ^= flipped;
                let _ = (PeerCertificate::read(&changed), not_after(&changed));
            }
        }
    }

    #[test]
    fn a_time_is_read_as_the_standard_writes_it() {
        for (tag, text, seconds) in [
            (UTC_TIME, "700101000000Z", Some(0)),
            (UTC_TIME, "491231235959Z", Some(2_524_607_999)),
            (GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000)),
            (UTC_TIME, "20500101000000Z", None),
            (UTC_TIME, "7001010000Z", None),
            (UTC_TIME, "700101000000+0800", None),
            (UTC_TIME, "701301000000Z", None),
            (GENERALIZED_TIME, "２０５００1Z", None),
        ] {
            assert_eq!(instant(tag, text), seconds, "{text}");
        }
    }

    #[test]
    fn a_length_is_short_long_or_refused() {
        let long = [&[SEQUENCE, 0x81, 0x80][..], &[7; 0x80], &[9]].concat();
        assert_eq!(value(&long), Some((SEQUENCE, &[7; 0x80][..], &[9][..])));
        let longer = [&[SEQUENCE, 0x82, 0x01, 0x02][..], &[7; 0x102]].concat();
        assert_eq!(value(&longer), Some((SEQUENCE, &[7; 0x102][..], &[][..])));
        let short = [&[SEQUENCE, 0x7f][..], &[7; 0x7f]].concat();
        assert_eq!(value(&short), Some((SEQUENCE, &[7; 0x7f][..], &[][..])));
        // Indefinite length, as in BER, and a longer one than fits into a handshake.
        assert_eq!(value(&[&[SEQUENCE, 0x80][..], &[0; 0x100]].concat()), None);
        assert_eq!(value(&[&[SEQUENCE, 0x85, 0, 0, 0, 0, 1][..], &[0; 0x100]].concat()), None);
        assert_eq!(expect(INTEGER, &short), None, "another tag");
    }

    #[test]
    fn two_digits_of_a_year_are_of_this_century_before_50() {
        for (text, year) in [("490101000000Z", 2049), ("500101000000Z", 1950), ("991231235959Z", 1999)] {
            let read =
                instant(UTC_TIME, text).and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
            assert_eq!(read.map(|read| chrono::Datelike::year(&read)), Some(year), "{text}");
        }
    }
}
