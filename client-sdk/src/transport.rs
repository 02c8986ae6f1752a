//! The connection of a client and all its clones: one connection at a time, found and kept by one shared loop. Many
//! open streams have further ones.
//!
//! While there is no connection, calls wait for one until their deadlines. One loop for all of them connects to the
//! endpoints in turn, with growing pauses. It runs only while a call waits. A fault that waiting cannot mend, such as
//! an unknown authority, is reported at once.

mod byte_stream;
mod connection;
mod dial;
mod endpoint;
mod fault;
mod reconnect;
mod streams;
mod tls;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

pub use byte_stream::{BoxedStream, ByteStream, Connecting, Connector};
pub(crate) use connection::{Connection, RequestSender, SendFault};
pub(crate) use dial::DialSettings;
pub(crate) use endpoint::Endpoint;
pub(crate) use fault::{ConnectFaults, chain};
pub(crate) use reconnect::ReconnectPauses;
pub(crate) use streams::{StreamConnections, StreamPlace};
pub(crate) use tls::{Pem, Trust};

use crate::observe::Observers;

/// How long a fault that waiting cannot mend is answered from memory before another call tries again.
const PERMANENT_FAULT_PAUSE: Duration = Duration::from_secs(1);

/// The shared connection. Clones share it.
#[derive(Clone)]
pub(crate) struct Transport(Arc<Shared>);

/// What the loop and the calls share.
struct Shared {
    endpoints: Vec<Endpoint>,
    dial: DialSettings,
    pauses: ReconnectPauses,
    observers: Observers,
    state: watch::Sender<State>,
    /// Calls that wait for a connection. Without one, the loop ends.
    waiting: AtomicUsize,
    progress: std::sync::Mutex<reconnect::Progress>,
}

#[derive(Debug, Clone)]
enum State {
    /// No connection, and nobody connects. The faults are those of the last round.
    Idle(ConnectFaults),
    /// The loop connects. The faults are those of the last round.
    Connecting(ConnectFaults),
    /// A connection, which may have been lost since.
    Connected(Connection),
    /// Nothing that waiting could mend, since this instant.
    Failed(ConnectFaults, Instant),
}

/// Why a call got no connection.
#[derive(Debug)]
pub(crate) enum NoConnection {
    /// None came in time.
    InTime(ConnectFaults),
    /// Waiting would not help.
    Permanent(ConnectFaults),
}

impl Transport {
    pub(crate) fn new(
        endpoints: Vec<Endpoint>,
        dial: DialSettings,
        pauses: ReconnectPauses,
        observers: Observers,
    ) -> Self {
        let state = watch::Sender::new(State::Idle(ConnectFaults::default()));
        let (waiting, progress) = (AtomicUsize::new(0), std::sync::Mutex::default());
        Self(Arc::new(Shared { endpoints, dial, pauses, observers, state, waiting, progress }))
    }

    /// A connection of its own to the same endpoints.
    fn another(&self) -> Self {
        let Shared { endpoints, dial, pauses, observers, .. } = &*self.0;
        Self::new(endpoints.clone(), dial.clone(), *pauses, observers.clone())
    }

    /// Whether the other one is a clone of it.
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The endpoints, as the user wrote them.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &str> {
        self.0.endpoints.iter().map(Endpoint::text)
    }

    /// The connection if there is one now.
    pub(crate) fn present(&self) -> Option<Connection> {
        let State::Connected(connection) = self.0.state.borrow().clone() else { return None };
        // Its certificate may have been replaced on disk. A new connection then uses the new one.
        connection.retire_if_outdated(&self.0.dial.trust);
        connection.is_usable().then_some(connection)
    }

    /// The hotline has refused the credential of a call over this connection. Answers whether the client's certificate
    /// was renewed since it was made; then it takes no more calls.
    pub(crate) fn has_new_certificate(&self, connection: &Connection) -> bool {
        connection.retire_if_changed(&self.0.dial.trust)
    }

    /// Waits for a connection until `end`.
    pub(crate) async fn connection(&self, end: Instant) -> Result<Connection, NoConnection> {
        if let Some(connection) = self.present() {
            return Ok(connection);
        }
        let _waiting = Waiting::new(&self.0);
        let mut changes = self.0.state.subscribe();
        let mut has_waited = false;
        loop {
            let state = changes.borrow_and_update().clone();
            match state {
                State::Connected(connection) if connection.is_usable() => return Ok(connection),
                State::Failed(faults, since) if has_waited || since.elapsed() < PERMANENT_FAULT_PAUSE => {
                    return Err(NoConnection::Permanent(faults));
                }
                State::Connecting(_) => {}
                _ => reconnect::start(&self.0),
            }
            has_waited = true;
            if timeout_at(end, changes.changed()).await.is_err() {
                return Err(NoConnection::InTime(self.0.last_faults()));
            }
        }
    }
}

impl Shared {
    fn last_faults(&self) -> ConnectFaults {
        match &*self.state.borrow() {
            State::Idle(faults) | State::Connecting(faults) | State::Failed(faults, _) => faults.clone(),
            State::Connected(_) => ConnectFaults::default(),
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("endpoints", &self.0.endpoints).finish_non_exhaustive()
    }
}

/// A call that waits, counted.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.waiting.fetch_add(1, Ordering::SeqCst);
        Self(&shared.waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
