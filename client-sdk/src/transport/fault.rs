//! Why a connection could not be made, with the address and the root cause.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// An error and its sources in one line, each text once.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    for source in std::iter::successors(error.source(), |source| (*source).source()) {
        let next = source.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
    }
    text
}

/// One failed connection.
#[derive(Debug, Clone)]
pub(crate) struct DialFault {
    pub(crate) endpoint: Arc<str>,
    /// What did not work, for example `TLS handshake`.
    pub(crate) step: &'static str,
    /// Whether waiting cannot mend it.
    pub(crate) is_permanent: bool,
    pub(crate) source: Arc<dyn StdError + Send + Sync>,
}

impl fmt::Display for DialFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} failed: {}", self.endpoint, self.step, chain(self.source.as_ref()))
    }
}

impl StdError for DialFault {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}

/// The faults of one round: one for each endpoint.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectFaults(pub(crate) Arc<[DialFault]>);

impl ConnectFaults {
    /// Whether waiting can mend none of them.
    pub(crate) fn are_permanent(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|fault| fault.is_permanent)
    }

    /// The first of them.
    pub(crate) fn first(&self) -> Option<&DialFault> {
        self.0.first()
    }
}

impl fmt::Display for ConnectFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_fault_names_the_address_and_the_root_cause() {
        let source = io::Error::new(io::ErrorKind::ConnectionRefused, "connection refused");
        let fault = DialFault {
            endpoint: "http://127.0.0.1:1".into(),
            step: "connecting",
            is_permanent: false,
            source: Arc::new(source),
        };
        assert_eq!(fault.to_string(), "http://127.0.0.1:1: connecting failed: connection refused");
    }
}
