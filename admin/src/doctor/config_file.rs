//! The server's configuration file, and the files that it names.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use toml::{Table, Value};

use super::finding::Findings;
use super::{certificates, files, metrics};

/// The default of `audit_log.checkpoint_interval_seconds`.
const CHECKPOINT_SECONDS: i64 = 60;

/// The values of the file. Relative paths are relative to the folder in which the server runs, here this one.
struct Config(Table);

impl Config {
    fn value(&self, path: &str) -> Option<&Value> {
        let mut parts = path.split('.');
        let first = self.0.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    }

    fn text(&self, path: &str) -> Option<&str> {
        self.value(path)?.as_str().filter(|text| !text.is_empty())
    }

    fn file(&self, path: &str) -> Option<PathBuf> {
        self.text(path).map(PathBuf::from)
    }

    fn is_loopback(&self) -> bool {
        let listen = self.text("listen").unwrap_or("127.0.0.1:7312");
        ["127.", "localhost", "[::1]"].iter().any(|local| listen.starts_with(local))
    }
}

/// Looks at everything that the file names. `is_running` says whether the server should be running.
pub(super) fn check(findings: &mut Findings, path: &Path, now: DateTime<Utc>, is_running: bool) {
    let read = fs::read_to_string(path).map_err(|error| error.to_string());
    let config = match read.and_then(|text| text.parse::<Table>().map_err(|error| error.to_string())) {
        Ok(table) => Config(table),
        Err(why) => {
            findings.fault("configuration", format!("{}: {why}", path.display()), "correct the file");
            return;
        }
    };
    findings.ok("configuration", path.display().to_string());
    check_database(findings, &config, path);
    check_tls(findings, &config, now);
    check_keys(findings, &config);
    check_checkpoints(findings, &config, now, is_running);
    if let Some(address) = config.text("metrics.listen") {
        let is_local = ["127.", "localhost", "[::1]"].iter().any(|local| address.starts_with(local));
        if !is_local {
            let advice = "let only the collector reach the address";
            findings.warn("metrics address", format!("{address} is served beyond loopback"), advice);
        }
        if is_running {
            metrics::check(findings, address);
        }
    } else {
        findings.warn("metrics", "none are served", "set metrics.listen, and let a collector read it");
    }
}

fn check_database(findings: &mut Findings, config: &Config, path: &Path) {
    let data_dir = config.file("data_dir").unwrap_or_else(|| PathBuf::from("hotline-data"));
    if files::check_folder(findings, "data (data_dir)", &data_dir) {
        files::check_disk(findings, &data_dir);
    }
    match config.text("database") {
        None => {
            findings.ok("database", "SQLite, for one server");
            let file = data_dir.join("hotline.sqlite");
            if file.exists() {
                files::check_secret(findings, "database", &file);
            }
        }
        Some(url) => {
            let user_part =
                url.split("://").nth(1).and_then(|rest| rest.split_once('@')).map(|(user, _)| user);
            if user_part.is_some_and(|user| user.contains(':')) {
                // The password makes the whole file a secret.
                files::check_secret(findings, "configuration, which holds a password", path);
            }
            let is_local = url.contains("@localhost") || url.contains("@127.") || url.contains("host=/");
            if is_local || url.contains("sslmode=verify-full") {
                findings.ok("database", "PostgreSQL");
            } else {
                let found = "PostgreSQL on another host, without sslmode=verify-full";
                findings.warn(
                    "database",
                    found,
                    "add ?sslmode=verify-full, so that nobody can read or replace it",
                );
            }
        }
    }
}

fn check_tls(findings: &mut Findings, config: &Config, now: DateTime<Utc>) {
    match (config.file("tls.certificate"), config.file("tls.key")) {
        (Some(certificate), Some(key)) => {
            certificates::check(findings, "server's certificate", &certificate, now);
            files::check_secret(findings, "server's key", &key);
        }
        (None, None) => {
            let is_proxied = config.value("tls.terminated_by_proxy").and_then(Value::as_bool) == Some(true);
            match (config.is_loopback(), is_proxied) {
                (true, _) => findings.ok("TLS of the server", "none; it listens on loopback"),
                (false, true) => {
                    let advice = "make sure that nobody else can read the network between them";
                    findings.warn("TLS of the server", "a proxy ends it", advice);
                }
                (false, false) => {
                    let advice = "set tls.certificate and tls.key (docs/tls.md)";
                    findings.fault("TLS of the server", "none, and it listens beyond loopback", advice);
                }
            }
        }
        _ => findings.fault("TLS of the server", "one of certificate and key is missing", "set both"),
    }
    if let Some(file) = config.file("tls.client_ca") {
        certificates::check(findings, "authorities of client certificates", &file, now);
    }
}

fn check_keys(findings: &mut Findings, config: &Config) {
    for (what, key) in [
        ("credentials", "access.credentials"),
        ("vault keys", "vault.keys"),
        ("signing key", "audit_log.signing_key"),
    ] {
        if let Some(file) = config.file(key) {
            files::check_secret(findings, what, &file);
        } else {
            let found = format!("{key} is not set: the server makes a file for trials in data_dir");
            let advice = format!("set {key} before real tickets are stored (docs/operations.md)");
            if config.is_loopback() {
                findings.warn(what, found, advice);
            } else {
                findings.fault(what, found, advice);
            }
        }
    }
}

/// Checkpoints are exported, and the newest is not old.
fn check_checkpoints(findings: &mut Findings, config: &Config, now: DateTime<Utc>, is_running: bool) {
    let check = "exported checkpoints";
    let Some(folder) = config.file("audit_log.export_dir") else {
        let advice = "set audit_log.export_dir to a folder that the database's operators can't write";
        findings.warn(check, "none: the newest changes could be removed without a trace", advice);
        return;
    };
    if !folder.is_dir() {
        findings.fault(check, format!("{} is no folder", folder.display()), "make the folder");
        return;
    }
    let interval = config.value("audit_log.checkpoint_interval_seconds").and_then(Value::as_integer);
    let interval = interval.unwrap_or(CHECKPOINT_SECONDS);
    match files::newest(&folder, "checkpoint-") {
        None => {
            findings.warn(check, format!("{} holds none yet", folder.display()), "wait for the first change");
        }
        Some((name, time)) => {
            let age = now - time;
            let found = format!("{name}, {} minutes old", age.num_minutes());
            // A checkpoint is made only if something has changed, so a quiet night has none.
            if is_running && age > TimeDelta::seconds(interval * 3) + TimeDelta::days(1) {
                findings.warn(check, found, "read the log of the signer if anything has changed since");
            } else {
                findings.ok(check, found);
            }
        }
    }
}
