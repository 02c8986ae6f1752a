//! Requests of the ticket service, field by field, into commands. Limits are those that the contract documents.

use hotline_proto::v1 as pb;
use hotline_proto::v1::Role;

use super::fields::{Fields, Lines};
use super::wire::Wire as _;
use crate::access::Permit;
use crate::closed_loop::accept_ticket::AcceptTicket;
use crate::closed_loop::answer_ticket::AnswerTicket;
use crate::closed_loop::carry_over_ticket::CarryOverTicket;
use crate::closed_loop::classify_ticket::ClassifyTicket;
use crate::closed_loop::create_ticket::CreateTicket;
use crate::closed_loop::decline_ticket::DeclineTicket;
use crate::closed_loop::dispatch_ticket::DispatchTicket;
use crate::closed_loop::merge_ticket::MergeTicket;
use crate::closed_loop::plan_ticket::PlanTicket;
use crate::closed_loop::record_contact_attempt::RecordContactAttempt;
use crate::closed_loop::redact_ticket::RedactTicket;
use crate::closed_loop::return_ticket::ReturnTicket;
use crate::closed_loop::rework_ticket::ReworkTicket;
use crate::closed_loop::rule_on_return::RuleOnReturn;
use crate::closed_loop::submit_feedback::{Reply, Report, SubmitFeedback};
use crate::closed_loop::submit_survey::SubmitSurvey;
use crate::closed_loop::withdraw_ticket::WithdrawTicket;
use crate::desk::free_text::without_names;
use crate::oversight::escalate_ticket::EscalateTicket;
use crate::ticket::{
    ArticleCitation, CallerIdentity, Category, Channel, Complexity, ContactMethod, DeclineReason,
    Responsibility, ReturnReason, Rung, Source, UnitCode, pii,
};

/// The longest one-line text: a subject, a company's name.
const LINE_CHARS_MAX: usize = 200;
/// The longest text: a content, a reply, a plan.
const TEXT_CHARS_MAX: usize = 10_000;
/// The longest note.
const NOTE_CHARS_MAX: usize = 2_000;
/// The longest short note: a rule relied on, a piece of evidence.
const SHORT_NOTE_CHARS_MAX: usize = 500;
/// The longest name of a person, an industry, an article.
const NAME_CHARS_MAX: usize = 64;
/// Units named in one list.
const UNITS_MAX: usize = 20;
/// Units complained about in one request.
const ACCUSED_MAX: usize = 10;
/// Articles and pieces of evidence in one list.
const ITEMS_MAX: usize = 20;
/// The longest reference of a source.
const REFERENCE_CHARS_MAX: usize = 128;

pub(super) fn create_ticket(
    request: &pb::CreateTicketRequest,
    permit: &Permit,
    fields: &mut Fields,
) -> CreateTicket {
    // The fallbacks are those that ask for no other field: a wrong choice is one wrong field, not two.
    let category = fields.choice("category", request.category, Category::ComplaintReport);
    let channel = fields.choice("channel", request.channel, Channel::Web);
    if Channel::of(request.channel).is_some() {
        check_channel(channel, permit, fields);
    }
    let source = source(request.source.as_ref(), permit, fields);
    let call_began_at = fields.past_time("call_start_time", request.call_start_time.as_ref());
    if channel == Channel::Telephone && request.call_start_time.is_none() {
        fields.wrong("call_start_time", "is required for a call");
    }
    let create = CreateTicket {
        category,
        complexity: fields.choice("complexity", request.complexity, Complexity::General),
        has_several_units: request.several_units,
        topic: fields.topic("topic", &request.topic),
        district: fields.district("district", &request.district),
        industry: fields.optional("industry", &request.industry, NAME_CHARS_MAX),
        subject: fields.text("subject", &request.subject, 1..=LINE_CHARS_MAX, Lines::One),
        content: fields.text("content", &request.content, 1..=TEXT_CHARS_MAX, Lines::Many),
        channel,
        source,
        call_began_at,
        chosen_confidential: request.confidential,
        accused_units: accused(category, &request.accused_units, fields),
        identity: identity(request, fields),
    };
    check_topic(create.topic.as_deref(), &create.identity, fields);
    create
}

/// A topic is a code of the tree, and neither a number nor the caller's code. Names are not looked for: a short one in Latin
/// letters can be a part of a topic by chance.
fn check_topic(topic: Option<&str>, identity: &CallerIdentity, fields: &mut Fields) {
    let numbers = without_names(identity);
    if topic.is_some_and(|topic| !pii::find(topic, &numbers).is_empty()) {
        fields.wrong("topic", "is a code of the topic tree, and nobody's number");
    }
}

/// The channel of a caller's own: telephony takes calls in, a unit what reaches it itself.
fn own_channel(permit: &Permit) -> Channel {
    if permit.has(Role::Telephony) { Channel::Telephone } else { Channel::Partner }
}

