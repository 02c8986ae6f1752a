//! The connections of open streams. A server allows only so many streams on one connection, and a call behind them
//! would wait until one of them ends. So the first streams share the connection of the calls, and further ones get
//! connections of their own.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Transport;

/// Streams on the connection of the calls.
const WITH_CALLS_MAX: usize = 32;
/// Streams on another connection: RFC 9113, 6.5.2 recommends that a server allows at least so many.
const OF_STREAMS_MAX: usize = 100;

/// The connections of a client and all its clones.
#[derive(Debug, Clone)]
pub(crate) struct StreamConnections(Arc<Mutex<Vec<Used>>>);

/// A connection, and how many streams it has.
#[derive(Debug)]
struct Used {
    transport: Transport,
    streams: usize,
}

/// The place of a stream on a connection, until it is dropped.
pub(crate) struct StreamPlace {
    all: StreamConnections,
    transport: Transport,
}

impl StreamConnections {
    /// `calls` is the connection of the calls.
    pub(crate) fn new(calls: Transport) -> Self {
        Self(Arc::new(Mutex::new(vec![Used { transport: calls, streams: 0 }])))
    }

    /// A place on a connection that has room.
    pub(crate) fn place(&self) -> StreamPlace {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = |(place, used): &(usize, &mut Used)| {
            used.streams < if *place == 0 { WITH_CALLS_MAX } else { OF_STREAMS_MAX }
        };
        let transport = if let Some((_, used)) = all.iter_mut().enumerate().find(has_room) {
            used.streams += 1;
            used.transport.clone()
        } else {
            let transport = all[0].transport.another();
            all.push(Used { transport: transport.clone(), streams: 1 });
            transport
        };
        StreamPlace { all: self.clone(), transport }
    }

    /// A stream has ended. A connection without streams is closed, but not that of the calls.
    fn leave(&self, transport: &Transport) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = all.iter().position(|used| used.transport.is(transport)) {
            all[place].streams -= 1;
            if place > 0 && all[place].streams == 0 {
                all.remove(place);
            }
        }
    }
}

impl StreamPlace {
    /// The connection.
    pub(crate) const fn transport(&self) -> &Transport {
        &self.transport
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        self.all.leave(&self.transport);
    }
}

impl fmt::Debug for StreamPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamPlace").field("transport", &self.transport).finish_non_exhaustive()
    }
}
