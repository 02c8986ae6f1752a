//! The queue that a ticket waits in, besides that for its limit. A ticket is in one at most, so that one index serves
//! the lists of all of them.

use crate::ticket::Ticket;

/// A queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ledger) enum Queue {
    /// It waits for nothing.
    None,
    /// Companies behind its repeats wait for a call. Its work is done.
    CallsDue,
    /// It is held until an agent has redacted its texts. It is open, and its limit may be provisional too.
    Held,
    /// Its limit is provisional: a later calendar may move it. It is open.
    Provisional,
}

impl Queue {
    /// The queue of a ticket.
    pub(in crate::ledger) fn of(ticket: &Ticket) -> Self {
        if ticket.has_calls_due() {
            Self::CallsDue
        } else if ticket.is_held() {
            Self::Held
        } else if ticket.state.is_open() && ticket.cycle.deadline.is_provisional {
            Self::Provisional
        } else {
            Self::None
        }
    }

    /// Its number in the table. The tickets with a provisional limit come last, one behind the other.
    pub(in crate::ledger) const fn number(self) -> i16 {
        match self {
            Self::None => 0,
            Self::CallsDue => 1,
            Self::Held => 2,
            Self::Provisional => 3,
        }
    }
}
