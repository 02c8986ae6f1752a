//! The window in which a slip is undone, or a closed ticket opened again.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;

use crate::platform::Fault;
use crate::ticket::Instant;

/// Refuses after the window that begins at an instant.
///
/// # Errors
/// `UNDO_WINDOW_CLOSED` with the end of the window.
pub(super) fn check(from: Instant, window: TimeDelta, now: Instant) -> Result<(), Fault> {
    let closed_at = from + window;
    if now <= closed_at {
        return Ok(());
    }
    Err(Fault::new(ErrorReason::UndoWindowClosed).with("closed_at", closed_at.to_rfc3339()))
}
