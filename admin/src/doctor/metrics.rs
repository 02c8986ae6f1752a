//! The metrics of a server, read over plain HTTP as a collector does.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use super::finding::Findings;

/// The server answers within this time.
const TIMEOUT: Duration = Duration::from_secs(3);
/// The answer is not longer.
const BYTES_MAX: u64 = 8 * 1024 * 1024;

/// The metrics can be read, and nothing waits that should not.
pub(super) fn check(findings: &mut Findings, address: &str) {
    let text = match read(address) {
        Ok(text) => text,
        Err(error) => {
            let advice = "start the server, or correct metrics.listen";
            findings.fault("metrics", format!("http://{address}/metrics: {error}"), advice);
            return;
        }
    };
    findings.ok("metrics", format!("http://{address}/metrics"));
    match value(&text, "hotline_audit_heads_pending") {
        Some(pending) if pending >= 10_000.0 => {
            let found = format!("{pending} heads of audit chains have no checkpoint yet");
            findings.fault("checkpoints", found, "read the log of the signer; check audit_log.signing_key");
        }
        Some(pending) => findings.ok("checkpoints", format!("{pending} heads wait for the next one")),
        None => {}
    }
}

fn read(address: &str) -> std::io::Result<String> {
    let addresses = address.to_socket_addrs()?.next();
    let address_found = addresses.ok_or_else(|| std::io::Error::other("no such address"))?;
    let mut stream = TcpStream::connect_timeout(&address_found, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(BYTES_MAX).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The value of a metric without labels.
fn value(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_found_by_its_whole_name() {
        let text = "# TYPE a gauge\na_b 7\na 3\n";
        assert_eq!(value(text, "a"), Some(3.0));
        assert_eq!(value(text, "a_b"), Some(7.0));
        assert_eq!(value(text, "b"), None);
    }
}
