//! Transfers of all open work of a unit, and the events of tickets that move by them.

use chrono::{DateTime, Utc};

use crate::convert::record;

record! {
    /// A transfer and its progress. Each ticket is counted once: as moved, sent to the desk, released or left.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Transfer = Transfer {
        /// Its number, from 1.
        number: u32,
        /// The code of the unit whose open work moves.
        from_unit: String,
        /// The code of the unit that takes it over; `None` for the desk.
        to_unit: Option<String>,
        /// Why; `None` if a change of the unit started the transfer.
        reason: Option<String>,
        /// Who started it.
        principal: String,
        /// When it was started.
        start_time: DateTime<Utc>,
        /// The open tickets that the unit had then.
        total: u32,
        /// The tickets that its successor leads, assists or is informed of in its place.
        moved: u32,
        /// The tickets that went to the desk.
        sent_to_desk: u32,
        /// The tickets that stay with their lead without it.
        released: u32,
        /// The open tickets that the unit has now.
        left: u32,
        /// When it was done; `None` while it runs.
        done_time: Option<DateTime<Utc>>,
    }
}

record! {
    /// Back at the desk: no unit has it any longer. Shown to hotline staff only.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketSentToDesk = TicketSentToDesk {
        /// The code of the unit because of which it went to the desk.
        unit: String,
        /// The number of the transfer; 0 if there was none.
        transfer_number: u32,
    }
}

record! {
    /// A unit that assisted or was informed was replaced by its successor, or taken off.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    UnitReplaced = UnitReplaced {
        /// The code of the unit.
        unit: String,
        /// The code of its successor; `None` if it was only taken off.
        successor: Option<String>,
        /// The number of the transfer; 0 if there was none. Shown to hotline staff only.
        transfer_number: u32,
    }
}
