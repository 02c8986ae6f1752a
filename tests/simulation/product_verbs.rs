//! Turns a command of the simulation into one of the product, for every way of running it.

use hotline_server::closed_loop::Verb;
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::add_note::AddNote;
use hotline_server::closed_loop::add_supplement::AddSupplement;
use hotline_server::closed_loop::answer_ticket::AnswerTicket;
use hotline_server::closed_loop::ask_company::AskCompany;
use hotline_server::closed_loop::assign_inside::AssignInside;
use hotline_server::closed_loop::carry_over_ticket::CarryOverTicket;
use hotline_server::closed_loop::classify_ticket::ClassifyTicket;
use hotline_server::closed_loop::create_ticket::{CreateTicket, NamedCall};
use hotline_server::closed_loop::decline_ticket::DeclineTicket;
use hotline_server::closed_loop::dispatch_ticket::DispatchTicket;
use hotline_server::closed_loop::link_tickets::LinkTickets;
use hotline_server::closed_loop::plan_ticket::PlanTicket;
use hotline_server::closed_loop::record_contact_attempt::RecordContactAttempt;
use hotline_server::closed_loop::record_recheck::RecordRecheck;
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
use hotline_server::closed_loop::upload_attachment::UploadAttachment;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::desk::attachment::Declared;
use hotline_server::desk::attachment::media_type::MediaType;
use hotline_server::desk::knowledge::ArticleKey;
use hotline_server::identity::attachment_keys::StoredFile;
use hotline_server::identity::vault::WrappedKey;
use hotline_server::oversight::escalate_ticket::EscalateTicket;
use hotline_server::ticket::{
    CallerIdentity, CallerUpdate, Channel, ContactMethod, DeclineReason, Resolved, Responsibility,
    ReturnReason, Satisfied, TicketNumber,
};

use crate::command_spec::{Class, CommandSpec, Create};
use crate::in_memory_product::{at, rung};
use crate::roster::Roster;

/// A way to run any command.
pub(crate) trait VerbVisitor {
    /// The outcome of a command.
    type Outcome;

    /// Runs a command.
    fn visit<V: Verb>(self, verb: V) -> Self::Outcome;
}

/// Runs a command on its ticket; `None` for a merge, which changes two tickets and runs separately.
pub(crate) fn visit<W: VerbVisitor>(spec: &CommandSpec, roster: &Roster, visitor: W) -> Option<W::Outcome> {
    let note = String::new;
    let outcome = match spec {
        CommandSpec::Answer => {
            let cited = vec![ArticleKey { article: "article-1".to_owned(), version: 1 }];
            visitor.visit(AnswerTicket { content: note(), cited, unanswered_question: None })
        }
        CommandSpec::Decline => {
            let reason = DeclineReason::Litigation;
            visitor.visit(DeclineTicket { reason, turn_to: note(), note: note() })
        }
        CommandSpec::Classify(class) => visitor.visit(classify(class, roster)),
        CommandSpec::Plan { lead, assist } => {
            let (lead_unit, assist_units) = (roster.code(*lead), roster.codes(assist));
            visitor.visit(PlanTicket { text: note(), lead_unit, assist_units })
        }
        CommandSpec::Dispatch { lead, assist, inform, has_reason } => visitor.visit(DispatchTicket {
            lead_unit: roster.code(*lead),
            assist_units: roster.codes(assist),
            inform_units: roster.codes(inform),
            note: note(),
            reason: if *has_reason { "it moves".to_owned() } else { String::new() },
        }),
        CommandSpec::Accept => visitor.visit(AcceptTicket),
        CommandSpec::Return { proposed } => {
            let reason = ReturnReason::Incomplete;
            let proposed_unit = proposed.map(|unit| roster.code(unit));
            visitor.visit(ReturnTicket { reason, rule: note(), proposed_unit, note: note() })
        }
        CommandSpec::Rule { is_accepted } => {
            visitor.visit(RuleOnReturn { is_accepted: *is_accepted, note: note() })
        }
        CommandSpec::Feedback { replied, has_report } => visitor.visit(feedback(*replied, *has_report)),
        CommandSpec::Merge { .. } | CommandSpec::Unmerge { .. } => return None,
        spec => return visit_late_verb(spec, visitor),
    };
    Some(outcome)
}

