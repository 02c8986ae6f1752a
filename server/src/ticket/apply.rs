//! The fold: how each event changes the ticket. It is pure, and succeeds for every sequence of events that the verbs
//! can write. An event that can't follow the ticket is an error, not a panic.

mod around;
mod caller;
mod endings;
mod repeats;
mod units;

use super::TicketClassified;
use super::event::{Event, EventRecord, TicketCreated};
use super::{
    CarryOverState, Category, ClassifiedLimit, Closing, CorrectableLimit, Cycle, Deadline, Instant,
    RepeatCall, Responsibility, State, Ticket,
};

/// A broken sequence of events: an event out of order, or without its ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidTimeline {
    /// What is wrong, for the log.
    pub what: String,
}

/// Folds all events of a ticket.
///
/// # Errors
/// [`InvalidTimeline`] if there are none, one is missing, or the first one is not the creation.
pub fn fold<'a>(timeline: impl IntoIterator<Item = &'a EventRecord>) -> Result<Ticket, InvalidTimeline> {
    let mut ticket = None;
    for recorded in timeline {
        ticket = Some(apply(ticket, recorded)?);
    }
    ticket.ok_or_else(|| InvalidTimeline { what: "the timeline is empty".to_owned() })
}

/// Applies one event to the ticket before it; `None` before the creation.
///
/// # Errors
/// [`InvalidTimeline`] if the event can't follow.
pub fn apply(before: Option<Ticket>, recorded: &EventRecord) -> Result<Ticket, InvalidTimeline> {
    let expected = before.as_ref().map_or(1, |ticket| ticket.version + 1);
    if recorded.sequence != expected {
        let what = format!("{} has event {} where {expected} was due", recorded.ticket, recorded.sequence);
        return Err(InvalidTimeline { what });
    }
    let mut ticket = match (before, &recorded.event) {
        (None, Event::TicketCreated(created)) => create(recorded, created),
        (Some(ticket), event) if !matches!(event, Event::TicketCreated(_)) => change(ticket, recorded),
        (_, event) => {
            let what = format!("{} has {} in the wrong place", recorded.ticket, event.name());
            return Err(InvalidTimeline { what });
        }
    };
    ticket.version = recorded.sequence;
    ticket.updated_at = recorded.at;
    Ok(ticket)
}

/// Whether identity is withheld: as the caller chose; by default for complaint-reports.
fn is_confidential(chosen: Option<bool>, category: Category) -> bool {
    chosen.unwrap_or(category == Category::ComplaintReport)
}

fn create(recorded: &EventRecord, created: &TicketCreated) -> Ticket {
    Ticket {
        number: recorded.ticket,
        version: recorded.sequence,
        state: State::Received,
        category: created.category,
        complexity: created.complexity,
        has_several_units: created.has_several_units,
        responsibility: Responsibility::Clear,
        topic: created.topic.clone(),
        district: created.district.clone(),
        industry: created.industry.clone(),
        subject: created.subject.clone(),
        content: created.content.clone(),
        channel: created.channel,
        source: created.source.clone(),
        call_began_at: created.call_began_at,
        call: created.call.clone(),
        is_confidential: is_confidential(created.chosen_confidential, created.category),
        chosen_confidential: created.chosen_confidential,
        accused_units: created.accused_units.clone(),
        received_at: recorded.at,
        updated_at: recorded.at,
        cycle: Cycle::begin(1, recorded.at, created.deadline.clone()),
        plan: None,
        is_plan_void: false,
        advice: Vec::new(),
        dispatch: None,
        dispatched_version: None,
        returns: Vec::new(),
        answer: None,
        decline: None,
        closing: None,
        merged_into: None,
        repeats: Vec::new(),
        repeats_to_call: Vec::new(),
        repeat_calls: Vec::new(),
        follows: created.follows,
        withdrawal_note: None,
        ending: None,
        text_marks: created.text_marks.clone(),
        pending_texts: None,
        open_question: None,
        help_request: None,
        inside_assignments: Vec::new(),
        linked_tickets: Vec::new(),
        attachments: Vec::new(),
        taken_in_by: recorded.actor.principal.clone(),
        intake_unit: created.intake_unit.clone(),
        is_training: created.is_training,
        was_complaint_report: created.category == Category::ComplaintReport,
    }
}

