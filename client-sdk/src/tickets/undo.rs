//! Commands that undo slips and open tickets again: unmerge, reinstate, reopen; and the calls to merged companies.

use super::Tickets;
use super::command::ticket_command;
use crate::convert::open_enum;
use crate::error::Error;
use crate::model::Ticket;

impl Tickets {
    /// Undoes a merge within the hours of the policy, and returns the repeat. For agents and supervisors.
    ///
    /// # Errors
    /// `UNDO_WINDOW_CLOSED`, `NOT_MERGED_INTO`.
    pub async fn unmerge_ticket(&self, command: UnmergeTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Takes a ticket back that was declined or withdrawn by a slip, within the hours of the policy. For agents and
    /// supervisors.
    ///
    /// # Errors
    /// `UNDO_WINDOW_CLOSED`.
    pub async fn reinstate_ticket(&self, command: ReinstateTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Opens a closed ticket again, within the days of the policy: for the survey, or for rework. For agents and
    /// supervisors.
    ///
    /// # Errors
    /// `UNDO_WINDOW_CLOSED`, `SURVEY_STANDS`, `REWORKS_EXHAUSTED`.
    pub async fn reopen_ticket(&self, command: ReopenTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Records a call to the company behind a merged repeat, on the ticket that it was merged into. For agents.
    ///
    /// # Errors
    /// `REPEAT_UNKNOWN`, `ATTEMPT_TOO_SOON`.
    pub async fn record_repeat_call(&self, command: RecordRepeatCall) -> Result<Ticket, Error> {
        self.0.command(command).await
    }
}

ticket_command! {
    /// Undoes a merge. The ticket of the command is the repeat.
    UnmergeTicket = UnmergeTicketRequest {
        /// The number of the ticket that it was merged into.
        from_ticket_number: String,
        /// Why, 1 to 2,000 characters.
        note: String,
    }
}

ticket_command! {
    /// Takes a ticket back that was declined or withdrawn.
    ReinstateTicket = ReinstateTicketRequest {
        /// Why, 1 to 2,000 characters.
        note: String,
    }
}

ticket_command! {
    /// Opens a closed ticket again.
    ReopenTicket = ReopenTicketRequest {
        /// What for.
        purpose: ReopenPurpose,
        /// What the company said, 1 to 2,000 characters.
        note: String,
    }
}

open_enum! {
    /// What a closed ticket is opened again for.
    ReopenPurpose = ReopenPurpose {
        /// For the survey, which was not taken in this cycle.
        Survey = "补做回访",
        /// For rework: a new handling cycle with a limit of its own.
        Rework = "返工",
    }
}

ticket_command! {
    /// Records a call to the company behind a merged repeat.
    RecordRepeatCall = RecordRepeatCallRequest {
        /// The number of the repeat.
        repeat_ticket_number: String,
        |
        /// Whether somebody was reached and told the result.
        reached: bool,
        /// What was said or happened, at most 500 characters.
        note: Option<String>,
    }
}