/// The second half of the loop: carry-over, supervision, follow-up.
fn visit_late_verb<W: VerbVisitor>(spec: &CommandSpec, visitor: W) -> Option<W::Outcome> {
    let note = String::new;
    let outcome = match spec {
        CommandSpec::PromiseDate { promised, informed } => {
            let (promised_at, informed_at) = (at(*promised), at(*informed));
            visitor.visit(CarryOverTicket::Ask { next_steps: note(), promised_at, informed_at })
        }
        CommandSpec::DecidePromise { is_granted } => {
            visitor.visit(CarryOverTicket::Decide { is_granted: *is_granted, note: note() })
        }
        CommandSpec::Fire { rung: number } => {
            visitor.visit(EscalateTicket::Fire { rung: rung(*number), note: note() })
        }
        CommandSpec::RecordManual => visitor.visit(EscalateTicket::RecordManual { note: note() }),
        CommandSpec::Attempt => visitor.visit(RecordContactAttempt { note: note() }),
        CommandSpec::Survey { is_unresolved, is_dissatisfied } => visitor.visit(SubmitSurvey {
            responded: None,
            resolved: is_unresolved.then_some(Resolved::No),
            satisfied: is_dissatisfied.then_some(Satisfied::Dissatisfied),
            comment: note(),
        }),
        CommandSpec::Recheck => visitor.visit(RecordRecheck {
            responded: None,
            resolved: Some(Resolved::No),
            satisfied: None,
            comment: note(),
        }),
        CommandSpec::Rework => visitor.visit(ReworkTicket { note: note() }),
        CommandSpec::Withdraw => visitor.visit(WithdrawTicket { note: note() }),
        CommandSpec::Reinstate => visitor.visit(ReinstateTicket { note: note() }),
        CommandSpec::Reopen { is_rework } => {
            let purpose = if *is_rework { ReopenPurpose::Rework } else { ReopenPurpose::Survey };
            visitor.visit(ReopenTicket { purpose, note: note() })
        }
        CommandSpec::Redact { is_rewritten } => visitor.visit(RedactTicket {
            subject: None,
            content: is_rewritten.then(|| REWRITTEN.to_owned()),
            note: note(),
            keeps_numbers: false,
        }),
        CommandSpec::UpdateCaller { is_named } => {
            let contact_name = Some(if *is_named { CONTACT } else { STRANGER }.to_owned());
            let given = CallerIdentity { contact_name, ..CallerIdentity::default() };
            visitor.visit(UpdateCaller(CallerUpdate::of_given(given, None)))
        }
        spec => return visit_verb_around(spec, visitor),
    };
    Some(outcome)
}

/// What stands around the work.
fn visit_verb_around<W: VerbVisitor>(spec: &CommandSpec, visitor: W) -> Option<W::Outcome> {
    let text = || "a text".to_owned();
    Some(match spec {
        CommandSpec::Note => visitor.visit(AddNote { note: text() }),
        CommandSpec::Link => {
            let day = chrono::NaiveDate::from_ymd_opt(2000, 1, 1)?;
            let other = TicketNumber::new(day, 1).ok()?;
            visitor.visit(LinkTickets { other, note: String::new() })
        }
        CommandSpec::AssignInside => {
            let (clerk, note) = (Some("clerk-1".to_owned()), String::new());
            visitor.visit(AssignInside { bureau: None, clerk, inner_due_at: None, note })
        }
        CommandSpec::AskCompany => visitor.visit(AskCompany { question: text(), wanted: String::new() }),
        CommandSpec::Supplement => visitor.visit(AddSupplement { content: text() }),
        CommandSpec::Upload => visitor.visit(upload()),
        CommandSpec::Help { is_answer: false } => visitor.visit(RequestHelp::Ask { reason: text() }),
        CommandSpec::Help { is_answer: true } => visitor.visit(RequestHelp::Answer { answer: text() }),
        _ => return None,
    })
}

/// The upload of a file whose bytes nobody reads.
fn upload() -> UploadAttachment {
    let declared = Declared {
        file_name: "a file".to_owned(),
        media_type: MediaType::Text,
        size_bytes: 1,
        sha256: "ab".repeat(32),
        is_without_caller: true,
    };
    let file = Some(StoredFile { name: "1".to_owned(), key: WrappedKey { version: 1, wrapped: vec![1] } });
    UploadAttachment {
        declared,
        request_id: "one".to_owned(),
        file,
        per_ticket_max: usize::MAX,
        is_scanned: true,
    }
}

/// The content of a request, and one with a telephone number. Both name somebody whom nobody knows to be the caller.
const CONTENT: &str = "what 欧阳示例 asks";
const NAMING: &str = "what 欧阳示例 asks, on 13800138000";
/// The content as an agent rewrites it.
const REWRITTEN: &str = "what is asked";
/// The person in the content, and another one.
const CONTACT: &str = "欧阳示例";
const STRANGER: &str = "司马另例";

/// A request as the product's.
pub(crate) fn create(create: &Create, roster: &Roster) -> CreateTicket {
    let class = &create.class;
    CreateTicket {
        category: class.category,
        complexity: class.complexity,
        has_several_units: class.has_several_units,
        topic: None,
        district: None,
        industry: None,
        subject: "a matter".to_owned(),
        content: if create.names_somebody { NAMING.to_owned() } else { CONTENT.to_owned() },
        channel: if create.is_call { Channel::Telephone } else { Channel::Partner },
        source: None,
        call_began_at: create.call_began.map(at),
        named_call: NamedCall::default(),
        chosen_confidential: create.chosen_confidential,
        accused_units: roster.codes(&class.accused),
        follows: None,
        identity: CallerIdentity::default(),
    }
}

fn classify(class: &Class, roster: &Roster) -> ClassifyTicket {
    let responsibility =
        if class.is_overlapping { Responsibility::Overlapping } else { Responsibility::Clear };
    ClassifyTicket {
        category: class.category,
        complexity: class.complexity,
        has_several_units: class.has_several_units,
        responsibility,
        topic: None,
        district: None,
        accused_units: roster.codes(&class.accused),
        note: if class.has_note { "a reason".to_owned() } else { String::new() },
    }
}

fn feedback(replied: Option<i64>, has_report: bool) -> SubmitFeedback {
    let note = String::new;
    SubmitFeedback {
        caller_reply: replied.map(|replied| Reply {
            replied_at: at(replied),
            method: ContactMethod::Telephone,
            official: note(),
            content: note(),
        }),
        hotline_report: has_report.then(|| Report { actions: note(), result: note(), evidence: Vec::new() }),
    }
}
