//! The state machine: which command is allowed in which state.
//!
//! Supervision is a rung beside the state and a carry-over is a promise beside it, so neither is here. Each verb checks
//! its other conditions itself (the lead unit, the return window, …).

use serde::{Deserialize, Serialize};

/// The state of a ticket in the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Taken in; nobody works on it yet.
    Received,
    /// Declined. Final, unless it was a slip.
    Declined,
    /// Answered on the spot; follow-up is due.
    Answered,
    /// With the coordinator.
    Planning,
    /// Sent to a lead unit that has not accepted it.
    Dispatched,
    /// The lead unit works on it.
    Handling,
    /// Returned by the lead unit.
    Returned,
    /// Both halves of the feedback are there; follow-up is due.
    Completed,
    /// The loop is closed; a bad survey, or a call of the company, may start a new cycle.
    Closed,
    /// Withdrawn by the company. Final, unless it was a slip.
    Withdrawn,
    /// A repeat, linked to an open ticket. Final, unless it was a slip.
    Merged,
}

impl State {
    /// Every state, in the order of the contract.
    pub const ALL: [Self; 11] = [
        Self::Received,
        Self::Declined,
        Self::Answered,
        Self::Planning,
        Self::Dispatched,
        Self::Handling,
        Self::Returned,
        Self::Completed,
        Self::Closed,
        Self::Withdrawn,
        Self::Merged,
    ];

    /// The states in which a company still waits for an answer, so that the ladder runs.
    pub const OPEN: &'static [Self] =
        &[Self::Received, Self::Planning, Self::Dispatched, Self::Handling, Self::Returned];

    /// Whether a company still waits for an answer.
    #[must_use]
    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }

    /// The name in the contract, the database and error metadata, for example `HANDLING`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "RECEIVED",
            Self::Declined => "DECLINED",
            Self::Answered => "ANSWERED",
            Self::Planning => "PLANNING",
            Self::Dispatched => "DISPATCHED",
            Self::Handling => "HANDLING",
            Self::Returned => "RETURNED",
            Self::Completed => "COMPLETED",
            Self::Closed => "CLOSED",
            Self::Withdrawn => "WITHDRAWN",
            Self::Merged => "MERGED",
        }
    }
}

/// The commands on an existing ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the verb of the same name in `closed_loop` or `oversight`")]
pub enum Command {
    AnswerTicket,
    DeclineTicket,
    ClassifyTicket,
    PlanTicket,
    DispatchTicket,
    AcceptTicket,
    ReturnTicket,
    RuleOnReturn,
    SubmitFeedback,
    CarryOverTicket,
    EscalateTicket,
    RecordContactAttempt,
    SubmitSurvey,
    RecordRecheck,
    ReworkTicket,
    WithdrawTicket,
    MergeTicket,
    RedactTicket,
    UpdateCaller,
    UnmergeTicket,
    ReinstateTicket,
    ReopenTicket,
    RecordRepeatCall,
    AddNote,
    AssignInside,
    AskCompany,
    AddSupplement,
    RequestHelp,
    LinkTickets,
    UploadAttachment,
}

impl Command {
    /// Every command, in the order of the contract.
    pub const ALL: [Self; 30] = [
        Self::AnswerTicket,
        Self::DeclineTicket,
        Self::ClassifyTicket,
        Self::PlanTicket,
        Self::DispatchTicket,
        Self::AcceptTicket,
        Self::ReturnTicket,
        Self::RuleOnReturn,
        Self::SubmitFeedback,
        Self::CarryOverTicket,
        Self::EscalateTicket,
        Self::RecordContactAttempt,
        Self::SubmitSurvey,
        Self::RecordRecheck,
        Self::ReworkTicket,
        Self::WithdrawTicket,
        Self::MergeTicket,
        Self::RedactTicket,
        Self::UpdateCaller,
        Self::UnmergeTicket,
        Self::ReinstateTicket,
        Self::ReopenTicket,
        Self::RecordRepeatCall,
        Self::AddNote,
        Self::AssignInside,
        Self::AskCompany,
        Self::AddSupplement,
        Self::RequestHelp,
        Self::LinkTickets,
        Self::UploadAttachment,
    ];

