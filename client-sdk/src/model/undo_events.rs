//! The details of the events that link repeats, undo slips, open tickets again, or count a limit again.

use chrono::{DateTime, Utc};

use super::{Deadline, Rung};
use crate::convert::{open_enum, record};

open_enum! {
    /// What a classification did with the limit.
    ClassifiedLimit = ClassifiedLimit {
        /// It was counted again from the beginning of the cycle.
        Counted = "重新计算",
        /// It had passed, and stays.
        Kept = "保持不变",
        /// A wrong classification was corrected within minutes.
        Corrected = "已更正",
    }
}

record! {
    /// Merged into an open ticket.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketMerged = TicketMerged {
        /// The number of the open ticket.
        into_ticket_number: String,
    }
}

record! {
    /// A repeat was linked to this ticket.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    RepeatLinked = RepeatLinked {
        /// The repeat's number.
        repeat_ticket_number: String,
        /// The repeat's limit. The ticket is due at the earlier one of this limit and its own.
        due_time: Option<DateTime<Utc>>,
        /// The repeat's rung. The ticket has at least this rung.
        rung: Option<Rung>,
        /// The numbers of the repeats that were linked to the repeat, and now to this ticket too.
        linked_ticket_numbers: Vec<String>,
    }
}

record! {
    /// The merge of this repeat was undone.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketUnmerged = TicketUnmerged {
        /// The number of the ticket that it was merged into.
        from_ticket_number: String,
        /// Why. Shown to hotline staff only.
        note: Option<String>,
    }
}

record! {
    /// A repeat was taken from this ticket again.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    RepeatUnlinked = RepeatUnlinked {
        /// The repeat's number.
        repeat_ticket_number: String,
    }
}

record! {
    /// Taken back after it was declined or withdrawn.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketReinstated = TicketReinstated {
        /// Why. Shown to hotline staff only.
        note: Option<String>,
    }
}

record! {
    /// Opened again after it was closed.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketReopened = TicketReopened {
        /// What the company said. `None` if the caller must not be identified to the reader.
        note: Option<String>,
    }
}

record! {
    /// The company behind a repeat was called.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    RepeatCalled = RepeatCalled {
        /// The repeat's number.
        repeat_ticket_number: String,
        /// Whether somebody was reached.
        reached: bool,
        /// What was said or happened. Shown to hotline staff only.
        note: Option<String>,
    }
}

record! {
    /// A provisional limit was counted again, because the notice of its year came into force.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    DeadlineRecounted = DeadlineRecounted {
        /// The limit from then on. It is never earlier than before.
        deadline: Deadline,
        /// The calendar that it was counted by. The limit names another one if it stays as it was.
        calendar_version: String,
    }
}