fn change(mut ticket: Ticket, recorded: &EventRecord) -> Ticket {
    let at = recorded.at;
    match recorded.event.clone() {
        // `apply` has excluded this.
        Event::TicketCreated(_) => {}
        Event::TicketAnswered { answer } => {
            ticket.answer = Some(answer);
            ticket.cycle.completed_at = Some(at);
            ticket.state = State::Answered;
        }
        Event::TicketDeclined { decline } => {
            ticket.decline = Some(decline);
            endings::end(&mut ticket, State::Declined, at);
        }
        Event::TicketClassified(classified) => classify(&mut ticket, *classified, at),
        Event::TicketClosed { reason } => {
            ticket.closing = Some(Closing { reason, closed_at: at });
            ticket.state = State::Closed;
        }
        Event::TicketReworked { cycle, deadline, .. } => {
            ticket.cycle = Cycle::begin(cycle, at, deadline);
            ticket.closing = None;
            ticket.repeats_to_call.clone_from(&ticket.repeats);
            // The unit that handled it handles it again. A ticket that was answered on the spot goes back to the
            // agents.
            ticket.state = if ticket.dispatch.is_some() { State::Handling } else { State::Received };
        }
        Event::TicketWithdrawn { note } => {
            ticket.withdrawal_note = Some(note);
            endings::end(&mut ticket, State::Withdrawn, at);
        }
        Event::TicketMerged { into } => {
            ticket.merged_into = Some(into);
            endings::end(&mut ticket, State::Merged, at);
        }
        Event::CallerUpdated(updated) => caller::update(&mut ticket, *updated),
        Event::TicketUnmerged { .. } | Event::TicketReinstated { .. } => endings::undo(&mut ticket),
        Event::TicketReopened { .. } => endings::reopen(&mut ticket),
        Event::TicketRedacted { subject, content, .. } => {
            caller::replace_texts(&mut ticket);
            ticket.subject = subject.unwrap_or(ticket.subject);
            ticket.content = content.unwrap_or(ticket.content);
            ticket.text_marks.clear();
        }
        event @ (Event::AssignedInside(_)
        | Event::CompanyAsked(_)
        | Event::SupplementAdded(_)
        | Event::HelpRequested(_)
        | Event::HelpAnswered(_)
        | Event::TicketsLinked(_)
        | Event::AttachmentAdded(_)
        | Event::AttachmentScanned(_)) => around::change(&mut ticket, event),
        event => change_dispatch(&mut ticket, event, recorded),
    }
    around::end_with(&mut ticket, &recorded.event);
    ticket
}

/// The events that say which units have the ticket, or will get it.
fn change_dispatch(ticket: &mut Ticket, event: Event, recorded: &EventRecord) {
    match event {
        Event::TicketPlanned { plan } => (ticket.plan, ticket.is_plan_void) = (Some(plan), false),
        Event::DispatchAdvised { advice } => ticket.advice.push(advice),
        Event::TicketDispatched { dispatch, .. } => units::give(ticket, dispatch, recorded.sequence),
        Event::TicketSentToDesk { .. } => units::send_to_desk(ticket),
        Event::UnitReplaced { unit, successor, .. } => {
            if let Some(dispatch) = &mut ticket.dispatch {
                dispatch.replace(&unit, successor);
            }
        }
        Event::TicketAccepted { .. } => {
            if let Some(dispatch) = &mut ticket.dispatch {
                dispatch.accepted_at = Some(recorded.at);
            }
            ticket.state = State::Handling;
        }
        Event::TicketReturned { ticket_return } => {
            ticket.returns.push(ticket_return);
            ticket.state = State::Returned;
        }
        Event::ReturnRuled { ruling } => {
            // The unit that returned it no longer has it, and no longer sees it.
            if ruling.is_accepted {
                units::take_away(ticket);
            } else {
                ticket.state = State::Dispatched;
            }
            if let Some(last) = ticket.returns.last_mut() {
                last.ruling = Some(ruling);
            }
        }
        event => change_repeats(ticket, event, recorded.at),
    }
}

