//! How each event changes the ticket, and which sequences of events are broken.

use chrono::TimeDelta;

use super::super::fixture::*;
use super::super::{ClosingReason, ReturnReason, ReturnRuling, Survey, TicketReturn};
use super::super::{Rung, UnitCode};
use super::*;
use crate::ticket::event::RepeatLinked;

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
    let fired = |rung| Event::RungFired {
        cycle: 1,
        round: 0,
        rung,
        due_at: Some(intake()),
        unit: None,
        note: String::new(),
    };
    let passed = Event::RungPassed { cycle: 1, round: 0, rung: Rung::Manual, due_at: intake() };
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
    let linked = |units: &[&str]| {
        Event::RepeatLinked(Box::new(RepeatLinked {
            repeat: number(),
            accused_units: units.iter().map(|unit| code(unit)).collect::<Vec<UnitCode>>(),
            linked: Vec::new(),
            limits: Vec::new(),
        }))
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
        surveyed_by: String::new(),
        is_chosen: true,
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
