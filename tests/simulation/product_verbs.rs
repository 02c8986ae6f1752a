//! An ask as the product's command: written once, whichever way the command then takes to its ticket.

use hotline_server::closed_loop::Verb;
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::answer_ticket::AnswerTicket;
use hotline_server::closed_loop::carry_over_ticket::CarryOverTicket;
use hotline_server::closed_loop::classify_ticket::ClassifyTicket;
use hotline_server::closed_loop::create_ticket::CreateTicket;
use hotline_server::closed_loop::decline_ticket::DeclineTicket;
use hotline_server::closed_loop::dispatch_ticket::DispatchTicket;
use hotline_server::closed_loop::plan_ticket::PlanTicket;
use hotline_server::closed_loop::record_contact_attempt::RecordContactAttempt;
use hotline_server::closed_loop::redact_ticket::RedactTicket;
use hotline_server::closed_loop::return_ticket::ReturnTicket;
use hotline_server::closed_loop::rework_ticket::ReworkTicket;
use hotline_server::closed_loop::rule_on_return::RuleOnReturn;
use hotline_server::closed_loop::submit_feedback::{Reply, Report, SubmitFeedback};
use hotline_server::closed_loop::submit_survey::SubmitSurvey;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::oversight::escalate_ticket::EscalateTicket;
use hotline_server::ticket::{
    ArticleCitation, CallerIdentity, Channel, ContactMethod, DeclineReason, Resolved, Responsibility,
    ReturnReason, Satisfied,
};

use crate::command_spec::{Ask, Class, Create};
use crate::in_memory_product::{at, rung};
use crate::roster::Roster;

/// A way to a ticket, for any command.
pub(crate) trait Way {
    /// What comes of a command.
    type Outcome;

    /// Takes a command there.
    fn take<V: Verb>(self, verb: V) -> Self::Outcome;
}

/// Takes an ask to its ticket; `None` for merging, which changes two tickets and has a way of its own.
pub(crate) fn take<W: Way>(ask: &Ask, roster: &Roster, way: W) -> Option<W::Outcome> {
    let note = String::new;
    let outcome = match ask {
        Ask::Answer => {
            let articles = vec![ArticleCitation { article: "article-1".to_owned(), version: 1 }];
            way.take(AnswerTicket { content: note(), articles })
        }
        Ask::Decline => {
            let reason = DeclineReason::Litigation;
            way.take(DeclineTicket { reason, turn_to: note(), note: note() })
        }
        Ask::Classify(class) => way.take(classify(class, roster)),
        Ask::Plan { lead, assist } => {
            let (lead_unit, assist_units) = (roster.code(*lead), roster.codes(assist));
            way.take(PlanTicket { text: note(), lead_unit, assist_units })
        }
        Ask::Dispatch { lead, assist, inform } => way.take(DispatchTicket {
            lead_unit: roster.code(*lead),
            assist_units: roster.codes(assist),
            inform_units: roster.codes(inform),
            note: note(),
        }),
        Ask::Accept => way.take(AcceptTicket),
        Ask::Return { proposed } => {
            let reason = ReturnReason::Incomplete;
            let proposed_unit = proposed.map(|unit| roster.code(unit));
            way.take(ReturnTicket { reason, rule: note(), proposed_unit, note: note() })
        }
        Ask::Rule { is_accepted } => way.take(RuleOnReturn { is_accepted: *is_accepted, note: note() }),
        Ask::Feedback { replied, has_report } => way.take(feedback(*replied, *has_report)),
        Ask::Merge { .. } => return None,
        ask => return take_late(ask, way),
    };
    Some(outcome)
}

/// The second half of the loop: carry-over, supervision, follow-up.
fn take_late<W: Way>(ask: &Ask, way: W) -> Option<W::Outcome> {
    let note = String::new;
    let outcome = match ask {
        Ask::PromiseDate { promised, told } => {
            let (promised_at, told_at) = (at(*promised), at(*told));
            way.take(CarryOverTicket::Ask { next_steps: note(), promised_at, told_at })
        }
        Ask::DecidePromise { is_granted } => {
            way.take(CarryOverTicket::Decide { is_granted: *is_granted, note: note() })
        }
        Ask::Fire { rung: number } => way.take(EscalateTicket::Fire { rung: rung(*number), note: note() }),
        Ask::RecordManual => way.take(EscalateTicket::RecordManual { note: note() }),
        Ask::Attempt => way.take(RecordContactAttempt { note: note() }),
        Ask::Survey { is_unresolved, is_dissatisfied } => way.take(SubmitSurvey {
            responded: None,
            resolved: is_unresolved.then_some(Resolved::No),
            satisfied: is_dissatisfied.then_some(Satisfied::Dissatisfied),
            comment: note(),
        }),
        Ask::Rework => way.take(ReworkTicket { note: note() }),
        Ask::Withdraw => way.take(WithdrawTicket { note: note() }),
        Ask::Redact { is_rewritten } => way.take(RedactTicket {
            subject: None,
            content: is_rewritten.then(|| CONTENT.to_owned()),
            note: note(),
            keeps_numbers: false,
        }),
        _ => return None,
    };
    Some(outcome)
}

/// What a request says, and what one says that names a telephone number.
const CONTENT: &str = "what is asked";
const NAMING: &str = "what is asked by 13800138000";

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
        chosen_confidential: create.chosen_confidential,
        accused_units: roster.codes(&class.accused),
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
