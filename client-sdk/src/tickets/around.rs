//! Commands around the work on a ticket: notes, assignments inside a unit, questions to the company and supplements,
//! and requests for help.

use chrono::{DateTime, Utc};

use super::Tickets;
use super::command::ticket_command;
use crate::error::Error;
use crate::model::Ticket;

impl Tickets {
    /// Adds a note. Staff read the notes of staff, a unit reads its own. For staff and units.
    ///
    /// # Errors
    /// Those of every command on a ticket.
    pub async fn add_note(&self, command: AddNote) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Assigns a ticket inside the caller's unit, or hands it over again. For lead and assisting units.
    ///
    /// # Errors
    /// `NOT_INVOLVED`.
    pub async fn assign_inside(&self, command: AssignInside) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Assigns many tickets inside the caller's unit, one after the other, each with a request id of its own. What
    /// becomes of each ticket is in the answer, in the order of the commands: a refusal stops nothing.
    pub async fn assign_inside_all(
        &self,
        commands: impl IntoIterator<Item = AssignInside>,
    ) -> Vec<(String, Result<Ticket, Error>)> {
        let mut results = Vec::new();
        for command in commands {
            let number = command.ticket_number.clone();
            results.push((number, self.assign_inside(command).await));
        }
        results
    }

    /// Records that the company was asked for more material. For agents and the lead unit.
    ///
    /// # Errors
    /// `QUESTION_OPEN`, `LEAD_ONLY`.
    pub async fn ask_company(&self, command: AskCompany) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Adds what the company brought later. For agents, lead and assisting units, and telephony for its own call, which
    /// gets the ticket as it was taken in.
    ///
    /// # Errors
    /// `NOT_INVOLVED`.
    pub async fn add_supplement(&self, command: AddSupplement) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Asks the supervisor for help, or answers. For the lead unit, and for supervisors.
    ///
    /// # Errors
    /// `LEAD_ONLY`, `PART_NOT_ALLOWED`, `HELP_ALREADY_REQUESTED`, `NO_HELP_REQUESTED`.
    pub async fn request_help(&self, command: RequestHelp) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Links two tickets that are about the same cause. For agents and supervisors.
    ///
    /// # Errors
    /// `LINK_UNFIT`.
    pub async fn link_tickets(&self, command: LinkTickets) -> Result<Ticket, Error> {
        self.0.command(command).await
    }
}

ticket_command! {
    /// Adds a note (备注).
    AddNote = AddNoteRequest {
        /// The note, 1 to 2,000 characters.
        note: String,
    }
}

ticket_command! {
    /// Assigns a ticket inside the caller's unit. A bureau or a clerk is required.
    AssignInside = AssignInsideRequest {
        |
        /// The bureau of the unit, in the unit's own words, at most 64 characters.
        bureau: Option<String>,
        /// The principal of the clerk.
        clerk: Option<String>,
        /// The inner limit, not after the ticket's limit.
        inner_due_time: Option<DateTime<Utc>>,
        /// A note for the clerk, at most 500 characters.
        note: Option<String>,
    }
}

ticket_command! {
    /// Records a question to the company.
    AskCompany = AskCompanyRequest {
        /// The question, 1 to 2,000 characters.
        question: String,
        |
        /// The material that is wanted, at most 500 characters.
        wanted: Option<String>,
    }
}

ticket_command! {
    /// Adds what the company brought later (补充材料).
    AddSupplement = AddSupplementRequest {
        /// What came, 1 to 2,000 characters.
        content: String,
    }
}

ticket_command! {
    /// Asks for help, or answers such a request. Either the reason or the answer is required.
    RequestHelp = RequestHelpRequest {
        |
        /// Why the lead unit needs help, at most 2,000 characters. For the lead unit.
        reason: Option<String>,
        /// The answer to the lead unit, at most 2,000 characters. For supervisors.
        answer: Option<String>,
    }
}

ticket_command! {
    /// Links two tickets that are about the same cause.
    LinkTickets = LinkTicketsRequest {
        /// The number of the other ticket.
        other_ticket_number: String,
        |
        /// What they have in common, at most 500 characters. Shown to hotline staff only.
        note: Option<String>,
    }
}
