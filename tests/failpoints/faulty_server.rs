//! A server under fault injection, and the clients of its users. A client without an answer repeats the request with
//! the same id, as the contract says, until the server answers.

use std::future::Future;
use std::time::Duration;

use hotline_client::{Error, ErrorReason, HotlineClient};

use crate::support::server::{Options, Server, Store};
use crate::support::temp_dir::TempDir;
use crate::support::wait::Pauses;

/// The unit that leads every ticket.
pub(crate) const LEAD: &str = "dept-market-regulation";
/// Where the simulated clock starts.
const START: &str = "2026-03-02T10:00:00+08:00";
/// The longest time that a request is repeated.
const WAIT_MAX: Duration = Duration::from_secs(40);

/// The clients, each with the token of its role.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) agent: HotlineClient,
    pub(crate) dispatcher: HotlineClient,
    pub(crate) supervisor: HotlineClient,
    pub(crate) administrator: HotlineClient,
    pub(crate) lead: HotlineClient,
    pub(crate) telephony: HotlineClient,
}

/// A server under fault injection.
#[derive(Debug)]
pub(crate) struct FaultyServer {
    pub(crate) server: Server,
    /// The folder that checkpoints are exported to.
    pub(crate) exported: TempDir,
}

/// The options of every server here; checkpoints are made each second.
pub(crate) fn options(exported: &TempDir) -> Options {
    Options::default()
        .simulated_clock(START)
        .with_failpoints()
        .set("audit_log.checkpoint_interval_seconds", "1")
        .set("audit_log.export_dir", &format!("{:?}", exported.path().display().to_string()))
}

impl FaultyServer {
    /// A server on an empty store, without a fault.
    pub(crate) fn open(store: Store) -> Self {
        let exported = TempDir::new("checkpoints");
        Self { server: Server::start(store, options(&exported)), exported }
    }

    /// The clients.
    pub(crate) fn clients(&self) -> Clients {
        let endpoint = self.server.endpoint();
        let anybody =
            HotlineClient::builder().endpoint(&endpoint).deadline(Duration::from_secs(20)).connect_lazy();
        let anybody = anybody.expect("a server's address is an endpoint");
        let role =
            |role: &str| anybody.with_token(self.server.token(role)).expect("a token fits into a header");
        Clients {
            agent: role("agent"),
            dispatcher: role("dispatcher"),
            supervisor: role("supervisor"),
            administrator: role("administrator"),
            telephony: role("telephony"),
            lead: anybody.with_token(self.server.unit_token(LEAD)).expect("a token fits into a header"),
        }
    }

    /// Restarts the server without faults if it has ended; returns whether it had.
    pub(crate) fn restart_if_ended(&mut self) -> bool {
        let has_ended = self.server.has_ended();
        if has_ended {
            self.server.restart();
        }
        has_ended
    }
}

/// Repeats a call until there is an answer; a retryable refusal is none.
pub(crate) async fn retry_until_answered<T, F>(what: &str, call: impl Fn() -> F) -> Result<T, String>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut pauses = Pauses::within(WAIT_MAX);
    loop {
        let error = match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        // The server may report the injected fault as an internal error.
        let is_later = error.is_retryable() || error.reason() == Some(ErrorReason::Internal);
        if !is_later || !pauses.next().await {
            return Err(format!("{what}: {error:?}"));
        }
    }
}
