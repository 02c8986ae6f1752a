//! Deleted timers, as after an operator's mistake or a partial restore. A hotline that restores them has repaired the
//! loss; a hotline that does not must be detected.

use std::time::Duration;

use chrono::TimeDelta;
use hotline_server::ticket::TicketNumber;

use crate::backlog::BacklogTicket;
use crate::observer::Observer;
use crate::ticket_history::TicketHistory;

/// The most deleted timers.
const DELETED_MAX: usize = 12;
/// A deleted timer is due at least this long afterwards, so that it does not fire just before.
const AHEAD: TimeDelta = TimeDelta::milliseconds(500);
/// The time that a restarted hotline may take to restore and fire them.
const REPAIR_MAX: Duration = Duration::from_secs(3);

/// The tickets whose timers were deleted.
#[derive(Debug)]
pub(crate) struct DeletedTimers(Vec<TicketNumber>);

impl DeletedTimers {
    /// Their number.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    fn list(&self) -> String {
        self.0.iter().map(|number| number.as_i64().to_string()).collect::<Vec<_>>().join(", ")
    }
}

/// Deletes the timers of some tickets that wait for a rung.
///
/// # Errors
/// If none waits any more.
pub(crate) async fn delete_some(
    observer: &Observer,
    backlog: &[BacklogTicket],
) -> Result<DeletedTimers, String> {
    let from = observer.now().await + AHEAD;
    let waits = |history| {
        matches!(
            history,
            TicketHistory::Waiting
                | TicketHistory::Urged
                | TicketHistory::Supervised
                | TicketHistory::CarriedOver
        )
    };
    let waiting = backlog
        .iter()
        .rev()
        .filter(|backlog_ticket| waits(backlog_ticket.history) && backlog_ticket.at > from);
    let deleted = DeletedTimers(
        waiting.map(|backlog_ticket| backlog_ticket.number).step_by(2).take(DELETED_MAX).collect(),
    );
    if deleted.count() == 0 {
        return Err("everything was due before the servers ran: this machine is too busy".to_owned());
    }
    let sql = format!("DELETE FROM ticket_timer WHERE ticket_number IN ({})", deleted.list());
    let rows = observer.execute(&sql).await;
    assert_eq!(usize::try_from(rows).ok(), Some(deleted.count()), "each of them had its timer");
    Ok(deleted)
}

/// Waits until all of them have fired, or until the time is over.
pub(crate) async fn wait_for_repair(observer: &Observer, deleted: &DeletedTimers) {
    let silent = format!(
        "SELECT count(*) FROM ticket WHERE number IN ({}) AND is_open AND NOT EXISTS \
         (SELECT 1 FROM effect_witness WHERE ticket_number = number)",
        deleted.list()
    );
    // The checks decide whether they fired.
    let _ = observer.wait_for_none(&silent, REPAIR_MAX).await;
}
