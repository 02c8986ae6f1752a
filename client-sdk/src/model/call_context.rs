//! What an agent reads of a call beside its parts: the context of its caller, and recordings.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{Call, Caller, Ticket};
use crate::convert::{record, writable};

record! {
    /// A call, and what is known of the company behind its calling number.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    CallContext = GetCallContextResponse {
        /// The call.
        call: Call,
        /// The company and its contact, as its newest ticket names them; `None` if none is found.
        caller: Option<Caller>,
        /// Its open tickets, the newest first, at most 20.
        open_tickets: Vec<Ticket>,
        /// Its earlier tickets, the newest first, at most 10.
        earlier_tickets: Vec<Ticket>,
    }
}

record! {
    /// A recording of one participant of a call. The hotline keeps where it is, and not the sound.
    #[derive(Clone, PartialEq, Eq)]
    Recording = Recording {
        /// Whom it records: a seat, or a name that the exchange gives to a party, for example `caller`.
        participant: String,
        /// Where it is kept, at most 512 visible ASCII characters.
        reference: String,
        /// Its length in bytes.
        length_bytes: i64,
        /// Its SHA-256, 64 hexadecimal digits in lower case.
        sha256: String,
        /// When it begins.
        start_time: DateTime<Utc>,
        /// How long it is, in seconds; 0 if it is not known.
        duration_seconds: u32,
    }
}
writable!(
    Recording = Recording { participant, reference, length_bytes, sha256, start_time, duration_seconds }
);

/// Shows what is there, without the reference: names of files often have the calling number.
impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("participant", &self.participant)
            .field("length_bytes", &self.length_bytes)
            .field("start_time", &self.start_time)
            .field("duration_seconds", &self.duration_seconds)
            .finish_non_exhaustive()
    }
}

record! {
    /// The call that a recording is attached to.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AttachedRecording = AttachRecordingResponse {
        /// Its id.
        call_id: String,
    }
}
