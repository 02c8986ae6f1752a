//! A spool for telephony: each `CreateTicket`, part of a call and recording is written to a durable, encrypted file
//! before anything is sent. It survives the server's absence and the crash of its own process.
//!
//! - [`Spool::submit`] returns when the command is on disk. From then on the call gets exactly one ticket, because
//!   every attempt carries the same request id and the same call reference.
//! - Entries are sent in their order. One that the hotline refuses for good is set aside, named in an event, and delays
//!   no other. A refused token or a missing server is no fault of an entry: the spool waits. An entry that meets faults
//!   of the server again and again lets the others go first, and is never set aside for them.
//! - After an outage entries are sent at a limited rate with jitter.
//! - The number of entries is bounded. A full spool refuses, and says so.
//!
//! ```no_run
//! use hotline_client::spool::{Spool, SpoolEvent, SpoolKey, SpoolOptions};
//! use hotline_client::{Category, Channel, Complexity, CreateTicket, HotlineClient, Source};
//!
//! # async fn example(client: HotlineClient) -> Result<(), hotline_client::Error> {
//! let key = SpoolKey::read_or_create("/etc/bridge/spool.key")?;
//! let options = SpoolOptions::new("/var/lib/bridge/spool", key).observer(|event: &SpoolEvent<'_>| {
//!     if let SpoolEvent::SetAside { source, error, .. } = event {
//!         eprintln!("{} needs a person: {error}", source.reference);
//!     }
//! });
//! let spool = Spool::open(client, options)?;
//! let request =
//!     CreateTicket::new(Category::Appeal, Complexity::General, Channel::Telephone, "subject", "content");
//! spool.submit(request.source(Source::new("switch-3", "call-7"))).await?;
//! # Ok(())
//! # }
//! ```

mod calls;
mod entry;
mod folder;
mod key;
mod sender;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

pub use key::SpoolKey;

use crate::call::Command as _;
use crate::connect::HotlineClient;
use crate::error::{Error, ErrorKind};
use crate::model::{CreatedTicket, Source};
use crate::observe::unless_it_panics;
use crate::tickets::CreateTicket;
use entry::{Entry, Message};
use folder::Folder;

/// The default bound of a spool, in entries.
const ENTRIES_MAX: usize = 10_000;
/// The default rate of sending after an outage, in entries a second.
const ENTRIES_PER_SECOND: u32 = 10;

