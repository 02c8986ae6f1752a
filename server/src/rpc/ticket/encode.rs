//! A ticket and its parts, as a caller may see them.

use hotline_proto::v1 as pb;

use super::around;
use crate::access::View;
use crate::rpc::enums::ContractEnum;
use crate::rpc::scalars::{code, codes, count, optional_time, time};
use crate::ticket::{
    Answer, AssistReport, CallerReply, CarryOver, ContactAttempt, Cycle, Deadline, Decline, Dispatch,
    DispatchAdvice, HandlingPlan, HotlineReport, RepeatCall, ReturnRuling, Survey, TextField, TextMark,
    Ticket, TicketNumber, TicketReturn,
};

/// A ticket as a caller may see it.
pub(in crate::rpc) fn ticket(ticket: &Ticket, view: &View) -> pb::Ticket {
    // A switch's reference can be traced to a telephone number.
    let source = ticket.source.as_ref().filter(|_| !view.is_masked);
    let is_staff = view.unit.is_none();
    pb::Ticket {
        number: ticket.number.to_string(),
        etag: if view.unit.is_some() { ticket.etag_for_unit() } else { ticket.etag() },
        state: ticket.state.number(),
        category: ticket.category.number(),
        complexity: ticket.complexity.number(),
        several_units: ticket.has_several_units,
        responsibility: ticket.responsibility.number(),
        topic: ticket.topic.clone().unwrap_or_default(),
        district: ticket.district.clone().unwrap_or_default(),
        industry: ticket.industry.clone().filter(|_| view.shows_industry()).unwrap_or_default(),
        subject: if is_staff { ticket.staff_subject() } else { &ticket.subject }.to_owned(),
        content: if is_staff { ticket.staff_content() } else { &ticket.content }.to_owned(),
        channel: ticket.channel.number(),
        source: source
            .map(|source| pb::Source { system: source.system.clone(), reference: source.reference.clone() }),
        call_start_time: optional_time(ticket.call_began_at.filter(|_| !view.is_masked)),
        confidential: ticket.is_confidential,
        accused_units: if view.shows_accused() { codes(&ticket.accused_units) } else { Vec::new() },
        intake_time: Some(time(ticket.received_at)),
        update_time: Some(time(ticket.updated_at)),
        cycle: Some(cycle(&ticket.cycle, view)),
        plan: if view.unit.is_some() { ticket.plan.as_ref() } else { ticket.plan_in_force() }.map(plan),
        dispatch: ticket.dispatch.as_ref().map(dispatch),
        returns: ticket.returns.iter().filter(|one| view.shows_return(one)).map(ticket_return).collect(),
        answer: ticket.answer.as_ref().map(answer),
        decline: ticket.decline.as_ref().map(decline),
        closing: ticket.closing.as_ref().map(|closing| pb::Closing {
            reason: closing.reason.number(),
            close_time: Some(time(closing.closed_at)),
        }),
        merged_into: ticket.merged_into.map(|number| number.to_string()).unwrap_or_default(),
        repeats: ticket.repeats.iter().map(ToString::to_string).collect(),
        withdrawal_note: ticket.withdrawal_note.clone().filter(|_| !view.is_masked).unwrap_or_default(),
        // It could show a unit that the texts which it reads name the caller.
        held: is_staff && ticket.is_held(),
        text_marks: to_staff(view, ticket.text_marks.iter().copied().map(mark)),
        // `GetTicket` looks it up.
        surviving_ticket: String::new(),
        repeats_to_call: to_staff(view, ticket.repeats_to_call.iter().map(ToString::to_string)),
        repeat_calls: to_staff(view, ticket.repeat_calls.iter().map(|call| repeat_call(call, view))),
        follows: ticket
            .follows
            .filter(|_| view.unit.is_none())
            .map(|one| one.to_string())
            .unwrap_or_default(),
        open_question: around::open_question(ticket, view),
        help_request: around::help_request(ticket, view),
        inside_assignments: around::inside_assignments(ticket, view),
        // `GetTicket` looks up those that a unit sees.
        training: ticket.is_training && view.unit.is_none(),
        linked_tickets: to_staff(view, ticket.linked_tickets.iter().map(ToString::to_string)),
        attachments: around::attachments(ticket, view),
        call_id: ticket.call.as_ref().filter(|_| is_staff).map(ToString::to_string).unwrap_or_default(),
    }
}

