//! Sends the entries of a spool, one after the other.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

use super::entry::{Entry, Message};
use super::folder::Found;
use super::{Shared, SpoolEvent};
use crate::error::{Code, Error, ErrorKind, ErrorReason};
use crate::model::{AttachedRecording, CreatedTicket, ReportedCall, Source};
use crate::retry;

/// The pauses after a fault that is no entry's: doubling from the first to the longest, half of it random.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_LONGEST: Duration = Duration::from_mins(1);
/// The faults that an entry meets before the others go first. Until then, a fault of the server keeps the order.
const FAULTS_IN_ORDER: u32 = 2;

/// What to do with an entry after an attempt.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The fault is not the entry's: nothing can be sent now.
    WaitForServer,
    /// This entry later, the others now.
    Defer(Duration),
    /// The fault may be the entry's or the server's: all wait, and if it comes again, the others go first.
    Suspect,
    /// Never again.
    SetAside,
}

/// What the hotline has answered.
enum Taken {
    /// A ticket.
    Created(Box<CreatedTicket>),
    /// The id of the call of a part or a recording.
    Reported(String),
}

/// Judges an error.
fn judge(error: &Error) -> Verdict {
    match error.kind() {
        ErrorKind::Refused => judge_refusal(error),
        // It may have been this entry that broke the connection, or that a proxy on the way does not let pass.
        ErrorKind::AnswerLost | ErrorKind::Unexplained | ErrorKind::Malformed => Verdict::Suspect,
        // Nothing was sent.
        _ => Verdict::WaitForServer,
    }
}

/// Only a refusal that is certain to be about this entry sets it aside.
fn judge_refusal(error: &Error) -> Verdict {
    use ErrorReason::{ClockAhead, MessageTooLarge, NotGrpc, PartNotAllowed, TimeoutMalformed};
    let by_reason = match error.reason() {
        // A switch whose clock is ahead delays its own calls only.
        Some(ClockAhead) => Some(Verdict::Defer(error.retry_after().unwrap_or(PAUSE_FIRST).max(PAUSE_FIRST))),
        Some(MessageTooLarge | PartNotAllowed) => Some(Verdict::SetAside),
        // Something on the way changes the requests, whatever is in them.
        Some(NotGrpc | TimeoutMalformed) => Some(Verdict::Suspect),
        _ => None,
    };
    by_reason.unwrap_or_else(|| match error.code() {
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::FailedPrecondition
        | Code::OutOfRange => Verdict::SetAside,
        Code::Internal
        | Code::Unknown
        | Code::DataLoss
        | Code::Aborted
        | Code::Cancelled
        | Code::DeadlineExceeded => Verdict::Suspect,
        _ => Verdict::WaitForServer,
    })
}

/// The longest pause after so many faults in a row, 1 or more.
fn pause_after(faults: u32) -> Duration {
    let doubled = PAUSE_FIRST * 2_u32.saturating_pow(faults.saturating_sub(1).min(10));
    doubled.min(PAUSE_LONGEST)
}

/// Sends until the task is aborted.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut failures = 0_u32;
    let mut next_send = Instant::now();
    loop {
        let sequence = shared.next().await;
        sleep_until(next_send).await;
        next_send = Instant::now() + shared.pause / 2 + shared.pause.mul_f64(retry::chance());
        if shared.send(sequence).await.is_ok() {
            failures = 0;
            continue;
        }
        failures = failures.saturating_add(1);
        let whole = pause_after(failures);
        next_send = Instant::now() + whole / 2 + (whole / 2).mul_f64(retry::chance());
    }
}

