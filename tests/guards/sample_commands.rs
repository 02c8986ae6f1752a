//! Sample commands: at least one valid command of every kind, and sequences of commands that bring a ticket into every
//! state.

use chrono::TimeDelta;
use hotline_proto::v1::Role;
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::add_note::AddNote;
use hotline_server::closed_loop::add_supplement::AddSupplement;
use hotline_server::closed_loop::answer_ticket::AnswerTicket;
use hotline_server::closed_loop::ask_company::AskCompany;
use hotline_server::closed_loop::assign_inside::AssignInside;
use hotline_server::closed_loop::carry_over_ticket::CarryOverTicket;
use hotline_server::closed_loop::classify_ticket::ClassifyTicket;
use hotline_server::closed_loop::decline_ticket::DeclineTicket;
use hotline_server::closed_loop::dispatch_ticket::DispatchTicket;
use hotline_server::closed_loop::link_tickets::LinkTickets;
use hotline_server::closed_loop::plan_ticket::PlanTicket;
use hotline_server::closed_loop::record_contact_attempt::RecordContactAttempt;
use hotline_server::closed_loop::record_recheck::RecordRecheck;
use hotline_server::closed_loop::record_repeat_call::RecordRepeatCall;
use hotline_server::closed_loop::redact_ticket::RedactTicket;
use hotline_server::closed_loop::reinstate_ticket::ReinstateTicket;
use hotline_server::closed_loop::reopen_ticket::{ReopenPurpose, ReopenTicket};
use hotline_server::closed_loop::request_help::RequestHelp;
use hotline_server::closed_loop::return_ticket::ReturnTicket;
use hotline_server::closed_loop::rework_ticket::ReworkTicket;
use hotline_server::closed_loop::rule_on_return::RuleOnReturn;
use hotline_server::closed_loop::submit_feedback::{Reply, Report, SubmitFeedback};
use hotline_server::closed_loop::submit_survey::SubmitSurvey;
use hotline_server::closed_loop::update_caller::UpdateCaller;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::desk::knowledge::ArticleKey;
use hotline_server::oversight::escalate_ticket::EscalateTicket;
use hotline_server::ticket::{
    CallerIdentity, CallerUpdate, Category, Complexity, ContactMethod, DeclineReason, Instant, Resolved,
    Responded, Responsibility, ReturnReason, Rung, Satisfied, UnitCode,
};

use super::sample_upload::upload_sample;
use super::state_explorer::{ASSIST, INFORM, LEAD, SampleCaller, SampleCommand, number};

const AGENT: SampleCaller = SampleCaller(Role::Agent, None);
const DISPATCHER: SampleCaller = SampleCaller(Role::Dispatcher, None);
const COORDINATOR: SampleCaller = SampleCaller(Role::Coordinator, None);
const SUPERVISOR: SampleCaller = SampleCaller(Role::Supervisor, None);
const LEAD_UNIT: SampleCaller = SampleCaller(Role::Unit, Some(LEAD));
const ASSISTING_UNIT: SampleCaller = SampleCaller(Role::Unit, Some(ASSIST));

/// In a sequence: another ticket is merged into this one.
pub(crate) const REPEAT_LINKED: &str = "stand for a repeat";

