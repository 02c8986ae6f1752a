//! The fold: how each event changes the ticket. Pure and total on every timeline that the verbs can write; an event
//! that can't follow the ticket before it is an error of the timeline, not a panic.

use super::event::{Event, Recorded, TicketClassified, TicketCreated};
use super::parts::{CarryOverState, Closing, Dispatch, Responsibility};
use super::{Category, Cycle, State, Ticket};

/// A timeline that is not one: an event out of sequence, or without the ticket it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenTimeline {
    /// What is wrong, for our logs.
    pub what: String,
}

/// Folds a whole timeline.
///
/// # Errors
/// [`BrokenTimeline`] where it is empty, has a gap, or does not begin with the creation.
pub fn fold<'a>(timeline: impl IntoIterator<Item = &'a Recorded>) -> Result<Ticket, BrokenTimeline> {
    let mut ticket = None;
    for recorded in timeline {
        ticket = Some(apply(ticket, recorded)?);
    }
    ticket.ok_or_else(|| BrokenTimeline { what: "the timeline is empty".to_owned() })
}

/// Applies one event to the ticket before it; `None` before the creation.
///
/// # Errors
/// [`BrokenTimeline`] where the event can't follow.
pub fn apply(before: Option<Ticket>, recorded: &Recorded) -> Result<Ticket, BrokenTimeline> {
    let expected = before.as_ref().map_or(1, |ticket| ticket.version + 1);
    if recorded.sequence != expected {
        let what = format!("{} has event {} where {expected} was due", recorded.ticket, recorded.sequence);
        return Err(BrokenTimeline { what });
    }
    let mut ticket = match (before, &recorded.event) {
        (None, Event::TicketCreated(created)) => create(recorded, created),
        (Some(ticket), event) if !matches!(event, Event::TicketCreated(_)) => change(ticket, recorded),
        (_, event) => {
            let what = format!("{} has {} in the wrong place", recorded.ticket, event.name());
            return Err(BrokenTimeline { what });
        }
    };
    ticket.version = recorded.sequence;
    ticket.updated_at = recorded.at;
    Ok(ticket)
}

/// Whether identity is withheld: as the caller chose, and by default for complaint-reports.
fn is_confidential(chosen: Option<bool>, category: Category) -> bool {
    chosen.unwrap_or(category == Category::ComplaintReport)
}

fn create(recorded: &Recorded, created: &TicketCreated) -> Ticket {
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
        is_confidential: is_confidential(created.chosen_confidential, created.category),
        chosen_confidential: created.chosen_confidential,
        accused_units: created.accused_units.clone(),
        received_at: recorded.at,
        updated_at: recorded.at,
        cycle: Cycle::begin(1, recorded.at, created.deadline.clone()),
        plan: None,
        is_plan_void: false,
        dispatch: None,
        dispatched_version: None,
        returns: Vec::new(),
        answer: None,
        decline: None,
        closing: None,
        merged_into: None,
        repeats: Vec::new(),
        withdrawal_note: None,
        text_marks: created.text_marks.clone(),
        is_screened: created.is_screened,
    }
}

fn change(mut ticket: Ticket, recorded: &Recorded) -> Ticket {
    let at = recorded.at;
    match recorded.event.clone() {
        // `apply` has ruled this out.
        Event::TicketCreated(_) => {}
        Event::TicketAnswered { answer } => {
            ticket.answer = Some(answer);
            ticket.cycle.completed_at = Some(at);
            ticket.state = State::Answered;
        }
        Event::TicketDeclined { decline } => {
            ticket.decline = Some(decline);
            ticket.state = State::Declined;
        }
        Event::TicketClassified(classified) => classify(&mut ticket, *classified),
        Event::TicketPlanned { plan } => (ticket.plan, ticket.is_plan_void) = (Some(plan), false),
        Event::TicketDispatched { dispatch } => give(&mut ticket, dispatch, recorded.sequence),
        Event::TicketAccepted { .. } => {
            if let Some(dispatch) = &mut ticket.dispatch {
                dispatch.accepted_at = Some(at);
            }
            ticket.state = State::Handling;
        }
        Event::TicketReturned { ticket_return } => {
            ticket.returns.push(ticket_return);
            ticket.state = State::Returned;
        }
        Event::ReturnRuled { ruling } => {
            // Whoever gave it back has it no longer, and sees it no longer.
            if ruling.is_accepted {
                take_away(&mut ticket);
            } else {
                ticket.state = State::Dispatched;
            }
            if let Some(last) = ticket.returns.last_mut() {
                last.ruling = Some(ruling);
            }
        }
        Event::TicketClosed { reason } => {
            ticket.closing = Some(Closing { reason, closed_at: at });
            ticket.state = State::Closed;
        }
        Event::TicketReworked { cycle, deadline, .. } => {
            ticket.cycle = Cycle::begin(cycle, at, deadline);
            ticket.closing = None;
            // The unit that handled it handles it again; an answer given on the spot goes back to the desk.
            ticket.state = if ticket.dispatch.is_some() { State::Handling } else { State::Received };
        }
        Event::TicketWithdrawn { note } => {
            ticket.withdrawal_note = Some(note);
            ticket.state = State::Withdrawn;
        }
        Event::TicketMerged { into } => {
            ticket.merged_into = Some(into);
            ticket.state = State::Merged;
        }
        Event::RepeatLinked { repeat, accused_units } => {
            ticket.repeats.push(repeat);
            add_accused(&mut ticket, accused_units);
        }
        Event::TicketRedacted { subject, content, .. } => {
            ticket.subject = subject.unwrap_or(ticket.subject);
            ticket.content = content.unwrap_or(ticket.content);
            ticket.text_marks.clear();
            ticket.is_screened = true;
        }
        event => change_cycle(&mut ticket, event, at),
    }
    ticket
}

