//! Parts of calls and recordings through the spool.

use uuid::Uuid;

use super::entry::{Entry, Message, source_of};
use super::{Spool, Spooled};
use crate::call::Command as _;
use crate::calls::{AttachRecording, ReportCall};
use crate::error::{Error, ErrorKind};

impl Spool {
    /// Writes a part of a call to disk. When this returns, the hotline gets it, whatever happens. Parts of a call are
    /// sent in their order; if one has to wait, the others go first, because their order decides nothing.
    ///
    /// # Errors
    /// If the part is too large for the hotline, the spool is full, or the disk can't be written. Then nothing was
    /// taken.
    pub async fn report_call(&self, part: ReportCall) -> Result<Spooled, Error> {
        let request_id = part.request_id.unwrap_or_else(Uuid::new_v4);
        let request = part.into_request(request_id.to_string());
        let source = request.key.as_ref().map(source_of).ok_or_else(no_key)?;
        self.write(Entry { request_id, source, message: Message::Report(request) }).await
    }

    /// Writes a recording to disk. When this returns, the hotline gets it, whatever happens.
    ///
    /// # Errors
    /// If the spool is full, or the disk can't be written. Then nothing was taken.
    pub async fn attach_recording(&self, recording: AttachRecording) -> Result<Spooled, Error> {
        let request_id = recording.request_id.unwrap_or_else(Uuid::new_v4);
        let request = recording.into_request(request_id.to_string());
        let source = request.key.as_ref().map(source_of).ok_or_else(no_key)?;
        self.write(Entry { request_id, source, message: Message::Attach(request) }).await
    }
}

fn no_key() -> Error {
    Error::local(ErrorKind::Spool, "the command names no call")
}
