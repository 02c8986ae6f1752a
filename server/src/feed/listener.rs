//! Hints from the sequencers of other servers, so that the streams of this one need not wait for its next look at the
//! database. The looks go on: without a hint an entry comes a little later.

use std::time::Duration;

use super::handle::Feed;
use crate::platform::failpoint;

/// The channel of the hints.
pub(super) const CHANNEL: &str = "hotline_feed";
/// The pause before the next attempt to listen.
const AGAIN_PAUSE: Duration = Duration::from_secs(1);

impl Feed {
    /// Listens until it is dropped. Only PostgreSQL has other servers.
    pub async fn listen(self) {
        loop {
            match self.0.store.listen(CHANNEL).await {
                Ok(mut notifications) => {
                    while notifications.next().await {
                        if !failpoint::ignores_feed_hints() {
                            self.hint();
                        }
                    }
                }
                Err(fault) => tracing::debug!(error = fault.detail, "no hints from other servers; retrying"),
            }
            tokio::time::sleep(AGAIN_PAUSE).await;
        }
    }
}
