//! Compares a ticket with the model.

use hotline_server::deadline::ladder::RungAt;
use hotline_server::ticket::{CarryOverState, Event, EventRecord, UnitCode};

use super::Pair;
use crate::command_spec::UnitId;
use crate::in_memory_product::rung;
use crate::reference::ladder::FiredRung;
use crate::reference::ticket::Carry;
use crate::roster::Roster;
use crate::rule_versions::RuleVersions;

/// Compares everything that is visible; the first difference is reported.
pub(super) fn pair(
    pair: &Pair,
    timer: Option<RungAt>,
    expected_timer: Option<(u8, i64)>,
    (roster, rule_versions): (&Roster, &RuleVersions),
) -> Result<(), String> {
    let (ticket, model) = (&pair.ticket, &pair.model);
    let cycle = &ticket.cycle;
    let same = |units: &[UnitCode], ids: &[UnitId]| {
        units.len() == ids.len()
            && units.iter().zip(ids).all(|(code, id)| roster.codes[usize::from(*id)] == *code)
    };
    let carry = cycle.carry_over.as_ref().map(|carry| {
        let state = match carry.state {
            CarryOverState::Asked => Carry::Asked,
            CarryOverState::Granted => Carry::Granted,
            CarryOverState::Refused => Carry::Refused,
        };
        (state, carry.promised_at.timestamp_micros())
    });
    let sent = match (&ticket.dispatch, &model.sent) {
        (None, None) => true,
        (Some(dispatch), Some(sent)) => {
            same(std::slice::from_ref(&dispatch.lead_unit), &[sent.lead])
                && same(&dispatch.assist_units, &sent.assist)
                && same(&dispatch.inform_units, &sent.inform)
                && dispatch.return_due_at.timestamp_micros() == sent.window_ends
                && dispatch.accepted_at.is_some() == sent.is_signed
        }
        _ => false,
    };
    let timer = timer.map(|(rung, at)| (rung, at.timestamp_micros()));
    let facts = [
        ("state", ticket.state == model.state),
        ("rung", cycle.rung == rung(model.rung())),
        ("rung of the ladder", cycle.ladder_rung == rung(model.ladder)),
        ("repeats", ticket.repeats.len() == model.repeats.len()),
        (
            "repeats to call",
            ticket.repeats_to_call.len() == model.repeats.iter().filter(|one| one.is_to_call).count(),
        ),
        ("end", ticket.ending.map(|ending| ending.state_before) == model.state_before),
        ("cycle", cycle.number == model.cycle),
        ("limit in force", cycle.due_at().timestamp_micros() == model.due_in_force()),
        ("counted limit", cycle.deadline.due_at.timestamp_micros() == model.due),
        ("calendar", cycle.deadline.calendar_version == rule_versions.calendar(model.calendar).version()),
        ("provisional limit", cycle.deadline.is_provisional == model.is_provisional),
        ("returns", ticket.returns.len() == model.returns as usize),
        ("pending ruling", ticket.pending_return().is_some() == model.is_return_pending),
        ("final ruling", ticket.has_final_ruling() == model.is_ruling_final),
        ("carry-over", carry == model.carry),
        ("units", sent),
        ("confidentiality", ticket.is_confidential == model.is_confidential),
        ("hold", ticket.is_held() == model.is_held()),
        ("accused units", same(&ticket.accused_units, &model.accused)),
        ("reply", cycle.caller_reply.is_some() == model.has_reply),
        ("report", cycle.hotline_report.is_some() == model.has_report),
        ("assist reports", cycle.assist_reports.len() == model.assist_reports.len()),
        ("contact attempts", cycle.contact_attempts.len() == model.attempts as usize),
        ("second call", cycle.recheck.is_some() == model.survey.has_recheck),
        ("timer", timer == expected_timer.map(|(number, at)| (rung(number), at))),
    ];
    match facts.iter().find(|(_, holds)| !holds) {
        None => Ok(()),
        Some((fact, _)) => {
            Err(format!("differs in {fact}: {ticket:?}; timer {timer:?} / {expected_timer:?}"))
        }
    }
}

/// Compares the fired rungs with the expected ones, which are addressed to the lead if it is active.
pub(super) fn rungs(
    expected: &[FiredRung],
    lead: Option<&UnitCode>,
    events: &[EventRecord],
) -> Result<(), String> {
    let is_addressed = events.iter().all(|recorded| match &recorded.event {
        Event::RungFired { unit, .. } => unit.as_ref() == lead,
        _ => true,
    });
    if !is_addressed {
        return Err(format!("the runner addressed {events:?}, should address {lead:?}"));
    }
    let fired: Vec<_> = events
        .iter()
        .map(|recorded| match &recorded.event {
            Event::RungFired { rung, due_at, .. } => {
                (Some(*rung), due_at.map(|at| at.timestamp_micros()), true)
            }
            Event::RungPassed { rung, due_at, .. } => (Some(*rung), Some(due_at.timestamp_micros()), false),
            _ => (None, None, false),
        })
        .collect();
    let right: Vec<_> =
        expected.iter().map(|(number, at, fired)| (Some(rung(*number)), Some(*at), *fired)).collect();
    if fired == right { Ok(()) } else { Err(format!("the runner fired {fired:?}, should fire {right:?}")) }
}
