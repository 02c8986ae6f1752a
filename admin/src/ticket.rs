//! `hotline ticket`: the loop of a request, from intake to the survey.

mod around;
mod attachment;
mod create;
mod dispatch_advice;
mod follow_up;
mod handling;
mod identity;
mod intake;
mod progress;
mod reads;
mod transfer;
mod undo;

use crate::verbs::verbs;

verbs! {
    /// Takes a request in.
    Create = create::Create, calls "CreateTicket";
    /// Prints a ticket.
    Show = reads::Show, calls "GetTicket";
    /// Lists the tickets that the caller may see.
    List = reads::List, calls "ListTickets";
    /// Finds tickets by words of their subject and content, the best first.
    Search = reads::Search, calls "SearchTickets";
    /// Lists the events of a ticket, the oldest first.
    Events = reads::Events, calls "ListTicketEvents";
    /// Explains the limit of a ticket, line by line.
    Explain = reads::Explain, calls "ExplainDeadline";
    /// Prints where a ticket is, as its company may know it. For agents, and for telephony with the code.
    Progress = progress::Progress, calls "GetProgress";
    /// Lists the messages to the company of a ticket, the oldest first.
    Messages = crate::message::List, calls "ListMessages";
    /// Lists what the caller's unit took in at its own counter.
    OwnIntakes = reads::OwnIntakes, calls "ListOwnIntakes";
    /// Lists what waits for dispatch, with the advice of units on duty.
    Awaiting = dispatch_advice::Awaiting, calls "ListAwaitingDispatch";
    /// Says before a dispatch whether the caller's unit is responsible. For units on duty.
    Advise = dispatch_advice::Advise, calls "AdviseDispatch";
    /// Says how often the advice of units was followed, and right, in a month.
    AdviceQuality = dispatch_advice::Quality, calls "GetAdviceQuality";
    /// Answers a consultation on the spot, citing articles. For agents.
    Answer = intake::Answer, calls "AnswerTicket";
    /// Declines a request and says where to turn instead. For agents.
    Decline = intake::Decline, calls "DeclineTicket";
    /// Classifies a ticket; the limit is counted again from intake. For agents and dispatchers.
    Classify = intake::Classify, calls "ClassifyTicket";
    /// Records that the company withdraws its request. For agents.
    Withdraw = intake::Withdraw, calls "WithdrawTicket";
    /// Links a repeat to the open ticket of the same matter. For agents.
    Merge = intake::Merge, calls "MergeTicket";
    /// Replaces the texts that units read. For agents.
    Redact = intake::Redact, calls "RedactTicket";
    /// Plans the handling where responsibilities overlap. For coordinators.
    Plan = handling::Plan, calls "PlanTicket";
    /// Sends a ticket to a lead unit. For dispatchers, coordinators and supervisors.
    Dispatch = handling::Dispatch, calls "DispatchTicket";
    /// Signs for a ticket. For its lead unit.
    Accept = handling::Accept, calls "AcceptTicket";
    /// Returns a ticket with a reason. For its lead unit.
    Return = handling::Return, calls "ReturnTicket";
    /// Rules on a return. For dispatchers.
    Rule = handling::Rule, calls "RuleOnReturn";
    /// Submits the reply to the company, the report to the hotline, or both. For units.
    Feedback = handling::Feedback, calls "SubmitFeedback";
    /// Asks to carry a ticket over to a promised date, or decides on it. For its lead unit, and for dispatchers.
    CarryOver = handling::CarryOver, calls "CarryOverTicket";
    /// Urges, supervises, or records what was done by hand. For supervisors.
    Escalate = follow_up::Escalate, calls "EscalateTicket";
    /// Records a follow-up call that reached nobody. For agents.
    Contact = follow_up::Contact, calls "RecordContactAttempt";
    /// Records the answers of the company in the follow-up call. For agents.
    Survey = follow_up::Survey, calls "SubmitSurvey";
    /// Records the answers of the company in a second call, beside the survey. For another agent.
    Recheck = follow_up::Recheck, calls "RecordRecheck";
    /// Sends a ticket back after a bad survey. For agents and supervisors.
    Rework = follow_up::Rework, calls "ReworkTicket";
    /// Adds a note that only the caller's own side reads. For staff and units.
    Note = around::Note, calls "AddNote";
    /// Assigns tickets inside the caller's unit, to a clerk or a bureau. For units.
    Assign = around::Assign, calls "AssignInside";
    /// Records that the company was asked for more material. For agents and the lead unit.
    Ask = around::Ask, calls "AskCompany";
    /// Adds what the company brought later. For agents, units, and telephony for its call.
    Supplement = around::Supplement, calls "AddSupplement";
    /// Adds a file to a ticket. For agents, lead and assisting units.
    Attach = attachment::Attach, calls "UploadAttachment";
    /// Reads an attachment into a file. For staff and units.
    Attachment = attachment::Read, calls "GetAttachment";
    /// Asks the supervisor for help, or answers. For the lead unit, and for supervisors.
    AskHelp = around::AskHelp, calls "RequestHelp";
    /// Links two tickets that are about the same cause. For agents and supervisors.
    Link = around::Link, calls "LinkTickets";
    /// Records a call to the company behind a merged repeat. For agents.
    Repeat = undo::RecordRepeat, calls "RecordRepeatCall";
    /// Undoes a merge. For agents and supervisors.
    Unmerge = undo::Unmerge, calls "UnmergeTicket";
    /// Undoes a withdrawal or a refusal. For agents and supervisors.
    Reinstate = undo::Reinstate, calls "ReinstateTicket";
    /// Opens a closed ticket again. For agents and supervisors.
    Reopen = undo::Reopen, calls "ReopenTicket";
    /// Completes or corrects who called. For agents, and telephony for its call.
    UpdateCaller = identity::UpdateCaller, calls "UpdateCaller";
    /// Reveals who called, for a purpose. It is recorded. For agents and supervisors.
    Reveal = identity::Reveal, calls "RevealIdentity";
    /// Approves that somebody else reveals who called. For supervisors.
    ApproveReveal = identity::ApproveReveal, calls "ApproveReveal";
    /// Moves all open work of a unit. For supervisors and administrators.
    Transfer = transfer::Transfer, calls "TransferTickets";
    /// Prints how far a transfer is.
    TransferStatus = transfer::Status, calls "GetTransfer";
}
