//! What happens inside a call, for metrics and logs of the user's: attempts, waits, connections.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::error::Error;

/// Receives the events of a client. It is called in the task of the call, so it must return at once. If it panics, the
/// call goes on.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use hotline_client::{ClientEvent, HotlineClient, Observer};
///
/// #[derive(Default)]
/// struct Retries(AtomicU64);
///
/// impl Observer for Retries {
///     fn on_event(&self, event: &ClientEvent<'_>) {
///         if matches!(event, ClientEvent::RetryScheduled { .. }) {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// let builder = HotlineClient::builder().observer(Retries::default());
/// # let _ = builder;
/// ```
pub trait Observer: Send + Sync + 'static {
    /// Notes an event.
    fn on_event(&self, event: &ClientEvent<'_>);
}

/// Something that happened inside a client. It never holds a token or a caller's identity.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum ClientEvent<'a> {
    /// A connection was made.
    #[non_exhaustive]
    Connected {
        /// The endpoint.
        endpoint: &'a str,
    },
    /// A connection could not be made.
    #[non_exhaustive]
    ConnectFailed {
        /// Why, with the endpoint.
        error: &'a dyn std::error::Error,
    },
    /// A call waits for a connection.
    #[non_exhaustive]
    WaitStarted {
        /// The method, for example `/hotline.v1.TicketService/GetTicket`.
        method: &'a str,
    },
    /// A call has a connection, or has given up.
    #[non_exhaustive]
    WaitEnded {
        /// The method.
        method: &'a str,
        /// How long it waited.
        waited: Duration,
        /// Whether it has a connection.
        is_connected: bool,
    },
    /// An attempt is sent.
    #[non_exhaustive]
    AttemptStarted {
        /// The method.
        method: &'a str,
        /// 1 for the first.
        attempt: u32,
        /// To this endpoint.
        endpoint: &'a str,
        /// The request id of a command.
        request_id: Option<Uuid>,
    },
    /// An attempt has ended.
    #[non_exhaustive]
    AttemptEnded {
        /// The method.
        method: &'a str,
        /// 1 for the first.
        attempt: u32,
        /// To this endpoint.
        endpoint: &'a str,
        /// How long it took.
        elapsed: Duration,
        /// `None` if it was answered.
        error: Option<&'a Error>,
    },
    /// A ticket of a [`WorkQueue`](crate::WorkQueue) could not be read or accepted, and comes again after a wait.
    #[non_exhaustive]
    TicketPutBack {
        /// The ticket.
        ticket_number: &'a str,
        /// Why.
        error: &'a Error,
        /// The wait.
        wait: Duration,
    },
    /// The call is sent again after a wait.
    #[non_exhaustive]
    RetryScheduled {
        /// The method.
        method: &'a str,
        /// The attempts so far.
        attempts: u32,
        /// The wait.
        wait: Duration,
    },
}

/// The observers of a client.
#[derive(Clone, Default)]
pub(crate) struct Observers(Vec<Arc<dyn Observer>>);

impl Observers {
    pub(crate) fn add(&mut self, observer: Arc<dyn Observer>) {
        self.0.push(observer);
    }

    pub(crate) fn notify(&self, event: &ClientEvent<'_>) {
        for observer in &self.0 {
            unless_it_panics(|| observer.on_event(event));
        }
    }
}

/// Runs code of the user's. A panic in it, which the panic hook reports, ends neither the call nor the task around it.
pub(crate) fn unless_it_panics(observe: impl FnOnce()) {
    // What the observer shares with its own program may be left half-changed; nothing of this library is.
    let _ = catch_unwind(AssertUnwindSafe(observe));
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Observers({})", self.0.len())
    }
}