impl Shared {
    /// Waits for the first entry that may be sent now.
    async fn next(&self) -> u64 {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let now = Instant::now();
            let mut earliest = None::<Instant>;
            for (sequence, waiting) in &self.lock().waiting {
                match waiting.not_before {
                    Some(instant) if instant > now => {
                        earliest = Some(earliest.map_or(instant, |known| known.min(instant)));
                    }
                    _ => return *sequence,
                }
            }
            match earliest {
                Some(instant) => drop(timeout_at(instant, changed).await),
                None => changed.await,
            }
        }
    }

    /// Sends one entry. An error is a fault that is no entry's.
    async fn send(self: &Arc<Self>, sequence: u64) -> Result<(), ()> {
        let entry = match self.on_disk(move |shared| shared.folder.read(sequence)).await {
            Ok(Found::Entry(entry)) => entry,
            Ok(Found::Nothing) => {
                self.notify(&SpoolEvent::Missing { sequence });
                self.forget(sequence);
                return Ok(());
            }
            Ok(Found::Damaged) => {
                let error = Error::local(ErrorKind::Spool, "the entry can't be decrypted or read");
                return self.set_aside_entry(sequence, &Source::new("", ""), &error).await;
            }
            Err(error) => {
                // The others need not wait for a file that the disk does not give.
                self.defer(sequence, PAUSE_FIRST);
                let _ = self.delay(&Source::new("", ""), &error);
                return Ok(());
            }
        };
        let Entry { request_id, source, message } = *entry;
        let error = match self.send_message(message, request_id).await {
            Ok(taken) => return self.end(sequence, &source, &taken).await,
            Err(error) => error,
        };
        match judge(&error) {
            Verdict::WaitForServer => self.delay(&source, &error),
            Verdict::Defer(time) => {
                self.defer(sequence, time);
                let _ = self.delay(&source, &error);
                Ok(())
            }
            Verdict::Suspect => {
                self.suspect(sequence);
                self.delay(&source, &error)
            }
            Verdict::SetAside => self.set_aside_entry(sequence, &source, &error).await,
        }
    }

    async fn send_message(&self, message: Message, request_id: Uuid) -> Result<Taken, Error> {
        let core = self.client.core();
        match message {
            Message::Create(request) => {
                let created: CreatedTicket = core.send_command(request, request_id).await?;
                Ok(Taken::Created(Box::new(created)))
            }
            Message::Report(request) => {
                let reported: ReportedCall = core.send_command(request, request_id).await?;
                Ok(Taken::Reported(reported.call_id))
            }
            Message::Attach(request) => {
                let attached: AttachedRecording = core.send_command(request, request_id).await?;
                Ok(Taken::Reported(attached.call_id))
            }
        }
    }

    /// Removes an entry that the hotline has taken. If that fails, it is sent again, and gets the same answer.
    async fn end(self: &Arc<Self>, sequence: u64, source: &Source, taken: &Taken) -> Result<(), ()> {
        if let Err(error) = self.on_disk(move |shared| shared.folder.remove(sequence)).await {
            return self.delay(source, &error);
        }
        match taken {
            Taken::Created(created) => self.notify(&SpoolEvent::Sent { source, created }),
            Taken::Reported(call_id) => self.notify(&SpoolEvent::Reported { source, call_id }),
        }
        self.forget(sequence);
        Ok(())
    }

    async fn set_aside_entry(
        self: &Arc<Self>,
        sequence: u64,
        source: &Source,
        error: &Error,
    ) -> Result<(), ()> {
        let reason = format!("{} {}: {error}", source.system, source.reference);
        match self.on_disk(move |shared| shared.folder.move_aside(sequence, &reason)).await {
            Ok(path) => {
                self.notify(&SpoolEvent::SetAside { source, error, path: &path });
                self.forget(sequence);
                Ok(())
            }
            Err(error) => self.delay(source, &error),
        }
    }

    fn delay(&self, source: &Source, error: &Error) -> Result<(), ()> {
        let waiting = self.lock().waiting.len();
        self.notify(&SpoolEvent::Delayed { source, error, waiting });
        Err(())
    }

    /// Defers an entry, so that the others go first.
    fn defer(&self, sequence: u64, time: Duration) {
        if let Some(waiting) = self.lock().waiting.get_mut(&sequence) {
            waiting.not_before = Some(Instant::now() + time);
        }
    }

    /// Notes that an entry met a fault that may be its own. If that has happened before, the others go first.
    fn suspect(&self, sequence: u64) {
        let mut state = self.lock();
        let Some(waiting) = state.waiting.get_mut(&sequence) else { return };
        waiting.faults = waiting.faults.saturating_add(1);
        if let Some(more) = waiting.faults.checked_sub(FAULTS_IN_ORDER + 1) {
            waiting.not_before = Some(Instant::now() + pause_after(more + 1));
        }
    }

    /// Runs what waits for the disk, where no call has to wait with it.
    async fn on_disk<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let shared = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&shared)).await;
        done.unwrap_or_else(|_| Err(Error::passing(ErrorKind::Spool, "work on the disk was cancelled")))
    }
}

#[cfg(test)]
mod tests {
    use tonic::Status;
    use tonic_types::{ErrorDetails, StatusExt as _};

    use super::*;

    fn refused(code: tonic::Code, reason: &str) -> Error {
        let details = ErrorDetails::with_error_info(reason, "hotline", std::collections::HashMap::new());
        Error::from_status(Status::with_error_details(code, "no", details), "http://there")
    }

    #[test]
    fn only_a_refusal_that_is_certainly_about_the_entry_sets_it_aside() {
        use tonic::Code as Wire;
        let judged = |code, reason| judge(&refused(code, reason));
        for (code, reason) in [
            (Wire::InvalidArgument, "INVALID_FIELDS"),
            (Wire::InvalidArgument, "MESSAGE_MALFORMED"),
            (Wire::AlreadyExists, "SOURCE_REUSED"),
            (Wire::FailedPrecondition, "OUTSIDE_HOURS"),
            (Wire::NotFound, "TICKET_NOT_FOUND"),
            (Wire::ResourceExhausted, "MESSAGE_TOO_LARGE"),
            (Wire::PermissionDenied, "PART_NOT_ALLOWED"),
            (Wire::FailedPrecondition, "A_NEWER_REASON"),
        ] {
            assert_eq!(judged(code, reason), Verdict::SetAside, "{reason}");
        }
        for (code, reason) in [
            (Wire::Internal, "INTERNAL"),
            (Wire::InvalidArgument, "TIMEOUT_MALFORMED"),
            (Wire::Aborted, "A_NEWER_REASON"),
        ] {
            assert_eq!(judged(code, reason), Verdict::Suspect, "{reason}");
        }
        assert_eq!(judged(Wire::Unavailable, "CLOCK_AHEAD"), Verdict::Defer(PAUSE_FIRST));
        for (code, reason) in [
            (Wire::Unauthenticated, "UNAUTHENTICATED"),
            (Wire::PermissionDenied, "ROLE_NOT_ALLOWED"),
            (Wire::ResourceExhausted, "NUMBERS_EXHAUSTED"),
            (Wire::Unimplemented, "METHOD_UNKNOWN"),
            (Wire::Unavailable, "UNAVAILABLE"),
        ] {
            assert_eq!(judged(code, reason), Verdict::WaitForServer, "{reason}");
        }
        assert_eq!(judge(&Error::configuration("no authority")), Verdict::WaitForServer);
        let unexplained = |status| judge(&Error::from_status(status, "http://there"));
        for status in [Status::internal("?"), Status::unknown("413"), Status::permission_denied("a proxy")] {
            assert_eq!(unexplained(status), Verdict::Suspect);
        }
    }

    #[test]
    fn pauses_double_up_to_a_minute() {
        assert_eq!([1, 2, 3, 7, 8, 90].map(|faults| pause_after(faults).as_secs()), [1, 2, 4, 60, 60, 60]);
    }
}
