//! The events of a ticket, as a caller may read them.

use hotline_proto::v1 as pb;
use pb::ticket_event::Detail;

use super::{around, encode};
use crate::access::View;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::scalars::{code, codes, count, time};
use crate::ticket::TicketClassified;
use crate::ticket::event::TicketCreated;
use crate::ticket::{CallerUpdated, ClassifiedLimit, Event, EventRecord};

/// An event of a ticket, with its sequence as numbered for the reader.
pub(super) fn event(recorded: &EventRecord, sequence: u32, view: &View) -> pb::TicketEvent {
    let actor =
        if view.shows_actor(&recorded.actor) { recorded.actor.principal.clone() } else { String::new() };
    let via = recorded.actor.via.clone().filter(|_| view.shows_actor(&recorded.actor)).unwrap_or_default();
    pb::TicketEvent {
        ticket_number: recorded.ticket.to_string(),
        sequence: count(sequence),
        event_time: Some(time(recorded.at)),
        actor,
        via,
        detail: detail_of_loop(&recorded.event, view)
            .or_else(|| detail_of_cycle(&recorded.event, view))
            .or_else(|| detail_of_undoing(recorded, view))
            .or_else(|| around::detail(&recorded.event, view)),
    }
}

fn created(created: &TicketCreated, view: &View) -> pb::TicketCreated {
    pb::TicketCreated {
        category: created.category.number(),
        complexity: created.complexity.number(),
        channel: created.channel.number(),
        deadline: Some(encode::deadline(&created.deadline)),
        follows_ticket_number: created
            .follows
            .filter(|_| view.unit.is_none())
            .map(|one| one.to_string())
            .unwrap_or_default(),
        training: created.is_training && view.unit.is_none(),
    }
}

fn classified(classified: &TicketClassified, view: &View) -> pb::TicketClassified {
    pb::TicketClassified {
        category: classified.category.number(),
        complexity: classified.complexity.number(),
        several_units: classified.has_several_units,
        responsibility: classified.responsibility.number(),
        topic: classified.topic.clone().unwrap_or_default(),
        district: classified.district.clone().unwrap_or_default(),
        deadline: Some(encode::deadline(&classified.deadline)),
        accused_units: if view.shows_accused() { codes(&classified.accused_units) } else { Vec::new() },
        recalled: classified.is_recalled && view.shows_accused(),
        limit: shown_limit(classified.limit, view).number(),
        note: staff_note(&classified.note, view),
    }
}

/// For a unit, a correction is a limit that was counted. A recall within the minutes of a correction says so too, and
/// must not be told from it.
const fn shown_limit(limit: ClassifiedLimit, view: &View) -> ClassifiedLimit {
    match limit {
        ClassifiedLimit::Corrected if view.unit.is_some() => ClassifiedLimit::Counted,
        limit => limit,
    }
}

/// Only staff learn whether the texts held something of the caller.
fn caller_updated(updated: &CallerUpdated, view: &View) -> pb::CallerUpdated {
    let fields = updated.fields.iter().filter(|_| !view.is_masked);
    let texts = updated.texts.as_ref().filter(|_| view.unit.is_none());
    pb::CallerUpdated {
        fields: fields.map(|field| field.path().to_owned()).collect(),
        subject_changed: texts.is_some_and(|texts| texts.subject.is_some()),
        content_changed: texts.is_some_and(|texts| texts.content.is_some()),
    }
}

/// A note of staff for staff. It may identify the caller.
fn staff_note(note: &str, view: &View) -> String {
    if view.unit.is_none() && !view.is_masked { note.to_owned() } else { String::new() }
}