    /// The states in which the command is allowed: the table.
    #[must_use]
    #[expect(clippy::match_same_arms, reason = "a table is read row by row")]
    pub const fn allowed_in(self) -> &'static [State] {
        use State::{Answered, Closed, Completed, Declined, Merged, Withdrawn};
        use State::{Dispatched, Handling, Planning, Received, Returned};
        match self {
            Self::AnswerTicket => &[Received, Returned],
            Self::DeclineTicket => &[Received, Returned],
            Self::ClassifyTicket => State::OPEN,
            Self::PlanTicket => &[Planning],
            Self::DispatchTicket => &[Received, Planning, Dispatched, Handling, Returned],
            Self::AcceptTicket => &[Dispatched],
            Self::ReturnTicket => &[Dispatched],
            Self::RuleOnReturn => &[Returned],
            Self::SubmitFeedback => &[Handling],
            Self::CarryOverTicket => &[Handling],
            Self::EscalateTicket => State::OPEN,
            Self::RecordContactAttempt => &[Answered, Completed],
            Self::SubmitSurvey => &[Answered, Completed],
            Self::RecordRecheck => &[Closed],
            Self::ReworkTicket => &[Closed],
            Self::WithdrawTicket => State::OPEN,
            Self::MergeTicket => &[Received, Planning, Returned],
            Self::RedactTicket => State::OPEN,
            // Whoever is on record wrongly may be put right at any time.
            Self::UpdateCaller => &State::ALL,
            Self::UnmergeTicket => &[Merged],
            Self::ReinstateTicket => &[Declined, Withdrawn],
            Self::ReopenTicket => &[Closed],
            Self::RecordRepeatCall => &[Answered, Completed, Closed],
            Self::AddNote => &State::ALL,
            Self::AssignInside => &[Dispatched, Handling],
            Self::AskCompany => State::OPEN,
            Self::AddSupplement => State::OPEN,
            Self::RequestHelp => &[Dispatched, Handling],
            Self::LinkTickets => &State::ALL,
            // What a company brings after the work is done belongs to its follow-up.
            Self::UploadAttachment => {
                &[Received, Planning, Dispatched, Handling, Returned, Answered, Completed]
            }
        }
    }

    /// Whether the command is allowed in a state.
    #[must_use]
    pub fn is_allowed_in(self, state: State) -> bool {
        self.allowed_in().contains(&state)
    }

    /// The name of the RPC, for example `DispatchTicket`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AnswerTicket => "AnswerTicket",
            Self::DeclineTicket => "DeclineTicket",
            Self::ClassifyTicket => "ClassifyTicket",
            Self::PlanTicket => "PlanTicket",
            Self::DispatchTicket => "DispatchTicket",
            Self::AcceptTicket => "AcceptTicket",
            Self::ReturnTicket => "ReturnTicket",
            Self::RuleOnReturn => "RuleOnReturn",
            Self::SubmitFeedback => "SubmitFeedback",
            Self::CarryOverTicket => "CarryOverTicket",
            Self::EscalateTicket => "EscalateTicket",
            Self::RecordContactAttempt => "RecordContactAttempt",
            Self::SubmitSurvey => "SubmitSurvey",
            Self::RecordRecheck => "RecordRecheck",
            Self::ReworkTicket => "ReworkTicket",
            Self::WithdrawTicket => "WithdrawTicket",
            Self::MergeTicket => "MergeTicket",
            Self::RedactTicket => "RedactTicket",
            Self::UpdateCaller => "UpdateCaller",
            Self::UnmergeTicket => "UnmergeTicket",
            Self::ReinstateTicket => "ReinstateTicket",
            Self::ReopenTicket => "ReopenTicket",
            Self::RecordRepeatCall => "RecordRepeatCall",
            Self::AddNote => "AddNote",
            Self::AssignInside => "AssignInside",
            Self::AskCompany => "AskCompany",
            Self::AddSupplement => "AddSupplement",
            Self::RequestHelp => "RequestHelp",
            Self::LinkTickets => "LinkTickets",
            Self::UploadAttachment => "UploadAttachment",
        }
    }
}