/// Staff take in what reaches them by any channel, everybody else by their own.
fn check_channel(channel: Channel, permit: &Permit, fields: &mut Fields) {
    if !permit.has(Role::Agent) && channel != own_channel(permit) {
        fields.wrong("channel", "telephony creates TELEPHONE, a unit creates PARTNER");
    }
}

fn source(source: Option<&pb::Source>, permit: &Permit, fields: &mut Fields) -> Option<Source> {
    let Some(source) = source else {
        if permit.has(Role::Telephony) && !permit.has(Role::Agent) {
            fields.wrong("source", "is required for telephony: the switch and its call id");
        }
        return None;
    };
    let is_system = (1..=NAME_CHARS_MAX).contains(&source.system.len())
        && source.system.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if !is_system {
        fields.wrong("source.system", "has 1 to 64 characters of [A-Za-z0-9._-]");
    }
    let is_reference = (1..=REFERENCE_CHARS_MAX).contains(&source.reference.len())
        && source.reference.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_reference {
        fields.wrong("source.reference", "has 1 to 128 visible ASCII characters");
    }
    Some(Source {
        owner: permit.unit().cloned(),
        system: source.system.clone(),
        reference: source.reference.clone(),
    })
}

fn identity(request: &pb::CreateTicketRequest, fields: &mut Fields) -> CallerIdentity {
    let mut identity = CallerIdentity::default();
    if let Some(enterprise) = &request.enterprise {
        identity.enterprise_name = fields.optional("enterprise.name", &enterprise.name, LINE_CHARS_MAX);
        identity.social_credit_code =
            fields.credit_code("enterprise.social_credit_code", &enterprise.social_credit_code);
    }
    if let Some(contact) = &request.contact {
        identity.contact_name = fields.optional("contact.name", &contact.name, NAME_CHARS_MAX);
        identity.contact_phone = fields.phone("contact.phone", &contact.phone);
    }
    identity
}

fn accused(category: Category, values: &[String], fields: &mut Fields) -> Vec<UnitCode> {
    if category != Category::ComplaintReport && !values.is_empty() {
        fields.wrong("accused_units", "are for complaint-reports only");
    }
    let units = fields.units("accused_units", values, ACCUSED_MAX);
    fields.distinct(units.iter().enumerate().map(|(place, unit)| (format!("accused_units[{place}]"), unit)));
    units
}

pub(super) fn accept_ticket(_: &pb::AcceptTicketRequest, _: &mut Fields) -> AcceptTicket {
    AcceptTicket
}

pub(super) fn merge_ticket(request: &pb::MergeTicketRequest, fields: &mut Fields) -> MergeTicket {
    MergeTicket { into: fields.number("into_ticket_number", &request.into_ticket_number) }
}

pub(super) fn answer_ticket(request: &pb::AnswerTicketRequest, fields: &mut Fields) -> AnswerTicket {
    let content = fields.text("content", &request.content, 1..=TEXT_CHARS_MAX, Lines::Many);
    if !(1..=ITEMS_MAX).contains(&request.articles.len()) {
        fields.wrong("articles", format!("cites 1 to {ITEMS_MAX} articles"));
        return AnswerTicket { content, articles: Vec::new() };
    }
    let articles = request.articles.iter().enumerate().map(|(place, cited)| {
        if cited.version < 1 {
            fields.wrong(format!("articles[{place}].version"), "is 1 or more");
        }
        let field = format!("articles[{place}].article");
        let article = fields.text(field, &cited.article, 1..=NAME_CHARS_MAX, Lines::One);
        ArticleCitation { article, version: cited.version }
    });
    AnswerTicket { articles: articles.collect(), content }
}

pub(super) fn decline_ticket(request: &pb::DeclineTicketRequest, fields: &mut Fields) -> DeclineTicket {
    DeclineTicket {
        reason: fields.choice("reason", request.reason, DeclineReason::Litigation),
        turn_to: fields.text("turn_to", &request.turn_to, 1..=NOTE_CHARS_MAX, Lines::Many),
        note: fields.text("note", &request.note, 0..=NOTE_CHARS_MAX, Lines::Many),
    }
}

pub(super) fn classify_ticket(request: &pb::ClassifyTicketRequest, fields: &mut Fields) -> ClassifyTicket {
    let category = fields.choice("category", request.category, Category::ComplaintReport);
    ClassifyTicket {
        category,
        complexity: fields.choice("complexity", request.complexity, Complexity::General),
        has_several_units: request.several_units,
        responsibility: fields
            .optional_choice("responsibility", request.responsibility)
            .unwrap_or(Responsibility::Clear),
        topic: fields.topic("topic", &request.topic),
        district: fields.district("district", &request.district),
        accused_units: accused(category, &request.accused_units, fields),
    }
}

