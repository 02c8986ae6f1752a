//! Readers of streams, each in a task of its own.

use std::sync::{Arc, Mutex, PoisonError};

use hotline_client::{Tickets, WatchStart, WatchTickets};
use tokio::task::JoinHandle;

use crate::validator::Received;

/// A reader.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) name: String,
    received: Arc<Mutex<Received>>,
    task: JoinHandle<String>,
}

impl Reader {
    /// Starts reading from now on, and waits until the stream is open.
    pub(crate) async fn start(name: &str, tickets: &Tickets) -> Self {
        let which = WatchTickets::new(WatchStart::Now);
        let mut watch = tickets.watch_tickets(which);
        watch.next().await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let received = Arc::new(Mutex::new(Received::default()));
        let shared = Arc::clone(&received);
        let task = tokio::spawn(async move {
            loop {
                match watch.next().await {
                    Ok(item) => shared.lock().unwrap_or_else(PoisonError::into_inner).note(item),
                    Err(error) => return format!("{error:?}"),
                }
            }
        });
        Self { name: name.to_owned(), received, task }
    }

    /// What it has received so far.
    pub(crate) fn received(&self) -> Received {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The error that ended it, if it has ended.
    pub(crate) async fn failure(&mut self) -> Option<String> {
        if self.task.is_finished() { (&mut self.task).await.ok() } else { None }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.task.abort();
    }
}