/// Receives the events of a spool.
type SpoolObserver = Box<dyn Fn(&SpoolEvent<'_>) + Send + Sync>;

/// Where a spool is, and how it sends.
#[must_use = "pass it to Spool::open"]
pub struct SpoolOptions {
    folder: PathBuf,
    key: SpoolKey,
    entries_max: usize,
    per_second: u32,
    observers: Vec<SpoolObserver>,
}

impl SpoolOptions {
    /// A spool in a folder of its own, with at most 10,000 entries, which sends 10 a second after an outage.
    pub fn new(folder: impl Into<PathBuf>, key: SpoolKey) -> Self {
        Self {
            folder: folder.into(),
            key,
            entries_max: ENTRIES_MAX,
            per_second: ENTRIES_PER_SECOND,
            observers: Vec::new(),
        }
    }

    /// The most entries that may wait.
    pub fn entries_max(self, entries_max: usize) -> Self {
        Self { entries_max, ..self }
    }

    /// The most entries to send in a second if several wait; at least 1.
    pub fn per_second(self, per_second: u32) -> Self {
        Self { per_second: per_second.max(1), ..self }
    }

    /// Receives the events of the spool. It is called in the task that sends, so it must return at once. If it panics,
    /// the spool goes on.
    pub fn observer(mut self, observer: impl Fn(&SpoolEvent<'_>) + Send + Sync + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }
}

impl fmt::Debug for SpoolOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpoolOptions").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Something that happened in a spool.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum SpoolEvent<'a> {
    /// A call has its ticket, and its entry is gone.
    #[non_exhaustive]
    Sent {
        /// The call.
        source: &'a Source,
        /// Its ticket, with what is not sure about the request.
        created: &'a CreatedTicket,
    },
    /// The hotline has taken a part of a call or a recording, and its entry is gone.
    #[non_exhaustive]
    Reported {
        /// The call, by the id that the exchange gives it.
        source: &'a Source,
        /// Its id in the hotline.
        call_id: &'a str,
    },
    /// An entry was set aside, because the hotline refuses it for good or it can't be read. Its file is kept.
    #[non_exhaustive]
    SetAside {
        /// The call; empty if the entry can't be read.
        source: &'a Source,
        /// Why.
        error: &'a Error,
        /// The file.
        path: &'a std::path::Path,
    },
    /// The file of an entry is gone from the folder, although nothing here has removed it. The call may have no ticket.
    #[non_exhaustive]
    Missing {
        /// The place of the entry.
        sequence: u64,
    },
    /// An attempt failed, and the entry is sent again later.
    #[non_exhaustive]
    Delayed {
        /// The call.
        source: &'a Source,
        /// Why.
        error: &'a Error,
        /// Entries that wait.
        waiting: usize,
    },
    /// A command was refused because the spool is full.
    #[non_exhaustive]
    Full {
        /// Entries that wait.
        waiting: usize,
    },
}

/// A command that is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spooled {
    /// Its place: entries are sent in rising order.
    pub sequence: u64,
    /// The request id of all its attempts.
    pub request_id: Uuid,
}

/// A spool. When it is dropped, it stops sending; its entries stay on disk.
#[derive(Debug)]
pub struct Spool {
    shared: Arc<Shared>,
    sender: tokio::task::JoinHandle<()>,
}

/// What the spool and its sender share.
struct Shared {
    client: HotlineClient,
    folder: Folder,
    entries_max: usize,
    pause: Duration,
    observers: Vec<SpoolObserver>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    next_sequence: u64,
    waiting: BTreeMap<u64, Waiting>,
    /// Commands that are being written.
    writing: usize,
}

/// An entry that waits.
#[derive(Debug, Clone, Copy, Default)]
struct Waiting {
    not_before: Option<Instant>,
    /// Attempts that ended with a fault which may be the entry's or the server's.
    faults: u32,
}

impl Spool {
    /// Opens a spool, with what an earlier process has left in it, and begins to send.
    ///
    /// # Errors
    /// If the folder can't be used, or another process uses it. A runtime must be around it.
    pub fn open(client: HotlineClient, options: SpoolOptions) -> Result<Self, Error> {
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|_| Error::configuration("a spool needs a tokio runtime around it"))?;
        let (folder, sequences) = Folder::open(options.folder, options.key)?;
        let next_sequence = sequences.last().map_or(1, |last| last + 1).max(folder.next_sequence());
        let waiting = sequences.into_iter().map(|sequence| (sequence, Waiting::default())).collect();
        let shared = Arc::new(Shared {
            client,
            folder,
            entries_max: options.entries_max,
            pause: Duration::from_secs(1) / options.per_second,
            observers: options.observers,
            state: Mutex::new(State { next_sequence, waiting, writing: 0 }),
            changed: Notify::new(),
        });
        let sender = runtime.spawn(sender::run(Arc::clone(&shared)));
        Ok(Self { shared, sender })
    }

    /// Writes a command to disk. When this returns, the call gets its ticket, whatever happens.
    ///
    /// # Errors
    /// If the command has no source or is too large for the hotline, the spool is full, or the disk can't be written.
    /// Then nothing was taken.
    pub async fn submit(&self, command: CreateTicket) -> Result<Spooled, Error> {
        let Some(source) = command.source.clone() else {
            let message = "a spooled command needs its source, so that a call never becomes two tickets";
            return Err(Error::local(ErrorKind::Spool, message));
        };
        let request_id = command.request_id.unwrap_or_else(Uuid::new_v4);
        let request = command.into_request(request_id.to_string());
        self.write(Entry { request_id, source, message: Message::Create(request) }).await
    }

    /// Writes an entry to disk.
    async fn write(&self, entry: Entry) -> Result<Spooled, Error> {
        entry.check_size()?;
        let request_id = entry.request_id;
        let sequence = self.shared.reserve()?;
        let shared = Arc::clone(&self.shared);
        // In a task of its own: a caller that is cancelled leaves no half-counted entry.
        let written = tokio::task::spawn_blocking(move || {
            let written = shared.folder.write(sequence, &entry);
            shared.end_reservation(sequence, written.is_ok());
            written
        });
        match written.await {
            Ok(written) => written.map(|()| Spooled { sequence, request_id }),
            Err(_) => Err(Error::passing(ErrorKind::Spool, "writing the command was cancelled")),
        }
    }

    /// How many entries wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.lock().waiting.len()
    }

    /// The files of the entries that were set aside. Each has a file with the reason beside it.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn set_aside(&self) -> Result<Vec<PathBuf>, Error> {
        self.shared.folder.set_aside()
    }

    /// Waits until no entry waits.
    pub async fn drained(&self) {
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.waiting() == 0 {
                return;
            }
            changed.await;
        }
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.sender.abort();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notify(&self, event: &SpoolEvent<'_>) {
        for observer in &self.observers {
            unless_it_panics(|| observer(event));
        }
    }

    /// Takes a place for a command that is about to be written.
    fn reserve(&self) -> Result<u64, Error> {
        let mut state = self.lock();
        let waiting = state.waiting.len() + state.writing;
        if waiting >= self.entries_max {
            drop(state);
            self.notify(&SpoolEvent::Full { waiting });
            let message = format!("the spool is full: {waiting} entries wait");
            return Err(Error::passing(ErrorKind::Spool, message));
        }
        state.writing += 1;
        let sequence = state.next_sequence;
        state.next_sequence += 1;
        Ok(sequence)
    }

    fn end_reservation(&self, sequence: u64, is_written: bool) {
        let mut state = self.lock();
        state.writing -= 1;
        if is_written {
            state.waiting.insert(sequence, Waiting::default());
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Forgets an entry whose file is gone from the queue.
    fn forget(&self, sequence: u64) {
        self.lock().waiting.remove(&sequence);
        self.changed.notify_waiters();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("folder", &self.folder).finish_non_exhaustive()
    }
}
