//! What stands around the work on a ticket: notes, questions to the company and supplements, requests for help, and
//! assignments inside a unit; and the details of their events.

use chrono::{DateTime, Utc};

use crate::convert::record;

record! {
    /// A question to the company.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CompanyQuestion = CompanyQuestion {
        /// What is asked.
        question: String,
        /// The material that is wanted.
        wanted: Option<String>,
        /// The code of the unit that asked; `None` if an agent did.
        unit: Option<String>,
        /// When.
        ask_time: DateTime<Utc>,
    }
}

record! {
    /// A request of a lead unit for help.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    HelpRequest = HelpRequest {
        /// The code of the lead unit.
        unit: String,
        /// Why.
        reason: String,
        /// When.
        request_time: DateTime<Utc>,
    }
}

record! {
    /// The present assignment of a ticket inside a unit.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    InsideAssignment = InsideAssignment {
        /// The code of the unit.
        unit: String,
        /// The bureau of the unit.
        bureau: Option<String>,
        /// The principal of the clerk.
        clerk: Option<String>,
        /// The inner limit.
        inner_due_time: Option<DateTime<Utc>>,
        /// A note for the clerk.
        note: Option<String>,
        /// When.
        assign_time: DateTime<Utc>,
        /// The clerk that was named, if it is absent and `clerk` stands in.
        absent_clerk: Option<String>,
    }
}

record! {
    /// A note was added.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    NoteAdded = NoteAdded {
        /// The code of the unit that wrote it; `None` for staff.
        unit: Option<String>,
        /// The note.
        note: String,
    }
}

record! {
    /// A unit assigned the ticket inside.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AssignedInside = AssignedInside {
        /// The assignment.
        assignment: InsideAssignment,
    }
}

record! {
    /// The company was asked for more material.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CompanyAsked = CompanyAsked {
        /// The question.
        question: CompanyQuestion,
    }
}

record! {
    /// The company brought more material.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SupplementAdded = SupplementAdded {
        /// The code of the unit that added it; `None` if an agent or telephony did.
        unit: Option<String>,
        /// What came.
        content: String,
        /// Whether it answers the open question.
        answers_question: bool,
    }
}

record! {
    /// The lead asked the supervisor for help.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    HelpRequested = HelpRequested {
        /// The request.
        help_request: HelpRequest,
    }
}

record! {
    /// A supervisor answered the request for help.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    HelpAnswered = HelpAnswered {
        /// The code of the unit that asked.
        unit: String,
        /// The answer. `None` for analysts.
        note: Option<String>,
    }
}

record! {
    /// It was linked to another ticket about the same cause. Shown to hotline staff only.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketsLinked = TicketsLinked {
        /// The number of the other ticket.
        other_ticket_number: String,
        /// What they have in common. `None` for analysts.
        note: Option<String>,
    }
}