/// The events that belong to the handling cycle.
fn change_cycle(ticket: &mut Ticket, event: Event, at: super::Instant) {
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
        Event::RungFired { rung, .. } => cycle.rung = cycle.rung.max(rung),
        Event::ContactAttempted { attempt } => cycle.contact_attempts.push(attempt),
        Event::SurveySubmitted { survey } => cycle.survey = Some(survey),
        // A rung passed over and a note of staff stand on the timeline alone.
        _ => {}
    }
}

fn classify(ticket: &mut Ticket, classified: TicketClassified) {
    ticket.category = classified.category;
    ticket.complexity = classified.complexity;
    ticket.has_several_units = classified.has_several_units;
    ticket.responsibility = classified.responsibility;
    ticket.topic = classified.topic.or_else(|| ticket.topic.take());
    ticket.district = classified.district.or_else(|| ticket.district.take());
    // Once withheld by the nature of a complaint-report, identity stays withheld: units may have seen the category.
    ticket.is_confidential |= is_confidential(ticket.chosen_confidential, classified.category);
    add_accused(ticket, classified.accused_units);
    ticket.cycle.deadline = classified.deadline;
    if classified.is_recalled {
        recall(ticket);
    }
    if classified.is_plan_dropped {
        ticket.plan = None;
    }
    ticket.is_plan_void |= classified.is_plan_void && ticket.plan.is_some();
    ticket.state = match (ticket.state, ticket.responsibility) {
        (State::Received | State::Returned, Responsibility::Overlapping) => State::Planning,
        (State::Planning, Responsibility::Clear) => State::Received,
        (state, _) => state,
    };
}

/// The units of a dispatch have the ticket.
fn give(ticket: &mut Ticket, dispatch: Dispatch, sequence: u32) {
    drop_void_plan(ticket);
    ticket.dispatch = Some(dispatch);
    ticket.dispatched_version = Some(sequence);
    ticket.state = State::Dispatched;
}

/// No unit has the ticket any longer.
fn take_away(ticket: &mut Ticket) {
    ticket.dispatch = None;
    ticket.dispatched_version = None;
    drop_void_plan(ticket);
}

/// A void plan is for the units that read it while it held.
fn drop_void_plan(ticket: &mut Ticket) {
    if ticket.is_plan_void {
        ticket.plan = None;
        ticket.is_plan_void = false;
    }
}

/// Takes a ticket away from its units. What they said about a complaint against one of them is no feedback: it stays on
/// the timeline alone, and the next lead owes both halves. A date that was granted was told to the company and stands.
fn recall(ticket: &mut Ticket) {
    take_away(ticket);
    // It may name the unit that is complained about, and later units read it.
    ticket.plan = None;
    ticket.is_plan_void = false;
    ticket.state = State::Received;
    let cycle = &mut ticket.cycle;
    cycle.caller_reply = None;
    cycle.hotline_report = None;
    cycle.assist_reports.clear();
    if !cycle.is_carried_over() {
        cycle.carry_over = None;
    }
}

