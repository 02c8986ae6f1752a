//! What a client sees: its own files, the way to the server, the credential, and the clock.

use std::path::Path;
use std::process::Command;

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{Error, ErrorKind, ErrorReason};

use super::finding::Findings;
use super::{certificates, files};
use crate::context::Context;
use crate::failure::Failure;

/// Clocks may differ by so much.
const SKEW_MAX: TimeDelta = TimeDelta::seconds(2);
/// A credential should be good for so long.
const CREDENTIAL_DAYS_MIN: i64 = 7;

/// The files of the client, and the address.
pub(super) fn check_files(
    findings: &mut Findings,
    context: &Context,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    for (what, path) in context.connection.files()? {
        match what {
            "token" | "client key" => {
                files::check_secret(findings, what, &path);
            }
            _ => certificates::check(findings, what, &path, now),
        }
    }
    let endpoint = context.connection.endpoint()?;
    let is_tls = endpoint.starts_with("https://");
    let host = endpoint.split("://").nth(1).unwrap_or_default();
    let is_local = ["127.", "localhost", "[::1]"].iter().any(|local| host.starts_with(local));
    match (is_tls, is_local) {
        (true, _) => findings.ok("TLS", endpoint),
        (false, true) => findings.ok("TLS", format!("{endpoint} is this machine, without TLS")),
        (false, false) => {
            let advice = "use https:// and let the server serve TLS (docs/tls.md)";
            findings.fault("TLS", format!("{endpoint}: the token crosses the network in the clear"), advice);
        }
    }
    Ok(())
}

/// The server: whether it answers, whom it takes the caller for, and its clock.
pub(super) async fn check_server(
    findings: &mut Findings,
    context: &Context,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let client = match context.connection.builder()?.connect().await {
        Ok(client) => client,
        Err(error) => {
            refused(findings, &error);
            return Ok(());
        }
    };
    let me = match client.tickets().who_am_i().await {
        Ok(me) => me,
        Err(error) => {
            refused(findings, &error);
            return Ok(());
        }
    };
    findings.ok("server", "it answers");
    let roles: Vec<_> = me.roles.iter().map(|role| role.to_string().to_lowercase()).collect();
    match me.expire_time {
        Some(end) if end - me.now < TimeDelta::days(CREDENTIAL_DAYS_MIN) => {
            let found = format!("{} until {}", me.principal, end.date_naive());
            findings.warn("credential", found, "issue a new one: hotline client issue");
        }
        _ => findings.ok("credential", format!("{} ({})", me.principal, roles.join(", "))),
    }
    match client.simulation().get_time().await {
        Ok(time) => {
            let found = format!("the server runs on a simulated clock, which stands at {time}");
            findings.warn("clock", found, "use such a server for trials only");
        }
        Err(error) if error.reason() == Some(ErrorReason::NoSimulation) => {
            let skew = me.now - now;
            let found = format!("{} ms ahead of this machine", skew.num_milliseconds());
            if skew.abs() > SKEW_MAX {
                findings.fault("clock skew", found, "synchronise both clocks (NTP)");
            } else {
                findings.ok("clock skew", found);
            }
        }
        Err(error) => refused(findings, &error),
    }
    Ok(())
}

/// Why the server can't be used.
fn refused(findings: &mut Findings, error: &Error) {
    let (check, advice) = match error.kind() {
        ErrorKind::Tls => ("TLS", "correct the certificate authorities or the certificates (docs/tls.md)"),
        ErrorKind::NotConnected => ("server", "start the server, or correct the endpoint"),
        ErrorKind::Token => ("credential", "correct the token file"),
        _ if error.reason() == Some(ErrorReason::Unauthenticated) => {
            ("credential", "the token is unknown, expired or revoked: issue a new one")
        }
        _ => ("server", "read the server's log"),
    };
    findings.fault(check, error.to_string(), advice);
}

/// The version of the server's program beside that of this one.
pub(super) fn check_version(findings: &mut Findings, program: &Path) {
    let printed = Command::new(program).arg("--version").output();
    let printed = match printed {
        Ok(output) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        Err(error) => {
            findings.fault(
                "versions",
                format!("{}: {error}", program.display()),
                "name the server's program",
            );
            return;
        }
    };
    let own = env!("CARGO_PKG_VERSION");
    let found = format!("{printed}, and hotline {own}");
    if printed.split_whitespace().last() == Some(own) {
        findings.ok("versions", found);
    } else {
        findings.warn("versions", found, "use a command line of the server's version");
    }
}
