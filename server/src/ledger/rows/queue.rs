//! The queue that a ticket waits in, besides that for its limit. One index serves the lists of all of them, so a ticket
//! has one number, which says all that it waits for.

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
    /// It is open in a later handling cycle.
    Reopened,
    /// It is open in a later handling cycle, and held.
    ReopenedAndHeld,
    /// It is open in a later handling cycle, and its limit is provisional.
    ReopenedAndProvisional,
}

impl Queue {
    /// The queues of the tickets that are held.
    pub(in crate::ledger) const HELD: [Self; 2] = [Self::Held, Self::ReopenedAndHeld];
    /// The queues of the tickets that are open in a later handling cycle.
    pub(in crate::ledger) const REOPENED: [Self; 3] =
        [Self::Reopened, Self::ReopenedAndHeld, Self::ReopenedAndProvisional];

    /// The queue of a ticket.
    pub(in crate::ledger) fn of(ticket: &Ticket) -> Self {
        if ticket.has_calls_due() {
            return Self::CallsDue;
        }
        let is_open = ticket.state.is_open();
        let is_provisional = is_open && ticket.cycle.deadline.is_provisional;
        let is_reopened = is_open && ticket.cycle.number > 1;
        match (is_reopened, ticket.is_held(), is_provisional) {
            (false, false, false) => Self::None,
            (false, true, _) => Self::Held,
            (false, false, true) => Self::Provisional,
            (true, false, false) => Self::Reopened,
            (true, true, _) => Self::ReopenedAndHeld,
            (true, false, true) => Self::ReopenedAndProvisional,
        }
    }

    /// Its number in the table. The open tickets, whose limits may be provisional, come behind the others.
    pub(in crate::ledger) const fn number(self) -> i16 {
        match self {
            Self::None => 0,
            Self::CallsDue => 1,
            Self::Held => 2,
            Self::Provisional => 3,
            Self::Reopened => 4,
            Self::ReopenedAndHeld => 5,
            Self::ReopenedAndProvisional => 6,
        }
    }
}
