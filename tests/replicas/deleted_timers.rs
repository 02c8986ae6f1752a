//! Timers that vanish: an operator's slip, or a restore from half a backup. A hotline that restores them has repaired
//! the loss; one that does not must be found out.

use std::time::Duration;

use chrono::TimeDelta;
use hotline_server::ticket::TicketNumber;

use crate::backlog::Laid;
use crate::observer::Window;
use crate::ticket_history::Past;

/// Timers that vanish, at most.
const LOST_MAX: usize = 12;
/// A timer that vanishes is due at least so long afterwards, so that it is not fired just before.
const AHEAD: TimeDelta = TimeDelta::milliseconds(500);
/// How long a hotline that has just started may take to restore and fire them.
const REPAIR_MAX: Duration = Duration::from_secs(3);

/// The tickets whose timers vanished.
#[derive(Debug)]
pub(crate) struct Lost(Vec<TicketNumber>);

impl Lost {
    /// How many they are.
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
/// Where none waits any more.
pub(crate) async fn lose(window: &Window, backlog: &[Laid]) -> Result<Lost, String> {
    let from = window.now().await + AHEAD;
    let waits = |past| matches!(past, Past::Waiting | Past::Urged | Past::Supervised | Past::CarriedOver);
    let waiting = backlog.iter().rev().filter(|laid| waits(laid.past) && laid.at > from);
    let lost = Lost(waiting.map(|laid| laid.number).step_by(2).take(LOST_MAX).collect());
    if lost.count() == 0 {
        return Err("everything was due before the servers ran: this machine is too busy".to_owned());
    }
    let sql = format!("DELETE FROM ticket_timer WHERE ticket_number IN ({})", lost.list());
    let deleted = window.execute(&sql).await;
    assert_eq!(usize::try_from(deleted).ok(), Some(lost.count()), "each of them had its timer");
    Ok(lost)
}

/// Waits until all of them have been told, or long enough.
pub(crate) async fn wait_for_repair(window: &Window, lost: &Lost) {
    let silent = format!(
        "SELECT count(*) FROM ticket WHERE number IN ({}) AND is_open AND NOT EXISTS \
         (SELECT 1 FROM effect_witness WHERE ticket_number = number)",
        lost.list()
    );
    // What is told or not is for the checks to say.
    let _ = window.wait_for_none(&silent, REPAIR_MAX).await;
}
