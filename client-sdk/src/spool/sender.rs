//! Sends the entries of a spool, one after the other.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use super::entry::Entry;
use super::{Shared, SpoolEvent, Waiting};
use crate::error::{Code, Error, ErrorKind, ErrorReason};
use crate::model::{CreatedTicket, Source};
use crate::retry;

/// The pauses after a fault that is no entry's: doubling from the first to the longest, half of it random.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_LONGEST: Duration = Duration::from_mins(1);
/// How often an entry may meet a fault of the server before it is set aside.
const FAULTS_MAX: u32 = 5;

/// What to do with an entry after an attempt.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The fault is not the entry's: nothing can be sent now.
    WaitForServer,
    /// This entry later, the others now.
    Defer(Duration),
    /// This entry later, and not for ever.
    Suspect,
    /// Never again.
    SetAside,
}

/// Judges an error.
fn judge(error: &Error) -> Verdict {
    match (error.kind(), error.code()) {
        // A switch whose clock is ahead delays its own calls only.
        (ErrorKind::Refused, _) if error.reason() == Some(ErrorReason::ClockAhead) => {
            Verdict::Defer(error.retry_after().unwrap_or(PAUSE_FIRST).max(PAUSE_FIRST))
        }
        (ErrorKind::Malformed, _) => Verdict::SetAside,
        _ if error.is_retryable() => Verdict::WaitForServer,
        (
            ErrorKind::Refused,
            Code::Unauthenticated | Code::PermissionDenied | Code::Unimplemented | Code::ResourceExhausted,
        ) => Verdict::WaitForServer,
        (ErrorKind::Refused | ErrorKind::Unexplained, Code::Internal | Code::Unknown | Code::DataLoss) => {
            Verdict::Suspect
        }
        (ErrorKind::Refused, _) => Verdict::SetAside,
        _ => Verdict::WaitForServer,
    }
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
        let doubled = PAUSE_FIRST * 2_u32.saturating_pow(failures.saturating_sub(1).min(10));
        let whole = doubled.min(PAUSE_LONGEST);
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
            Ok(Some(entry)) => entry,
            Ok(None) => {
                let error = Error::local(ErrorKind::Spool, "the entry can't be decrypted or read");
                return self.set_aside_entry(sequence, &Source::new("", ""), &error).await;
            }
            Err(error) => {
                // The others need not wait for a file that the disk does not give.
                self.defer(sequence, PAUSE_FIRST, 1);
                let _ = self.delay(&Source::new("", ""), &error);
                return Ok(());
            }
        };
        let Entry { request_id, source, request } = entry;
        let sent: Result<CreatedTicket, Error> = self.client.core().send_command(request, request_id).await;
        let error = match sent {
            Ok(created) => return self.end(sequence, &source, &created).await,
            Err(error) => error,
        };
        match judge(&error) {
            Verdict::WaitForServer => self.delay(&source, &error),
            Verdict::Defer(time) => {
                self.defer(sequence, time, 0);
                let _ = self.delay(&source, &error);
                Ok(())
            }
            Verdict::Suspect if self.defer(sequence, PAUSE_FIRST, 1) <= FAULTS_MAX => {
                let _ = self.delay(&source, &error);
                Ok(())
            }
            Verdict::Suspect | Verdict::SetAside => self.set_aside_entry(sequence, &source, &error).await,
        }
    }

    /// Removes an entry that has its ticket. If that fails, it is sent again, and gets the same ticket.
    async fn end(
        self: &Arc<Self>,
        sequence: u64,
        source: &Source,
        created: &CreatedTicket,
    ) -> Result<(), ()> {
        if let Err(error) = self.on_disk(move |shared| shared.folder.remove(sequence)).await {
            return self.delay(source, &error);
        }
        self.notify(&SpoolEvent::Sent { source, created });
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

    /// Defers an entry, and adds to its faults; returns how many it has.
    fn defer(&self, sequence: u64, time: Duration, faults: u32) -> u32 {
        let mut state = self.lock();
        let Some(waiting) = state.waiting.get_mut(&sequence) else { return 0 };
        let faults = waiting.faults + faults;
        *waiting = Waiting { not_before: Some(Instant::now() + time * faults.max(1)), faults };
        faults
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
    fn only_a_fault_of_the_entry_sets_it_aside() {
        use tonic::Code as Wire;
        let judged = |code, reason| judge(&refused(code, reason));
        assert_eq!(judged(Wire::InvalidArgument, "INVALID_FIELDS"), Verdict::SetAside);
        assert_eq!(judged(Wire::AlreadyExists, "SOURCE_REUSED"), Verdict::SetAside);
        assert_eq!(judged(Wire::FailedPrecondition, "OUTSIDE_HOURS"), Verdict::SetAside);
        assert_eq!(judged(Wire::Internal, "INTERNAL"), Verdict::Suspect);
        assert_eq!(judged(Wire::Unavailable, "CLOCK_AHEAD"), Verdict::Defer(PAUSE_FIRST));
        for (code, reason) in [
            (Wire::Unauthenticated, "UNAUTHENTICATED"),
            (Wire::PermissionDenied, "ROLE_NOT_ALLOWED"),
            (Wire::Unavailable, "UNAVAILABLE"),
        ] {
            assert_eq!(judged(code, reason), Verdict::WaitForServer, "{reason}");
        }
        assert_eq!(judge(&Error::configuration("no authority")), Verdict::WaitForServer);
    }
}
