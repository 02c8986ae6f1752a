//! Dates of certificates.

use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use x509_parser::pem::Pem;

use super::finding::Findings;

/// A certificate should be good for so long.
const DAYS_MIN: i64 = 21;

/// Every certificate of a PEM file is good now and for a while.
pub(super) fn check(findings: &mut Findings, what: &str, path: &Path, now: DateTime<Utc>) {
    let check = format!("dates of the {what}");
    let read = fs::read(path).map_err(|error| error.to_string()).and_then(|pem| ends(&pem));
    let first = match read {
        Ok(dates) => dates.into_iter().min_by_key(|(_, end)| *end),
        Err(why) => {
            findings.fault(check, format!("{}: {why}", path.display()), "name a PEM file with certificates");
            return;
        }
    };
    let Some((begin, end)) = first else {
        findings.fault(
            check,
            format!("{} holds no certificate", path.display()),
            "name a PEM file with certificates",
        );
        return;
    };
    let days = (end - now).num_days();
    let found = format!("{} is good until {}", path.display(), end.date_naive());
    if end <= now {
        findings.fault(check, format!("{} expired on {}", path.display(), end.date_naive()), "renew it now");
    } else if begin > now {
        let found = format!("{} is good from {} only", path.display(), begin.date_naive());
        findings.fault(check, found, "correct this machine's clock, or use another certificate");
    } else if end - now < TimeDelta::days(DAYS_MIN) {
        findings.warn(
            check,
            format!("{found}, {days} days"),
            "renew it; the server uses the new file by itself",
        );
    } else {
        findings.ok(check, found);
    }
}

/// From when and until when a certificate is good.
type Validity = (DateTime<Utc>, DateTime<Utc>);

/// From when and until when the certificates of a PEM file are good.
fn ends(pem: &[u8]) -> Result<Vec<Validity>, String> {
    let mut dates = Vec::new();
    for block in Pem::iter_from_buffer(pem) {
        let block = block.map_err(|error| error.to_string())?;
        if block.label == "CERTIFICATE" {
            let certificate = block.parse_x509().map_err(|error| error.to_string())?;
            let validity = certificate.validity();
            let time = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
            dates.push((time(validity.not_before.timestamp()), time(validity.not_after.timestamp())));
        }
    }
    Ok(dates)
}
