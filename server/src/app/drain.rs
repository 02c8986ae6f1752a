//! The end of a server: nobody new, and whoever is under way may finish, in bounded time.

use std::time::Duration;

use tokio::sync::Notify;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::failure::Failure;
use super::health;
use crate::platform::config::Shutdown;

/// Drains: health says so first, then the listener closes, and what is under way may finish.
///
/// # Errors
/// Where the listener failed.
pub(super) async fn drain(
    mut server: impl Future<Output = Result<(), tonic::transport::Error>> + Unpin,
    reporter: &HealthReporter,
    closing: &Notify,
    shutdown: Shutdown,
) -> Result<(), Failure> {
    health::set(reporter, ServingStatus::NotServing).await;
    let notice = tokio::time::sleep(Duration::from_millis(shutdown.pre_drain_ms));
    tokio::select! { outcome = &mut server => return Ok(outcome?), () = notice => {} }
    // Who watches health has heard it; a stream that nobody ends would hold the drain for its whole time.
    health::end_streams(reporter).await;
    closing.notify_one();
    // A peer that never lets go is left behind when the time is over.
    let drained = tokio::time::timeout(Duration::from_millis(shutdown.drain_ms), server).await;
    tracing::info!(is_drained = drained.is_ok(), "server stopped serving");
    Ok(())
}
