//! The window in which a slip is undone, or a closed ticket opened again.

use chrono::TimeDelta;

use crate::ticket::Instant;

/// When the window that begins at an instant was closed; `None` while it is open.
pub(super) fn closed(from: Instant, window: TimeDelta, now: Instant) -> Option<Instant> {
    let closed_at = from + window;
    (now > closed_at).then_some(closed_at)
}
