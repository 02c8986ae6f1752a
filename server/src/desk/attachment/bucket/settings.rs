//! Checks the settings of a bucket. All that is wrong is named together.

use std::fmt::Display;
use std::path::Path;

use rusty_s3::{Bucket, Credentials, UrlStyle};
use zeroize::Zeroizing;

use super::store_client::StoreClient;
use crate::platform::config::attachments::S3;
use crate::platform::http_client::{self, Connector};

/// Characters of the name of a bucket.
const BUCKET_LENGTH: std::ops::RangeInclusive<usize> = 3..=63;
/// The longest prefix, which leaves room for the names of files.
const PREFIX_LENGTH_MAX: usize = 200;
/// The longest region.
const REGION_LENGTH_MAX: usize = 64;

/// What is wrong, so far.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, key: &str, error: impl Display) {
        self.0.push(format!("attachments.s3.{key}: {error}"));
    }
}

/// Makes the client of a bucket.
///
/// # Errors
/// Every key that is wrong, and why.
pub(super) fn client(keys: &S3) -> Result<StoreClient, String> {
    let mut faults = Faults::default();
    if !is_bucket(&keys.bucket) {
        faults.add("bucket", "it has 3 to 63 lower-case letters, digits, dots and hyphens");
    }
    if keys.region.is_empty() || keys.region.len() > REGION_LENGTH_MAX || !keys.region.bytes().all(is_plain) {
        faults.add("region", "it has letters, digits and hyphens, for example us-east-1");
    }
    if !is_prefix(&keys.prefix) {
        faults.add(
            "prefix",
            "it is empty, or has names of letters, digits, dots, hyphens and underscores with / between them",
        );
    }
    let access_key = secret(&mut faults, "access_key_file", &keys.access_key_file);
    let secret_key = secret(&mut faults, "secret_key_file", &keys.secret_key_file);
    let connector = connector(&mut faults, keys);
    let bucket = match keys.endpoint.parse() {
        Ok(endpoint) => Bucket::new(endpoint, UrlStyle::Path, keys.bucket.clone(), keys.region.clone())
            .map_err(|error| format!("{error}")),
        Err(error) => Err(error.to_string()),
    };
    match (connector, bucket) {
        (Some(connector), Ok(bucket)) if faults.0.is_empty() => {
            let credentials = Credentials::new(access_key.as_str(), secret_key.as_str());
            Ok(StoreClient::new(connector, bucket, credentials))
        }
        (connector, bucket) => {
            if let (Some(_), Err(error)) = (connector, bucket) {
                faults.add("endpoint", error);
            }
            Err(faults.0.join("; "))
        }
    }
}

/// The keys that are set although there is no endpoint.
///
/// # Errors
/// Which ones.
pub(super) fn check_unused(keys: &S3) -> Result<(), String> {
    let set = [
        ("ca", !keys.ca.as_os_str().is_empty()),
        ("bucket", !keys.bucket.is_empty()),
        ("prefix", !keys.prefix.is_empty()),
        ("access_key_file", !keys.access_key_file.as_os_str().is_empty()),
        ("secret_key_file", !keys.secret_key_file.as_os_str().is_empty()),
    ];
    let mut faults = Faults::default();
    for (key, _) in set.into_iter().filter(|(_, is_set)| *is_set) {
        faults.add(key, "without attachments.s3.endpoint nothing uses it");
    }
    if faults.0.is_empty() { Ok(()) } else { Err(faults.0.join("; ")) }
}

fn connector(faults: &mut Faults, keys: &S3) -> Option<Connector> {
    let made = http_client::url("attachments.s3.endpoint", &keys.endpoint).and_then(|uri| {
        let has_more = uri.query().is_some() || uri.authority().is_some_and(|one| one.as_str().contains('@'));
        if has_more {
            return Err("attachments.s3.endpoint: it has no credentials and no query".to_owned());
        }
        http_client::roots(&uri, "attachments.s3.ca", &keys.ca, |_| Ok(()))
    });
    made.and_then(http_client::connector).map_err(|error| faults.0.push(error)).ok()
}

/// Reads the text of a file of credentials.
fn secret(faults: &mut Faults, key: &str, path: &Path) -> Zeroizing<String> {
    if path.as_os_str().is_empty() {
        faults.add(key, "an object store needs it");
        return Zeroizing::default();
    }
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) => {
            faults.add(key, format!("{}: {error}", path.display()));
            return Zeroizing::default();
        }
    };
    let secret = Zeroizing::new(text.trim().to_owned());
    if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        faults.add(key, format!("{}: it holds one word of printable characters", path.display()));
    }
    secret
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn is_bucket(name: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    let is_of_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    BUCKET_LENGTH.contains(&name.len())
        && name.bytes().all(is_of_name)
        && is_of_end(bytes.first())
        && is_of_end(bytes.last())
        && !name.contains("..")
}

fn is_prefix(prefix: &str) -> bool {
    let is_of_name = |byte: u8| is_plain(byte) || b"._".contains(&byte);
    let is_name = |name: &str| !matches!(name, "" | "." | "..") && name.bytes().all(is_of_name);
    prefix.is_empty() || (prefix.len() <= PREFIX_LENGTH_MAX && prefix.split('/').all(is_name))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn keys() -> S3 {
        S3 {
            endpoint: "https://user@s3.example".to_owned(),
            ca: PathBuf::new(),
            bucket: "A".to_owned(),
            region: String::new(),
            prefix: "/hotline".to_owned(),
            access_key_file: PathBuf::new(),
            secret_key_file: PathBuf::from("/nowhere/hotline/secret"),
        }
    }

    #[test]
    fn every_wrong_key_is_named() {
        let wrong = client(&keys()).expect_err("all of it is wrong");
        for key in ["endpoint", "bucket", "region", "prefix", "access_key_file", "secret_key_file"] {
            assert!(wrong.contains(&format!("attachments.s3.{key}: ")), "{key}: {wrong}");
        }
        let clear = S3 { endpoint: "http://s3.example".to_owned(), ..keys() };
        assert!(client(&clear).is_err_and(|error| error.contains("http is for loopback only")));
        let without_ca = S3 { endpoint: "https://s3.example".to_owned(), ..keys() };
        assert!(client(&without_ca).is_err_and(|error| error.contains("attachments.s3.ca: ")));
    }

    #[test]
    fn keys_without_an_endpoint_are_no_mistake_only_if_they_are_empty() {
        let none = S3 { endpoint: String::new(), bucket: String::new(), prefix: String::new(), ..keys() };
        let error = check_unused(&none).expect_err("there is a secret");
        assert!(error.contains("secret_key_file") && !error.contains("bucket"), "{error}");
        assert_eq!(check_unused(&S3 { secret_key_file: PathBuf::new(), ..none }), Ok(()));
    }

    #[test]
    fn names_of_buckets_and_prefixes_are_plain() {
        for right in ["hotline", "hotline.attachments-1", "abc"] {
            assert!(is_bucket(right), "{right}");
        }
        for wrong in ["", "ab", "Hotline", "hotline_1", "-hotline", "hotline.", "a..b", &"a".repeat(64)] {
            assert!(!is_bucket(wrong), "{wrong}");
        }
        for right in ["", "hotline", "hotline/attachments_1", "a.b/c-d"] {
            assert!(is_prefix(right), "{right}");
        }
        for wrong in ["/", "/a", "a/", "a//b", "..", "a/../b", "a b", "附件", &"a".repeat(201)] {
            assert!(!is_prefix(wrong), "{wrong}");
        }
    }
}