pub(super) fn plan_ticket(request: &pb::PlanTicketRequest, fields: &mut Fields) -> PlanTicket {
    let lead_unit = fields.unit("lead_unit", &request.lead_unit);
    let assist_units = fields.units("assist_units", &request.assist_units, UNITS_MAX);
    fields.distinct(named(&lead_unit, &assist_units, &[]));
    PlanTicket {
        text: fields.text("text", &request.text, 1..=TEXT_CHARS_MAX, Lines::Many),
        lead_unit,
        assist_units,
    }
}

pub(super) fn dispatch_ticket(request: &pb::DispatchTicketRequest, fields: &mut Fields) -> DispatchTicket {
    let lead_unit = fields.unit("lead_unit", &request.lead_unit);
    let assist_units = fields.units("assist_units", &request.assist_units, UNITS_MAX);
    let inform_units = fields.units("inform_units", &request.inform_units, UNITS_MAX);
    fields.distinct(named(&lead_unit, &assist_units, &inform_units));
    let note = fields.text("note", &request.note, 0..=NOTE_CHARS_MAX, Lines::Many);
    DispatchTicket { lead_unit, assist_units, inform_units, note }
}

/// Every unit of a dispatch with the field that names it.
fn named<'a>(
    lead: &'a UnitCode,
    assist: &'a [UnitCode],
    inform: &'a [UnitCode],
) -> impl Iterator<Item = (String, &'a UnitCode)> {
    let list = |name: &'static str, units: &'a [UnitCode]| {
        units.iter().enumerate().map(move |(place, unit)| (format!("{name}[{place}]"), unit))
    };
    std::iter::once(("lead_unit".to_owned(), lead))
        .chain(list("assist_units", assist))
        .chain(list("inform_units", inform))
}

pub(super) fn return_ticket(request: &pb::ReturnTicketRequest, fields: &mut Fields) -> ReturnTicket {
    let reason = fields.choice("reason", request.reason, ReturnReason::Incomplete);
    let proposed_unit =
        (!request.proposed_unit.is_empty()).then(|| fields.unit("proposed_unit", &request.proposed_unit));
    let elsewhere = matches!(reason, ReturnReason::NotOurDuty | ReturnReason::NotOurPlace);
    if elsewhere && proposed_unit.is_none() {
        fields.wrong("proposed_unit", "is required where another unit is responsible");
    }
    ReturnTicket {
        reason,
        rule: fields.text("rule", &request.rule, 1..=SHORT_NOTE_CHARS_MAX, Lines::Many),
        proposed_unit,
        note: fields.text("note", &request.note, 0..=NOTE_CHARS_MAX, Lines::Many),
    }
}

pub(super) fn rule_on_return(request: &pb::RuleOnReturnRequest, fields: &mut Fields) -> RuleOnReturn {
    let ruling = pb::Ruling::try_from(request.ruling).unwrap_or_default();
    if ruling == pb::Ruling::Unspecified {
        fields.wrong("ruling", "is required, and one of the contract's values");
    }
    RuleOnReturn {
        is_accepted: ruling == pb::Ruling::Accept,
        note: fields.text("note", &request.note, 1..=NOTE_CHARS_MAX, Lines::Many),
    }
}

pub(super) fn submit_feedback(request: &pb::SubmitFeedbackRequest, fields: &mut Fields) -> SubmitFeedback {
    if request.caller_reply.is_none() && request.hotline_report.is_none() {
        fields.wrong("caller_reply", "is required, or hotline_report, or both");
    }
    let caller_reply = request.caller_reply.as_ref().map(|reply| Reply {
        replied_at: fields.required_past_time("caller_reply.reply_time", reply.reply_time.as_ref()),
        method: fields.choice("caller_reply.method", reply.method, ContactMethod::Telephone),
        official: fields.text("caller_reply.official", &reply.official, 1..=NAME_CHARS_MAX, Lines::One),
        content: fields.text("caller_reply.content", &reply.content, 1..=TEXT_CHARS_MAX, Lines::Many),
    });
    let hotline_report = request.hotline_report.as_ref().map(|report| {
        let mut evidence = Vec::new();
        if report.evidence.len() > ITEMS_MAX {
            fields.wrong("hotline_report.evidence", format!("has at most {ITEMS_MAX} references"));
        } else {
            for (place, one) in report.evidence.iter().enumerate() {
                let field = format!("hotline_report.evidence[{place}]");
                evidence.push(fields.text(field, one, 1..=SHORT_NOTE_CHARS_MAX, Lines::One));
            }
        }
        Report {
            actions: fields.text("hotline_report.actions", &report.actions, 1..=TEXT_CHARS_MAX, Lines::Many),
            result: fields.text("hotline_report.result", &report.result, 1..=TEXT_CHARS_MAX, Lines::Many),
            evidence,
        }
    });
    SubmitFeedback { caller_reply, hotline_report }
}