fn add_accused(ticket: &mut Ticket, accused: Vec<super::UnitCode>) {
    for unit in accused {
        if !ticket.accused_units.contains(&unit) {
            ticket.accused_units.push(unit);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::fixture::*;
    use super::super::parts::{ClosingReason, ReturnReason, ReturnRuling, Survey, TicketReturn};
    use super::super::{Rung, UnitCode};
    use super::*;

    #[test]
    fn a_timeline_begins_with_its_creation_and_has_no_gap() {
        let sound = timeline([created(), dispatched(), accepted()]);
        assert!(fold(&sound).is_ok());
        for (broken, words) in [
            (Vec::new(), "empty"),
            (timeline([dispatched()]), "TicketDispatched in the wrong place"),
            (timeline([created(), created()]), "TicketCreated in the wrong place"),
            (vec![sound[0].clone(), sound[2].clone()], "event 3 where 2 was due"),
            (vec![sound[1].clone()], "event 2 where 1 was due"),
            (vec![sound[0].clone(), sound[0].clone()], "event 1 where 2 was due"),
        ] {
            let error = fold(&broken).expect_err("a broken timeline");
            assert!(error.what.contains(words), "{}", error.what);
        }
    }

    #[test]
    fn the_version_counts_the_events_and_the_last_one_says_when() {
        let ticket = ticket([created(), dispatched(), accepted()]);
        assert_eq!((ticket.version, ticket.etag()), (3, "v3".to_owned()));
        assert_eq!(ticket.received_at, intake());
        assert_eq!(ticket.updated_at, intake() + TimeDelta::hours(2));
        assert_eq!(ticket.dispatch.and_then(|dispatch| dispatch.accepted_at), Some(ticket.updated_at));
    }

    #[test]
    fn a_rung_only_rises_and_what_was_passed_over_changes_nothing() {
        let fired = |rung| Event::RungFired { cycle: 1, rung, due_at: None, unit: None, note: String::new() };
        let passed = Event::RungPassed { cycle: 1, rung: Rung::Manual, due_at: intake() };
        let recorded = Event::SupervisionRecorded { note: "约谈".to_owned() };
        for (events, rung) in [
            (vec![], Rung::None),
            (vec![fired(Rung::Urged)], Rung::Urged),
            (vec![fired(Rung::Supervised), fired(Rung::Urged)], Rung::Supervised),
            (vec![passed, recorded], Rung::None),
        ] {
            let ticket = ticket(std::iter::once(created()).chain(events));
            assert_eq!((ticket.cycle.rung, ticket.state), (rung, State::Received));
        }
    }

    #[test]
    fn an_accused_unit_is_named_once() {
        let linked = |units: &[&str]| Event::RepeatLinked {
            repeat: number(),
            accused_units: units.iter().map(|unit| code(unit)).collect::<Vec<UnitCode>>(),
        };
        let ticket = ticket([created(), linked(&["tax", "market"]), linked(&["market", "water"])]);
        assert_eq!(ticket.accused_units, ["tax", "market", "water"].map(code));
        assert_eq!(ticket.repeats, [number(), number()]);
    }

    #[test]
    fn a_ruling_belongs_to_the_last_return() {
        let returned = |rule: &str| Event::TicketReturned {
            ticket_return: TicketReturn {
                unit: code("lead"),
                reason: ReturnReason::NotOurPlace,
                rule: rule.to_owned(),
                proposed_unit: None,
                note: String::new(),
                returned_at: intake(),
                is_arbitration: false,
                ruling: None,
            },
        };
        let ruled = |is_accepted, is_final| Event::ReturnRuled {
            ruling: ReturnRuling { is_accepted, is_final, note: String::new(), ruled_at: intake() },
        };
        let first = [created(), dispatched(), returned("one"), ruled(false, false)];
        let ticket = ticket(first.into_iter().chain([returned("two"), ruled(true, true)]));
        let rulings = ticket.returns.iter().map(|one| one.ruling.as_ref().map(|ruling| ruling.is_final));
        assert_eq!(rulings.collect::<Vec<_>>(), [Some(false), Some(true)]);
        assert_eq!((ticket.state, ticket.has_final_ruling()), (State::Returned, true));
    }

    #[test]
    fn a_new_cycle_begins_with_nothing_of_the_one_before() {
        let survey = Survey {
            responded: None,
            resolved: None,
            satisfied: None,
            comment: String::new(),
            surveyed_at: intake(),
        };
        let ticket = ticket([
            created(),
            dispatched(),
            accepted(),
            Event::CallerReplied { unit: code("lead"), reply: reply() },
            Event::HotlineReported { unit: code("lead"), report: report() },
            Event::TicketCompleted { is_on_time: true },
            Event::SurveySubmitted { survey },
            Event::TicketClosed { reason: ClosingReason::Surveyed },
            Event::TicketReworked { cycle: 2, note: String::new(), deadline: deadline() },
        ]);
        assert_eq!(ticket.cycle, Cycle::begin(2, ticket.updated_at, deadline()));
        assert_eq!((ticket.state, ticket.closing), (State::Handling, None));
    }
}