/// A sequence: what is special about the resulting ticket, its category at intake, and the labels of the commands.
type TicketPath = (&'static str, Category, &'static [&'static str]);

/// Sequences into every state, in the order of the contract.
pub(crate) const TICKET_PATHS: &[TicketPath] = &[
    ("an appeal", Category::Appeal, &[]),
    ("a general consultation", Category::Consultation, &[]),
    ("declined", Category::Appeal, &["decline"]),
    ("follow-up due", Category::Consultation, &["answer on the spot"]),
    ("without a plan", Category::Appeal, &["classify as overlapping"]),
    ("with a plan", Category::Appeal, &["classify as overlapping", "write a plan"]),
    ("not signed for", Category::Appeal, &["dispatch"]),
    ("signed for", Category::Appeal, &["dispatch", "sign for it"]),
    ("replied to the company", Category::Appeal, &["dispatch", "sign for it", "reply to the company"]),
    ("help requested", Category::Appeal, &["dispatch", "sign for it", "ask for help"]),
    ("carry-over asked", Category::Appeal, &["dispatch", "sign for it", "ask to carry over"]),
    ("in manual supervision", Category::Appeal, &["dispatch", "sign for it", "take into manual supervision"]),
    ("ruling due", Category::Appeal, &["dispatch", "return it"]),
    ("return accepted", Category::Appeal, &["dispatch", "return it", "accept the return"]),
    (
        "to be answered after a return",
        Category::Appeal,
        &["dispatch", "return it", "accept the return", "classify as a general consultation"],
    ),
    ("nobody called yet", Category::Appeal, &["dispatch", "sign for it", "reply and report"]),
    (
        "one attempt left",
        Category::Appeal,
        &["dispatch", "sign for it", "reply and report", "reach nobody", "reach nobody"],
    ),
    ("satisfied", Category::Appeal, &["dispatch", "sign for it", "reply and report", "survey: satisfied"]),
    (
        "dissatisfied",
        Category::Appeal,
        &["dispatch", "sign for it", "reply and report", "survey: dissatisfied"],
    ),
    (
        "with a company to call",
        Category::Appeal,
        &["dispatch", "sign for it", REPEAT_LINKED, "reply and report"],
    ),
    ("answered, with a company to call", Category::Consultation, &[REPEAT_LINKED, "answer on the spot"]),
    (
        "closed, with a company to call",
        Category::Appeal,
        &["dispatch", "sign for it", REPEAT_LINKED, "reply and report", "survey: satisfied"],
    ),
    (
        "nobody was reached",
        Category::Appeal,
        &["dispatch", "sign for it", "reply and report", "reach nobody", "reach nobody", "reach nobody"],
    ),
    ("dissatisfied with an answer", Category::Consultation, &["answer on the spot", "survey: dissatisfied"]),
    (
        "nobody was reached about an answer",
        Category::Consultation,
        &["answer on the spot", "reach nobody", "reach nobody", "reach nobody"],
    ),
    ("withdrawn", Category::Appeal, &["withdraw"]),
    ("withdrawn from planning", Category::Appeal, &["classify as overlapping", "withdraw"]),
    ("withdrawn from its unit", Category::Appeal, &["dispatch", "withdraw"]),
    ("withdrawn from handling", Category::Appeal, &["dispatch", "sign for it", "withdraw"]),
    ("withdrawn after a return", Category::Appeal, &["dispatch", "return it", "withdraw"]),
    ("merged", Category::Appeal, &["merge"]),
    ("merged from planning", Category::Appeal, &["classify as overlapping", "merge"]),
    ("merged after a return", Category::Appeal, &["dispatch", "return it", "accept the return", "merge"]),
    ("declined after a return", Category::Appeal, &["dispatch", "return it", "accept the return", "decline"]),
];

/// Every sample, in the order of the commands.
pub(crate) fn every() -> Vec<SampleCommand> {
    [intake(), dispatch(), handling(), follow_up(), around()].into_iter().flatten().collect()
}

fn unit(code: &str) -> UnitCode {
    UnitCode(code.to_owned())
}

fn note() -> String {
    "经电话核实".to_owned()
}

fn intake() -> Vec<SampleCommand> {
    vec![
        SampleCommand::of("answer on the spot", AGENT, |_, _| AnswerTicket {
            content: note(),
            cited: vec![ArticleKey { article: "licence".to_owned(), version: 3 }],
            unanswered_question: None,
        }),
        SampleCommand::of("decline", AGENT, |_, _| DeclineTicket {
            reason: DeclineReason::Litigation,
            turn_to: note(),
            note: note(),
        }),
        SampleCommand::of("classify as complex", AGENT, |_, _| {
            classify(Category::Appeal, Responsibility::Clear)
        }),
        SampleCommand::of("classify as a general consultation", AGENT, |_, _| ClassifyTicket {
            complexity: Complexity::General,
            ..classify(Category::Consultation, Responsibility::Clear)
        }),
        SampleCommand::of("classify as overlapping", AGENT, |_, _| {
            classify(Category::Appeal, Responsibility::Overlapping)
        }),
        SampleCommand::of("classify as a complaint about the lead", DISPATCHER, |_, _| ClassifyTicket {
            accused_units: vec![unit(LEAD)],
            ..classify(Category::ComplaintReport, Responsibility::Clear)
        }),
        SampleCommand::of("write a plan", COORDINATOR, |_, _| PlanTicket {
            text: note(),
            lead_unit: unit(LEAD),
            assist_units: vec![unit(ASSIST)],
        }),
    ]
}

fn classify(category: Category, responsibility: Responsibility) -> ClassifyTicket {
    ClassifyTicket {
        category,
        complexity: Complexity::Complex,
        has_several_units: false,
        responsibility,
        topic: None,
        district: None,
        accused_units: Vec::new(),
        note: String::new(),
    }
}

fn dispatch() -> Vec<SampleCommand> {
    vec![
        SampleCommand::of("dispatch", DISPATCHER, |_, _| DispatchTicket {
            lead_unit: unit(LEAD),
            assist_units: vec![unit(ASSIST)],
            inform_units: vec![unit(INFORM)],
            note: note(),
            reason: note(),
        }),
        SampleCommand::of("sign for it", LEAD_UNIT, |_, _| AcceptTicket),
        SampleCommand::of("return it", LEAD_UNIT, |_, _| ReturnTicket {
            reason: ReturnReason::NotOurDuty,
            rule: note(),
            proposed_unit: Some(unit(ASSIST)),
            note: note(),
        }),
        SampleCommand::of("accept the return", DISPATCHER, |_, _| RuleOnReturn {
            is_accepted: true,
            note: note(),
        }),
        SampleCommand::of("refuse the return", DISPATCHER, |_, _| RuleOnReturn {
            is_accepted: false,
            note: note(),
        }),
    ]
}

fn reply(now: Instant) -> Reply {
    Reply {
        replied_at: now, method: ContactMethod::Telephone, official: "王工".to_owned(), content: note()
    }
}

fn report() -> Report {
    Report { actions: note(), result: note(), evidence: Vec::new() }
}

fn handling() -> Vec<SampleCommand> {
    vec![
        SampleCommand::of("reply to the company", LEAD_UNIT, |_, now| SubmitFeedback {
            caller_reply: Some(reply(now)),
            hotline_report: None,
        }),
        SampleCommand::of("report to the hotline", LEAD_UNIT, |_, _| SubmitFeedback {
            caller_reply: None,
            hotline_report: Some(report()),
        }),
        SampleCommand::of("reply and report", LEAD_UNIT, |_, now| SubmitFeedback {
            caller_reply: Some(reply(now)),
            hotline_report: Some(report()),
        }),
        SampleCommand::of("report to the lead", ASSISTING_UNIT, |_, _| SubmitFeedback {
            caller_reply: None,
            hotline_report: Some(report()),
        }),
        SampleCommand::of("ask to carry over", LEAD_UNIT, |ticket, now| CarryOverTicket::Ask {
            next_steps: note(),
            promised_at: ticket.cycle.deadline.due_at + TimeDelta::days(30),
            informed_at: now,
        }),
        SampleCommand::of("grant the carry-over", DISPATCHER, |_, _| CarryOverTicket::Decide {
            is_granted: true,
            note: note(),
        }),
        SampleCommand::of("refuse the carry-over", DISPATCHER, |_, _| CarryOverTicket::Decide {
            is_granted: false,
            note: note(),
        }),
        SampleCommand::of("urge", SUPERVISOR, |_, _| EscalateTicket::Fire {
            rung: Rung::Urged,
            note: note(),
        }),
        SampleCommand::of("take into manual supervision", SUPERVISOR, |_, _| EscalateTicket::Fire {
            rung: Rung::Manual,
            note: note(),
        }),
        SampleCommand::of("record manual supervision", SUPERVISOR, |_, _| EscalateTicket::RecordManual {
            note: note(),
        }),
    ]
}

fn follow_up() -> Vec<SampleCommand> {
    vec![
        SampleCommand::of("reach nobody", AGENT, |_, _| RecordContactAttempt { note: note() }),
        SampleCommand::of("survey: satisfied", AGENT, |_, _| SubmitSurvey {
            responded: Some(Responded::Yes),
            resolved: Some(Resolved::Yes),
            satisfied: Some(Satisfied::Satisfied),
            comment: note(),
        }),
        SampleCommand::of("survey: dissatisfied", AGENT, |_, _| SubmitSurvey {
            responded: Some(Responded::Yes),
            resolved: Some(Resolved::Partly),
            satisfied: Some(Satisfied::Dissatisfied),
            comment: note(),
        }),
        SampleCommand::of("call again", AGENT, |_, _| RecordRecheck {
            responded: None,
            resolved: Some(Resolved::No),
            satisfied: None,
            comment: note(),
        }),
        SampleCommand::of("rework", SUPERVISOR, |_, _| ReworkTicket { note: note() }),
        SampleCommand::of("withdraw", AGENT, |_, _| WithdrawTicket { note: note() }),
        SampleCommand::merge("merge"),
        SampleCommand::unmerge("undo the merge", AGENT),
        SampleCommand::of("take it back", AGENT, |_, _| ReinstateTicket { note: note() }),
        SampleCommand::of("open again for the survey", AGENT, |_, _| ReopenTicket {
            purpose: ReopenPurpose::Survey,
            note: note(),
        }),
        SampleCommand::of("open again for rework", SUPERVISOR, |_, _| ReopenTicket {
            purpose: ReopenPurpose::Rework,
            note: note(),
        }),
        SampleCommand::of("call a repeat's company", AGENT, |_, _| RecordRepeatCall {
            repeat: number(2),
            is_reached: true,
            note: note(),
        }),
        SampleCommand::of("work on the texts", AGENT, |_, _| RedactTicket {
            subject: None,
            content: Some(note()),
            note: note(),
            keeps_numbers: false,
        }),
        SampleCommand::of("name the caller", AGENT, |_, _| {
            let contact_name = Some("欧阳示例".to_owned());
            let given = CallerIdentity { contact_name, ..CallerIdentity::default() };
            UpdateCaller(CallerUpdate::of_given(given, None))
        }),
    ]
}

fn around() -> Vec<SampleCommand> {
    vec![
        SampleCommand::of("add a note", AGENT, |_, _| AddNote { note: note() }),
        SampleCommand::of("link it", AGENT, |_, _| LinkTickets { other: number(3), note: note() }),
        SampleCommand::of("assign it inside", LEAD_UNIT, |_, _| AssignInside {
            bureau: Some(note()),
            clerk: None,
            inner_due_at: None,
            note: String::new(),
        }),
        SampleCommand::of("ask the company", AGENT, |_, _| AskCompany { question: note(), wanted: note() }),
        SampleCommand::of("add a supplement", AGENT, |_, _| AddSupplement { content: note() }),
        SampleCommand::of("upload a file", AGENT, |_, _| upload_sample()),
        SampleCommand::of("ask for help", LEAD_UNIT, |_, _| RequestHelp::Ask { reason: note() }),
        SampleCommand::of("answer for help", SUPERVISOR, |_, _| RequestHelp::Answer { answer: note() }),
    ]
}