pub(super) fn carry_over_ticket(
    request: &pb::CarryOverTicketRequest,
    fields: &mut Fields,
) -> CarryOverTicket {
    use pb::carry_over_ticket_request::Step;
    match &request.step {
        Some(Step::Ask(ask)) => CarryOverTicket::Ask {
            next_steps: fields.text("ask.next_steps", &ask.next_steps, 1..=NOTE_CHARS_MAX, Lines::Many),
            promised_at: fields.required_time("ask.promised_time", ask.promised_time.as_ref()),
            told_at: fields.required_time("ask.told_time", ask.told_time.as_ref()),
        },
        Some(Step::Decision(decision)) => {
            let least = usize::from(!decision.granted);
            let note = fields.text("decision.note", &decision.note, least..=NOTE_CHARS_MAX, Lines::Many);
            CarryOverTicket::Decide { is_granted: decision.granted, note }
        }
        None => {
            fields.wrong("ask", "is required, or decision");
            CarryOverTicket::Decide { is_granted: false, note: String::new() }
        }
    }
}

pub(super) fn escalate_ticket(request: &pb::EscalateTicketRequest, fields: &mut Fields) -> EscalateTicket {
    let note = fields.text("note", &request.note, 1..=NOTE_CHARS_MAX, Lines::Many);
    match pb::Escalation::try_from(request.escalation).unwrap_or_default() {
        pb::Escalation::Urge => EscalateTicket::Fire { rung: Rung::Urged, note },
        pb::Escalation::Supervise => EscalateTicket::Fire { rung: Rung::Supervised, note },
        pb::Escalation::Manual => EscalateTicket::Fire { rung: Rung::Manual, note },
        pb::Escalation::RecordManual => EscalateTicket::RecordManual { note },
        pb::Escalation::Unspecified => {
            fields.wrong("escalation", "is required, and one of the contract's values");
            EscalateTicket::RecordManual { note }
        }
    }
}

pub(super) fn record_contact_attempt(
    request: &pb::RecordContactAttemptRequest,
    fields: &mut Fields,
) -> RecordContactAttempt {
    let note = fields.text("note", &request.note, 0..=SHORT_NOTE_CHARS_MAX, Lines::Many);
    RecordContactAttempt { note }
}

pub(super) fn submit_survey(request: &pb::SubmitSurveyRequest, fields: &mut Fields) -> SubmitSurvey {
    SubmitSurvey {
        responded: fields.optional_choice("responded", request.responded),
        resolved: fields.optional_choice("resolved", request.resolved),
        satisfied: fields.optional_choice("satisfied", request.satisfied),
        comment: fields.text("comment", &request.comment, 0..=NOTE_CHARS_MAX, Lines::Many),
    }
}

pub(super) fn rework_ticket(request: &pb::ReworkTicketRequest, fields: &mut Fields) -> ReworkTicket {
    ReworkTicket { note: fields.text("note", &request.note, 1..=NOTE_CHARS_MAX, Lines::Many) }
}

pub(super) fn redact_ticket(request: &pb::RedactTicketRequest, fields: &mut Fields) -> RedactTicket {
    let mut text = |field, value: &String, max, lines| {
        (!value.is_empty()).then(|| fields.text(field, value, 1..=max, lines))
    };
    RedactTicket {
        subject: text("subject", &request.subject, LINE_CHARS_MAX, Lines::One),
        content: text("content", &request.content, TEXT_CHARS_MAX, Lines::Many),
        note: fields.text("note", &request.note, 1..=NOTE_CHARS_MAX, Lines::Many),
        keeps_numbers: request.keeps_numbers,
    }
}

pub(super) fn withdraw_ticket(request: &pb::WithdrawTicketRequest, fields: &mut Fields) -> WithdrawTicket {
    WithdrawTicket { note: fields.text("note", &request.note, 1..=NOTE_CHARS_MAX, Lines::Many) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_compared_with_numbers_and_not_with_names() {
        let identity = CallerIdentity {
            enterprise_name: Some("Tax Refund".to_owned()),
            contact_name: Some("Li".to_owned()),
            contact_phone: Some("13800138000".to_owned()),
            ..CallerIdentity::default()
        };
        for (topic, is_refused) in [
            (None, false),
            (Some("licence.change"), false),
            (Some("tax.refund"), false),
            (Some("13800138000"), true),
            (Some("13900139000"), true),
        ] {
            let mut fields = Fields::default();
            check_topic(topic, &identity, &mut fields);
            assert_eq!(fields.finish(()).is_err(), is_refused, "{topic:?}");
        }
    }
}
