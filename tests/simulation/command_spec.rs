//! The commands on a ticket, in the simulation's own form: units are numbers, instants are microseconds.

use hotline_server::ticket::{Category, Command, Complexity};

/// A unit, by its index in the roster.
pub(crate) type UnitId = u16;

/// A classification.
#[derive(Debug, Clone)]
pub(crate) struct Class {
    pub(crate) category: Category,
    pub(crate) complexity: Complexity,
    pub(crate) has_several_units: bool,
    pub(crate) is_overlapping: bool,
    pub(crate) accused: Vec<UnitId>,
    /// Whether the caller says why.
    pub(crate) has_note: bool,
}

/// A request to take in.
#[derive(Debug, Clone)]
pub(crate) struct Create {
    pub(crate) class: Class,
    pub(crate) is_call: bool,
    pub(crate) call_began: Option<i64>,
    pub(crate) chosen_confidential: Option<bool>,
    /// Whether its content contains a telephone number.
    pub(crate) names_somebody: bool,
}

/// A command with its content.
#[derive(Debug, Clone)]
pub(crate) enum CommandSpec {
    Answer,
    Decline,
    Classify(Class),
    Plan {
        lead: UnitId,
        assist: Vec<UnitId>,
    },
    Dispatch {
        lead: UnitId,
        assist: Vec<UnitId>,
        inform: Vec<UnitId>,
        /// Whether it says why signed work moves.
        has_reason: bool,
    },
    Accept,
    Return {
        proposed: Option<UnitId>,
    },
    Rule {
        is_accepted: bool,
    },
    Feedback {
        replied: Option<i64>,
        has_report: bool,
    },
    PromiseDate {
        promised: i64,
        informed: i64,
    },
    DecidePromise {
        is_granted: bool,
    },
    /// 2 urges, 3 supervises, 4 takes into manual supervision.
    Fire {
        rung: u8,
    },
    RecordManual,
    Attempt,
    Survey {
        is_unresolved: bool,
        is_dissatisfied: bool,
    },
    Recheck,
    Rework,
    Withdraw,
    Merge {
        into: usize,
    },
    Redact {
        is_rewritten: bool,
    },
    UpdateCaller {
        /// Whether the contact's name is the one in the content.
        is_named: bool,
    },
    Unmerge {
        from: usize,
    },
    Reinstate,
    Reopen {
        is_rework: bool,
    },
    /// A call to the company behind a repeat, which is another ticket of the run.
    CallRepeat {
        repeat: usize,
        is_reached: bool,
    },
    Note,
    Link,
    AssignInside,
    AskCompany,
    Supplement,
    Upload,
    /// The lead asks for help, or a supervisor answers.
    Help {
        is_answer: bool,
    },
}

impl CommandSpec {
    /// Its row in the table of transitions.
    pub(crate) const fn command(&self) -> Command {
        match self {
            Self::Answer => Command::AnswerTicket,
            Self::Decline => Command::DeclineTicket,
            Self::Classify(_) => Command::ClassifyTicket,
            Self::Plan { .. } => Command::PlanTicket,
            Self::Dispatch { .. } => Command::DispatchTicket,
            Self::Accept => Command::AcceptTicket,
            Self::Return { .. } => Command::ReturnTicket,
            Self::Rule { .. } => Command::RuleOnReturn,
            Self::Feedback { .. } => Command::SubmitFeedback,
            Self::PromiseDate { .. } | Self::DecidePromise { .. } => Command::CarryOverTicket,
            Self::Fire { .. } | Self::RecordManual => Command::EscalateTicket,
            Self::Attempt => Command::RecordContactAttempt,
            Self::Survey { .. } => Command::SubmitSurvey,
            Self::Recheck => Command::RecordRecheck,
            Self::Rework => Command::ReworkTicket,
            Self::Withdraw => Command::WithdrawTicket,
            Self::Merge { .. } => Command::MergeTicket,
            Self::Redact { .. } => Command::RedactTicket,
            Self::UpdateCaller { .. } => Command::UpdateCaller,
            Self::Unmerge { .. } => Command::UnmergeTicket,
            Self::Reinstate => Command::ReinstateTicket,
            Self::Reopen { .. } => Command::ReopenTicket,
            Self::CallRepeat { .. } => Command::RecordRepeatCall,
            Self::Note => Command::AddNote,
            Self::Link => Command::LinkTickets,
            Self::AssignInside => Command::AssignInside,
            Self::AskCompany => Command::AskCompany,
            Self::Supplement => Command::AddSupplement,
            Self::Upload => Command::UploadAttachment,
            Self::Help { .. } => Command::RequestHelp,
        }
    }
}
