//! A start while the database is away: the server waits for it, within a limit.
//!
//! Meanwhile it listens. Health reports `NOT_SERVING`, and every other call is refused with `UNAVAILABLE` and a retry
//! time, so that clients wait too. It does not print its address before it serves.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::database::{self, OpenDatabase};
use super::failure::Failure;
use super::{bounded_server, health};
use crate::deadline::Policy;
use crate::net::{self, Tls};
use crate::platform::Clock;
use crate::platform::config::Config;
use crate::platform::database_error::is_unavailable;
use crate::platform::store::StoreFault;

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(500);
/// How long calls may take to end when the database answers.
const END_TIMEOUT: Duration = Duration::from_secs(1);

/// Opens the database to serve it, as [`database::ready`] does. If it is away, waits for it.
///
/// # Errors
/// Those of [`database::ready`]; if the database is still away after `database_wait_seconds`.
pub(super) async fn ready(config: &Config<Policy>, clock: &Clock) -> Result<OpenDatabase, Failure> {
    let wait_max = Duration::from_secs(config.database_wait_seconds);
    let begun = Instant::now();
    let mut listening: Option<WaitingServer> = None;
    let mut last_error = String::new();
    loop {
        let failure = match database::ready(config, clock).await {
            Ok(opened) => {
                if let Some(listening) = listening {
                    tracing::info!("the database answers; the server starts");
                    listening.end().await;
                }
                return Ok(opened);
            }
            Err(failure) => failure,
        };
        if !is_of_an_outage(&failure) || begun.elapsed() >= wait_max {
            return Err(failure);
        }
        let error = failure.to_string();
        if error != last_error {
            tracing::warn!(error, "the database is away; the start waits for it");
            last_error = error;
        }
        if listening.is_none() {
            listening = Some(WaitingServer::start(config).await?);
        }
        sleep(PAUSE).await;
    }
}

/// Whether the same start may succeed later.
fn is_of_an_outage(failure: &Failure) -> bool {
    let is_store_unavailable =
        matches!(failure.downcast_ref::<StoreFault>(), Some(StoreFault::Unavailable(_)));
    is_store_unavailable || failure.downcast_ref::<sea_orm::DbErr>().is_some_and(is_unavailable)
}

/// What listens during the wait.
struct WaitingServer {
    reporter: HealthReporter,
    closing: Arc<Notify>,
    server: JoinHandle<Result<(), tonic::transport::Error>>,
}

impl WaitingServer {
    /// Listens at the configured address.
    ///
    /// # Errors
    /// If the address can't be listened on, or TLS can't be used.
    async fn start(config: &Config<Policy>) -> Result<Self, Failure> {
        let tls = Tls::open(&config.tls, config.is_in_service())?;
        let listener = net::listen(config.listen)
            .map_err(|error| format!("can't listen on {}: {error}", config.listen))?;
        let (reporter, service) = tonic_health::server::health_reporter();
        health::set(&reporter, ServingStatus::NotServing).await;
        let limits = config.limits();
        let incoming = net::incoming(listener, &limits, tls);
        let closing = Arc::new(Notify::new());
        let closed = Arc::clone(&closing);
        let server = bounded_server::waiting(&limits, service);
        let server = server.serve_with_incoming_shutdown(incoming, async move { closed.notified().await });
        Ok(Self { reporter, closing, server: tokio::spawn(server) })
    }

    /// Closes the listener, so that the server can listen at its address.
    async fn end(mut self) {
        health::end_streams(&self.reporter).await;
        self.closing.notify_one();
        if timeout(END_TIMEOUT, &mut self.server).await.is_err() {
            self.server.abort();
            // The socket is free only after the task has ended.
            let _ = self.server.await;
        }
    }
}