/// The events that move a ticket through the loop.
fn detail_of_loop(event: &Event, view: &View) -> Option<Detail> {
    Some(match event {
        Event::TicketCreated(one) => Detail::TicketCreated(created(one, view)),
        Event::TicketAnswered { answer } => {
            Detail::TicketAnswered(pb::TicketAnswered { answer: Some(encode::answer(answer)) })
        }
        Event::TicketDeclined { decline } => {
            Detail::TicketDeclined(pb::TicketDeclined { decline: Some(encode::decline(decline)) })
        }
        Event::TicketClassified(one) => Detail::TicketClassified(classified(one, view)),
        Event::TicketPlanned { plan } => {
            Detail::TicketPlanned(pb::TicketPlanned { plan: Some(encode::plan(plan)) })
        }
        Event::TicketDispatched { dispatch, reason, transfer } => {
            // A unit learns neither that others had the ticket before nor why it moved.
            let (reason, transfer) =
                if view.unit.is_none() { (reason.clone(), *transfer) } else { (String::new(), None) };
            Detail::TicketDispatched(pb::TicketDispatched {
                dispatch: Some(encode::dispatch(dispatch)),
                reason: if view.is_masked { String::new() } else { reason },
                transfer_number: count(transfer.unwrap_or_default()),
            })
        }
        Event::TicketSentToDesk { unit, transfer } => Detail::TicketSentToDesk(pb::TicketSentToDesk {
            unit: unit.0.clone(),
            transfer_number: count(transfer.unwrap_or_default()),
        }),
        Event::UnitReplaced { unit, successor, transfer } => Detail::UnitReplaced(pb::UnitReplaced {
            unit: unit.0.clone(),
            successor: code(successor.as_ref()),
            transfer_number: count(transfer.filter(|_| view.unit.is_none()).unwrap_or_default()),
        }),
        Event::TicketAccepted { unit } => Detail::TicketAccepted(pb::TicketAccepted { unit: unit.0.clone() }),
        Event::TicketReturned { ticket_return } => Detail::TicketReturned(pb::TicketReturned {
            ticket_return: Some(encode::ticket_return(ticket_return)),
        }),
        Event::ReturnRuled { ruling } => {
            Detail::ReturnRuled(pb::ReturnRuled { ruling: Some(encode::return_ruling(ruling)) })
        }
        Event::TicketClosed { reason } => Detail::TicketClosed(pb::TicketClosed { reason: reason.number() }),
        Event::TicketReworked { cycle, note, deadline } => Detail::TicketReworked(pb::TicketReworked {
            cycle: count(*cycle),
            note: note.clone(),
            deadline: Some(encode::deadline(deadline)),
        }),
        Event::TicketWithdrawn { note } => {
            let note = if view.is_masked { String::new() } else { note.clone() };
            Detail::TicketWithdrawn(pb::TicketWithdrawn { note })
        }
        Event::TicketMerged { into } => {
            Detail::TicketMerged(pb::TicketMerged { into_ticket_number: into.to_string() })
        }
        // The note may repeat the text that was taken out.
        Event::TicketRedacted { subject, content, note } => Detail::TicketRedacted(pb::TicketRedacted {
            subject_changed: subject.is_some(),
            content_changed: content.is_some(),
            note: staff_note(note, view),
        }),
        _ => return None,
    })
}

