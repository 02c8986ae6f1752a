//! The allowed commands in each state, and the roles of each command. The table is ordered by state, while the
//! product's is ordered by command.

use hotline_proto::v1::Role;
use hotline_server::ticket::{Command, State};

/// The allowed commands in a state.
pub(crate) const fn askable(state: State) -> &'static [Command] {
    use Command as C;
    match state {
        State::Received => &[
            C::AnswerTicket,
            C::DeclineTicket,
            C::ClassifyTicket,
            C::DispatchTicket,
            C::EscalateTicket,
            C::WithdrawTicket,
            C::MergeTicket,
            C::RedactTicket,
            C::UpdateCaller,
            C::AddNote,
            C::LinkTickets,
            C::AskCompany,
            C::AddSupplement,
            C::UploadAttachment,
        ],
        State::Planning => &[
            C::ClassifyTicket,
            C::PlanTicket,
            C::DispatchTicket,
            C::EscalateTicket,
            C::WithdrawTicket,
            C::MergeTicket,
            C::RedactTicket,
            C::UpdateCaller,
            C::AddNote,
            C::LinkTickets,
            C::AskCompany,
            C::AddSupplement,
            C::UploadAttachment,
        ],
        State::Dispatched | State::Handling => askable_at_unit(state),
        State::Returned => &[
            C::AnswerTicket,
            C::DeclineTicket,
            C::ClassifyTicket,
            C::DispatchTicket,
            C::RuleOnReturn,
            C::EscalateTicket,
            C::WithdrawTicket,
            C::MergeTicket,
            C::RedactTicket,
            C::UpdateCaller,
            C::AddNote,
            C::LinkTickets,
            C::AskCompany,
            C::AddSupplement,
            C::UploadAttachment,
        ],
        State::Answered | State::Completed | State::Closed => askable_after_work(state),
        State::Declined | State::Withdrawn => {
            &[C::ReinstateTicket, C::UpdateCaller, C::AddNote, C::LinkTickets]
        }
        State::Merged => &[C::UnmergeTicket, C::UpdateCaller, C::AddNote, C::LinkTickets],
    }
}

/// The allowed commands while a unit has the ticket.
const fn askable_at_unit(state: State) -> &'static [Command] {
    use Command as C;
    match state {
        State::Dispatched => &[
            C::ClassifyTicket,
            C::DispatchTicket,
            C::AcceptTicket,
            C::ReturnTicket,
            C::EscalateTicket,
            C::WithdrawTicket,
            C::RedactTicket,
            C::UpdateCaller,
            C::AddNote,
            C::LinkTickets,
            C::AskCompany,
            C::AddSupplement,
            C::UploadAttachment,
            C::AssignInside,
            C::RequestHelp,
        ],
        _ => &[
            C::ClassifyTicket,
            C::DispatchTicket,
            C::SubmitFeedback,
            C::CarryOverTicket,
            C::EscalateTicket,
            C::WithdrawTicket,
            C::RedactTicket,
            C::UpdateCaller,
            C::AddNote,
            C::LinkTickets,
            C::AskCompany,
            C::AddSupplement,
            C::UploadAttachment,
            C::AssignInside,
            C::RequestHelp,
        ],
    }
}

/// The allowed commands after the work of the units.
const fn askable_after_work(state: State) -> &'static [Command] {
    use Command as C;
    match state {
        State::Closed => &[
            C::RecordRecheck,
            C::ReworkTicket,
            C::ReopenTicket,
            C::RecordRepeatCall,
            C::UpdateCaller,
            C::AddNote,
            C::LinkTickets,
        ],
        _ => &[
            C::RecordContactAttempt,
            C::SubmitSurvey,
            C::UploadAttachment,
            C::RecordRepeatCall,
            C::UpdateCaller,
            C::AddNote,
            C::LinkTickets,
        ],
    }
}

/// The roles of a command, from the contract.
pub(crate) const fn roles(command: Command) -> &'static [Role] {
    match command {
        Command::ClassifyTicket => &[Role::Agent, Role::Dispatcher, Role::Supervisor],
        Command::PlanTicket => &[Role::Coordinator],
        Command::DispatchTicket => &[Role::Dispatcher, Role::Coordinator, Role::Supervisor],
        Command::AcceptTicket | Command::ReturnTicket | Command::SubmitFeedback | Command::AssignInside => {
            &[Role::Unit]
        }
        Command::RuleOnReturn => &[Role::Dispatcher],
        Command::CarryOverTicket => &[Role::Unit, Role::Dispatcher],
        Command::EscalateTicket => &[Role::Supervisor],
        Command::UpdateCaller => &[Role::Telephony, Role::Agent],
        Command::AddNote => &[Role::Agent, Role::Dispatcher, Role::Coordinator, Role::Unit, Role::Supervisor],
        Command::AskCompany | Command::UploadAttachment => &[Role::Agent, Role::Unit],
        Command::AddSupplement => &[Role::Telephony, Role::Agent, Role::Unit],
        Command::RequestHelp => &[Role::Unit, Role::Supervisor],
        Command::ReworkTicket
        | Command::UnmergeTicket
        | Command::ReinstateTicket
        | Command::ReopenTicket
        | Command::LinkTickets => &[Role::Agent, Role::Supervisor],
        Command::AnswerTicket
        | Command::DeclineTicket
        | Command::RecordContactAttempt
        | Command::SubmitSurvey
        | Command::RecordRecheck
        | Command::WithdrawTicket
        | Command::MergeTicket
        | Command::RecordRepeatCall
        | Command::RedactTicket => &[Role::Agent],
    }
}