/// What is shown to hotline staff only.
fn to_staff<T>(view: &View, shown: impl Iterator<Item = T>) -> Vec<T> {
    if view.unit.is_none() { shown.collect() } else { Vec::new() }
}

/// An agent's note on a call may identify the caller.
fn repeat_call(call: &RepeatCall, view: &View) -> pb::RepeatCall {
    pb::RepeatCall {
        repeat_ticket_number: call.repeat.to_string(),
        reached: call.is_reached,
        call_time: Some(time(call.called_at)),
        note: if view.is_masked { String::new() } else { call.note.clone() },
    }
}

fn mark(mark: TextMark) -> pb::TextMark {
    let field = match mark.field {
        TextField::Subject => pb::TextField::Subject,
        TextField::Content => pb::TextField::Content,
    };
    pb::TextMark { field: field as i32, kind: mark.kind.number(), position: count(mark.position) }
}

fn cycle(cycle: &Cycle, view: &View) -> pb::Cycle {
    pb::Cycle {
        number: count(cycle.number),
        start_time: Some(time(cycle.began_at)),
        due_time: Some(time(cycle.due_at())),
        tier: cycle.deadline.tier.number(),
        policy_version: cycle.deadline.policy_version.clone(),
        calendar_version: cycle.deadline.calendar_version.clone(),
        deadline_provisional: cycle.deadline.is_provisional,
        rung: cycle.rung.number(),
        carry_over: cycle.carry_over.as_ref().map(|carry| visible_carry_over(carry, view)),
        caller_reply: cycle.caller_reply.as_ref().map(caller_reply),
        hotline_report: cycle.hotline_report.as_ref().map(hotline_report),
        assist_reports: cycle.assist_reports.iter().map(assist_report).collect(),
        complete_time: optional_time(cycle.completed_at),
        contact_attempts: cycle.contact_attempts.iter().map(|one| contact_attempt(one, view)).collect(),
        survey: cycle.survey.as_ref().map(|one| survey(one, view)),
        recheck: cycle.recheck.as_ref().map(|one| survey(one, view)),
    }
}

pub(super) fn deadline(deadline: &Deadline) -> pb::Deadline {
    pb::Deadline {
        due_time: Some(time(deadline.due_at)),
        tier: deadline.tier.number(),
        policy_version: deadline.policy_version.clone(),
        calendar_version: deadline.calendar_version.clone(),
        provisional: deadline.is_provisional,
    }
}

pub(super) fn plan(plan: &HandlingPlan) -> pb::HandlingPlan {
    pb::HandlingPlan {
        text: plan.text.clone(),
        lead_unit: plan.lead_unit.0.clone(),
        assist_units: codes(&plan.assist_units),
        plan_time: Some(time(plan.planned_at)),
    }
}

/// The advice of a unit about a ticket.
pub(super) fn advice(number: TicketNumber, advice: &DispatchAdvice) -> pb::DispatchAdvice {
    pb::DispatchAdvice {
        ticket_number: number.to_string(),
        unit: advice.unit.0.clone(),
        verdict: advice.verdict.number(),
        rule: advice.rule.clone(),
        note: advice.note.clone(),
        advise_time: Some(time(advice.advised_at)),
    }
}

pub(super) fn dispatch(dispatch: &Dispatch) -> pb::Dispatch {
    pb::Dispatch {
        lead_unit: dispatch.lead_unit.0.clone(),
        assist_units: codes(&dispatch.assist_units),
        inform_units: codes(&dispatch.inform_units),
        dispatch_time: Some(time(dispatch.dispatched_at)),
        return_due_time: Some(time(dispatch.return_due_at)),
        accept_time: optional_time(dispatch.accepted_at),
        note: dispatch.note.clone(),
    }
}