/// The events that link repeats, undo slips, and open tickets again.
fn detail_of_undoing(recorded: &EventRecord, view: &View) -> Option<Detail> {
    Some(match &recorded.event {
        Event::RepeatLinked(linked) => {
            let own = linked.limits.iter().find(|limit| limit.repeat == linked.repeat);
            Detail::RepeatLinked(pb::RepeatLinked {
                repeat_ticket_number: linked.repeat.to_string(),
                due_time: own.map(|limit| time(limit.due_at)),
                rung: own.map_or(0, |limit| limit.rung.number()),
                linked_ticket_numbers: linked.linked.iter().map(ToString::to_string).collect(),
            })
        }
        Event::TicketUnmerged { from, note } => Detail::TicketUnmerged(pb::TicketUnmerged {
            from_ticket_number: from.to_string(),
            note: staff_note(note, view),
        }),
        Event::RepeatUnlinked { repeat, .. } => {
            Detail::RepeatUnlinked(pb::RepeatUnlinked { repeat_ticket_number: repeat.to_string() })
        }
        Event::TicketReinstated { note } => {
            Detail::TicketReinstated(pb::TicketReinstated { note: staff_note(note, view) })
        }
        Event::TicketReopened { note } => {
            let note = if view.is_masked { String::new() } else { note.clone() };
            Detail::TicketReopened(pb::TicketReopened { note })
        }
        Event::RepeatCalled { repeat, is_reached, note, .. } => Detail::RepeatCalled(pb::RepeatCalled {
            repeat_ticket_number: repeat.to_string(),
            reached: *is_reached,
            note: staff_note(note, view),
        }),
        Event::DeadlineRecounted { deadline, calendar_version } => {
            Detail::DeadlineRecounted(pb::DeadlineRecounted {
                deadline: Some(encode::deadline(deadline)),
                calendar_version: calendar_version.clone(),
            })
        }
        Event::CallerUpdated(one) => Detail::CallerUpdated(caller_updated(one, view)),
        // Other units do not learn what a unit said about its responsibility.
        Event::DispatchAdvised { advice } if view.unit.as_ref().is_none_or(|unit| *unit == advice.unit) => {
            let advice = Some(encode::advice(recorded.ticket, advice));
            Detail::DispatchAdvised(pb::DispatchAdvised { advice })
        }
        _ => return None,
    })
}

/// The events of a handling cycle.
fn detail_of_cycle(event: &Event, view: &View) -> Option<Detail> {
    Some(match event {
        Event::CallerReplied { unit, reply } => Detail::CallerReplied(pb::CallerReplied {
            unit: unit.0.clone(),
            reply: Some(encode::caller_reply(reply)),
        }),
        Event::HotlineReported { unit, report } => Detail::HotlineReported(pb::HotlineReported {
            unit: unit.0.clone(),
            report: Some(encode::hotline_report(report)),
        }),
        Event::AssistReported { report } => {
            Detail::AssistReported(pb::AssistReported { report: Some(encode::assist_report(report)) })
        }
        Event::TicketCompleted { is_on_time } => {
            Detail::TicketCompleted(pb::TicketCompleted { on_time: *is_on_time })
        }
        Event::CarryOverAsked { carry_over } => {
            Detail::CarryOverAsked(pb::CarryOverAsked { carry_over: Some(encode::carry_over(carry_over)) })
        }
        Event::CarryOverDecided { is_granted, note, due_at } => {
            Detail::CarryOverDecided(pb::CarryOverDecided {
                granted: *is_granted,
                note: note.clone(),
                due_time: Some(time(*due_at)),
            })
        }
        Event::RungFired { cycle, rung, due_at, unit, note, .. } => Detail::RungFired(pb::RungFired {
            cycle: count(*cycle),
            rung: rung.number(),
            due_time: due_at.map(time),
            unit: code(unit.as_ref()),
            note: note.clone(),
        }),
        Event::RungPassed { cycle, rung, due_at, .. } => Detail::RungPassed(pb::RungPassed {
            cycle: count(*cycle),
            rung: rung.number(),
            due_time: Some(time(*due_at)),
        }),
        Event::SupervisionRecorded { note } => {
            // Notes of staff may identify the caller.
            let note = if view.is_masked { String::new() } else { note.clone() };
            Detail::SupervisionRecorded(pb::SupervisionRecorded { note })
        }
        Event::ContactAttempted { attempt } => Detail::ContactAttempted(pb::ContactAttempted {
            attempt: Some(encode::contact_attempt(attempt, view)),
        }),
        Event::RecheckRecorded { recheck } => {
            Detail::RecheckRecorded(pb::RecheckRecorded { recheck: Some(encode::survey(recheck, view)) })
        }
        Event::SurveySubmitted { survey } => {
            Detail::SurveySubmitted(pb::SurveySubmitted { survey: Some(encode::survey(survey, view)) })
        }
        _ => return None,
    })
}
