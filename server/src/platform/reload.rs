//! A wait between two looks at files that are followed, which an operator can cut short.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

/// Notified when an operator wants files to be read again at once.
#[derive(Debug, Clone)]
pub struct Reload(watch::Receiver<()>);

impl Reload {
    /// A reload that whoever holds the sender can ask for.
    #[must_use]
    pub fn channel() -> (watch::Sender<()>, Self) {
        let (sender, receiver) = watch::channel(());
        (sender, Self(receiver))
    }

    /// One that nobody asks for.
    #[must_use]
    pub fn never() -> Self {
        Self::channel().1
    }

    /// Waits for an interval, or until a reload is asked for; returns whether it was.
    pub async fn wait(&mut self, interval: Duration) -> bool {
        tokio::select! {
            () = sleep(interval) => false,
            Ok(()) = self.0.changed() => true,
        }
    }
}
