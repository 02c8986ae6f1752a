//! A wait between two checks of followed files, which an operator can end early.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

/// Notified when an operator requests that files be read again at once.
#[derive(Debug, Clone)]
pub struct Reload(watch::Receiver<()>);

impl Reload {
    /// A reload, and the sender that requests it.
    #[must_use]
    pub fn channel() -> (watch::Sender<()>, Self) {
        let (sender, receiver) = watch::channel(());
        (sender, Self(receiver))
    }

    /// A reload that is never requested.
    #[must_use]
    pub fn never() -> Self {
        Self::channel().1
    }

    /// Waits for an interval, or until a reload is requested; returns whether it was.
    pub async fn wait(&mut self, interval: Duration) -> bool {
        tokio::select! {
            () = sleep(interval) => false,
            Ok(()) = self.0.changed() => true,
        }
    }
}