/// The events about merged repeats.
fn change_repeats(ticket: &mut Ticket, event: Event, at: Instant) {
    match event {
        Event::RepeatLinked(linked) => repeats::link(ticket, *linked),
        Event::RepeatUnlinked { repeat, linked } => repeats::unlink(ticket, repeat, &linked, at),
        Event::RepeatCalled { repeat, is_reached, is_last, note } => {
            ticket.repeat_calls.push(RepeatCall { repeat, is_reached, called_at: at, note });
            if is_last {
                ticket.repeats_to_call.retain(|waiting| *waiting != repeat);
            }
        }
        event => change_cycle(ticket, event, at),
    }
}

/// The events that belong to the handling cycle.
fn change_cycle(ticket: &mut Ticket, event: Event, at: Instant) {
    let cycle = &mut ticket.cycle;
    match event {
        Event::CallerReplied { reply, .. } => cycle.caller_reply = Some(reply),
        Event::HotlineReported { report, .. } => cycle.hotline_report = Some(report),
        Event::AssistReported { report } => cycle.assist_reports.push(report),
        Event::TicketCompleted { .. } => {
            cycle.completed_at = Some(at);
            ticket.state = State::Completed;
        }
        Event::CarryOverAsked { carry_over } => cycle.carry_over = Some(carry_over),
        Event::CarryOverDecided { is_granted, note, .. } => {
            if let Some(carry) = &mut cycle.carry_over {
                carry.state = if is_granted { CarryOverState::Granted } else { CarryOverState::Refused };
                carry.decided_at = Some(at);
                carry.decision_note = note;
            }
        }
        Event::RungFired { rung, due_at, .. } => cycle.rung_fired(rung, due_at.is_none(), at),
        Event::DeadlineRecounted { deadline, .. } => (cycle.deadline, cycle.correctable) = (deadline, None),
        Event::ContactAttempted { attempt } => cycle.contact_attempts.push(attempt),
        Event::SurveySubmitted { survey } => cycle.survey = Some(survey),
        Event::RecheckRecorded { recheck } => cycle.recheck = Some(recheck),
        // A skipped rung and a note of staff change no field.
        _ => {}
    }
}

fn classify(ticket: &mut Ticket, classified: TicketClassified, at: Instant) {
    ticket.category = classified.category;
    ticket.complexity = classified.complexity;
    ticket.has_several_units = classified.has_several_units;
    ticket.responsibility = classified.responsibility;
    ticket.topic = classified.topic.or_else(|| ticket.topic.take());
    ticket.district = classified.district.or_else(|| ticket.district.take());
    // If identity was withheld because of a complaint-report, it stays withheld, because units may have seen the
    // category.
    ticket.is_confidential |= is_confidential(ticket.chosen_confidential, classified.category);
    ticket.was_complaint_report |= classified.category == Category::ComplaintReport;
    repeats::add_accused(ticket, classified.accused_units);
    move_limit(&mut ticket.cycle, classified.limit, classified.deadline, at);
    if classified.is_recalled {
        units::recall(ticket);
    }
    if classified.is_plan_dropped {
        ticket.plan = None;
    }
    ticket.is_plan_void |= classified.is_plan_void && ticket.plan.is_some();
    let is_pending = ticket.pending_return().is_some();
    ticket.state = match (ticket.state, ticket.responsibility) {
        // A recall that drops only the plan leaves a pending return to be ruled on.
        (State::Returned, Responsibility::Overlapping) if is_pending => State::Returned,
        (State::Received | State::Returned, Responsibility::Overlapping) => State::Planning,
        (State::Planning, Responsibility::Clear) => State::Received,
        (state, _) => state,
    };
}

/// What a classification does with the limit, and with the rungs of a wrong one.
fn move_limit(cycle: &mut Cycle, limit: ClassifiedLimit, deadline: Deadline, at: Instant) {
    let before = std::mem::replace(&mut cycle.deadline, deadline);
    match limit {
        ClassifiedLimit::Kept => {}
        ClassifiedLimit::Counted if before == cycle.deadline => {}
        ClassifiedLimit::Counted => {
            let ladder_rung = cycle.ladder_rung;
            cycle.correctable = Some(CorrectableLimit { moved_at: at, deadline: before, ladder_rung });
        }
        ClassifiedLimit::Corrected => {
            let ladder_rung = cycle.correctable.as_ref().map_or(cycle.ladder_rung, |one| one.ladder_rung);
            cycle.restart_ladder(ladder_rung);
        }
    }
}

#[cfg(test)]
mod tests;