pub(super) fn ticket_return(one: &TicketReturn) -> pb::TicketReturn {
    pb::TicketReturn {
        unit: one.unit.0.clone(),
        reason: one.reason.number(),
        rule: one.rule.clone(),
        proposed_unit: code(one.proposed_unit.as_ref()),
        note: one.note.clone(),
        return_time: Some(time(one.returned_at)),
        arbitration: one.is_arbitration,
        ruling: one.ruling.as_ref().map(return_ruling),
    }
}

pub(super) fn return_ruling(ruling: &ReturnRuling) -> pb::ReturnRuling {
    pb::ReturnRuling {
        accepted: ruling.is_accepted,
        r#final: ruling.is_final,
        note: ruling.note.clone(),
        ruling_time: Some(time(ruling.ruled_at)),
    }
}

pub(super) fn answer(answer: &Answer) -> pb::Answer {
    let articles = answer.articles.iter();
    let articles = articles.map(|one| pb::ArticleCitation {
        article: one.article.clone(),
        version: one.version,
        free: one.is_free,
    });
    pb::Answer {
        content: answer.content.clone(),
        articles: articles.collect(),
        answer_time: Some(time(answer.answered_at)),
        unanswered_question: answer.gap.as_ref().map(|gap| gap.question.clone()).unwrap_or_default(),
    }
}

pub(super) fn decline(decline: &Decline) -> pb::Decline {
    pb::Decline {
        reason: decline.reason.number(),
        turn_to: decline.turn_to.clone(),
        note: decline.note.clone(),
        decline_time: Some(time(decline.declined_at)),
    }
}

pub(super) fn caller_reply(reply: &CallerReply) -> pb::CallerReply {
    pb::CallerReply {
        reply_time: Some(time(reply.replied_at)),
        method: reply.method.number(),
        official: reply.official.clone(),
        content: reply.content.clone(),
        record_time: Some(time(reply.recorded_at)),
    }
}

pub(super) fn hotline_report(report: &HotlineReport) -> pb::HotlineReport {
    pb::HotlineReport {
        actions: report.actions.clone(),
        result: report.result.clone(),
        evidence: report.evidence.clone(),
        record_time: Some(time(report.recorded_at)),
    }
}

pub(super) fn assist_report(one: &AssistReport) -> pb::AssistReport {
    pb::AssistReport { unit: one.unit.0.clone(), report: Some(hotline_report(&one.report)) }
}

/// Every unit sees a granted date. Only the units that had the ticket then see the text of the unit that asked.
fn visible_carry_over(carry: &CarryOver, view: &View) -> pb::CarryOver {
    let mut shown = carry_over(carry);
    if !view.shows_words_of(carry.asked_at) {
        shown.next_steps.clear();
        shown.decision_note.clear();
    }
    shown
}

pub(super) fn carry_over(carry: &CarryOver) -> pb::CarryOver {
    pb::CarryOver {
        state: carry.state.number(),
        next_steps: carry.next_steps.clone(),
        promised_time: Some(time(carry.promised_at)),
        inform_time: Some(time(carry.informed_at)),
        ask_time: Some(time(carry.asked_at)),
        decide_time: optional_time(carry.decided_at),
        decision_note: carry.decision_note.clone(),
    }
}

/// An agent's note on a call may identify the caller.
pub(super) fn contact_attempt(attempt: &ContactAttempt, view: &View) -> pb::ContactAttempt {
    let note = if view.is_masked { String::new() } else { attempt.note.clone() };
    pb::ContactAttempt { attempt_time: Some(time(attempt.attempted_at)), note }
}

/// A company's own words may identify it.
pub(super) fn survey(survey: &Survey, view: &View) -> pb::Survey {
    pb::Survey {
        responded: survey.responded.map_or(0, ContractEnum::number),
        resolved: survey.resolved.map_or(0, ContractEnum::number),
        satisfied: survey.satisfied.map_or(0, ContractEnum::number),
        comment: if view.is_masked { String::new() } else { survey.comment.clone() },
        survey_time: Some(time(survey.surveyed_at)),
    }
}
