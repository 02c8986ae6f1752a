//! The drain at the end of a server: new calls are refused, and running calls may finish within a time limit.

use std::time::Duration;

use tokio::sync::Notify;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::failure::Failure;
use super::health;
use crate::feed::Feed;
use crate::platform::config::Shutdown;

/// Drains: health reports it first, then the listener closes, and running calls may finish.
///
/// # Errors
/// If the listener failed.
pub(super) async fn drain(
    mut server: impl Future<Output = Result<(), tonic::transport::Error>> + Unpin,
    reporter: &HealthReporter,
    feed: &Feed,
    closing: &Notify,
    shutdown: Shutdown,
) -> Result<(), Failure> {
    health::set(reporter, ServingStatus::NotServing).await;
    let notice = tokio::time::sleep(Duration::from_millis(shutdown.pre_drain_ms));
    tokio::select! { outcome = &mut server => return Ok(outcome?), () = notice => {} }
    // Watchers of health have the final status by now. Their streams never end by themselves and would use up the whole
    // drain time. Neither do streams of tickets.
    health::end_streams(reporter).await;
    let streams = feed.end_streams();
    if streams > 0 {
        tracing::info!(streams, "streams of tickets end; their callers go on at another server");
    }
    closing.notify_one();
    // A peer that keeps its connection open is cut off when the time is over.
    let drained = tokio::time::timeout(Duration::from_millis(shutdown.drain_ms), server).await;
    tracing::info!(is_drained = drained.is_ok(), "server stopped serving");
    Ok(())
}
