//! What a classification does with the limit: before it, after it, and within the minutes of a correction.

use chrono::TimeDelta;

use super::super::fixture::*;
use super::*;
use crate::ticket::Rung;

fn as_complex() -> ClassifyTicket {
    ClassifyTicket { complexity: Complexity::Complex, ..as_appeal() }
}

fn with_note(verb: ClassifyTicket) -> ClassifyTicket {
    ClassifyTicket { note: "企业补充了材料".to_owned(), ..verb }
}

/// The ladder fires a rung.
fn fire(desk: &Desk, rung: Rung, ticket: &Ticket) -> Ticket {
    let (cycle, round) = (ticket.cycle.number, ticket.cycle.round);
    let due_at = Some(ticket.cycle.due_at());
    let fired = Event::RungFired { cycle, round, rung, due_at, unit: None, note: String::new() };
    desk.fold(Some(ticket.clone()), vec![fired])
}

#[test]
fn after_the_limit_a_supervisor_alone_changes_the_tier_and_the_limit_stays() {
    let desk = Desk::open();
    let ticket = desk.in_handling();
    let due_at = ticket.cycle.due_at();
    let late = desk.at(due_at);
    for who in [AGENT, DISPATCHER] {
        let fault = late.ask(who, &with_note(as_complex()), &ticket).expect_err("it is too late");
        assert_eq!(fault.reason, ErrorReason::SupervisorNeeded);
        assert_eq!(fault.metadata.get("due_time"), Some(&due_at.to_rfc3339()));
    }
    let fault = late.ask(SUPERVISOR, &as_complex(), &ticket).expect_err("it says no reason");
    assert_eq!((fault.reason, fault.violations.len()), (ErrorReason::InvalidFields, 1));
    let after = late.run(SUPERVISOR, &with_note(as_complex()), &ticket);
    assert_eq!((after.complexity, after.tier()), (Complexity::Complex, Tier::Complex));
    assert_eq!(after.cycle.deadline, ticket.cycle.deadline);
    let done = late.after_hours(1);
    let events = done.ask(LEAD_UNIT, &both(done.now), &after).expect("it is not refused");
    assert_eq!(events.last(), Some(&Event::TicketCompleted { is_on_time: false }));
}

#[test]
fn what_is_no_change_of_the_tier_stays_with_the_agents() {
    let desk = Desk::open();
    let ticket = desk.received();
    let late = desk.after_hours(24 * 8);
    let topic = Some("tax.refund".to_owned());
    let after = late.run(AGENT, &ClassifyTicket { topic, ..as_appeal() }, &ticket);
    assert_eq!((after.topic.as_deref(), &after.cycle), (Some("tax.refund"), &ticket.cycle));
    let accused_units = vec![code(LEAD)];
    let complaint = ClassifyTicket { category: Category::ComplaintReport, accused_units, ..as_appeal() };
    assert_eq!(late.run(AGENT, &complaint, &ticket).accused_units, [code(LEAD)]);
}

#[test]
fn a_wrong_classification_that_is_corrected_within_minutes_gets_limit_and_rung_back() {
    let desk = Desk::open();
    let right = desk.run(AGENT, &as_complex(), &desk.in_handling());
    let slip = desk.after_hours(24 * 9);
    let wrong = slip.run(AGENT, &as_appeal(), &right);
    assert!(wrong.cycle.has_passed(slip.now));
    let urged = fire(&slip, Rung::Urged, &wrong);
    let last = slip.after(TimeDelta::minutes(10));
    let corrected = last.run(DISPATCHER, &as_complex(), &urged);
    assert_eq!(corrected.cycle.deadline, right.cycle.deadline);
    assert_eq!((corrected.cycle.rung, corrected.cycle.ladder_rung), (Rung::None, Rung::None));
    assert_eq!(corrected.cycle.round, 1, "the ladder may fire the rung again");
    let late = last.after(TimeDelta::microseconds(1));
    assert_eq!(late.refusal(AGENT, &as_complex(), &urged), ErrorReason::SupervisorNeeded);
}

#[test]
fn a_correction_gives_back_no_limit_that_has_passed_meanwhile() {
    let desk = Desk::open();
    let ticket = desk.received();
    let question =
        ClassifyTicket { category: Category::Consultation, complexity: Complexity::Complex, ..as_appeal() };
    // A minute before the limit of the appeal, it is taken for a consultation, whose three days are over.
    let slip = desk.at(ticket.cycle.due_at() - TimeDelta::minutes(1));
    let wrong = slip.run(AGENT, &question, &ticket);
    let in_time = slip.after(TimeDelta::seconds(59));
    assert_eq!(in_time.run(AGENT, &as_appeal(), &wrong).cycle.deadline, ticket.cycle.deadline);
    let late = slip.after(TimeDelta::minutes(1));
    assert_eq!(late.refusal(AGENT, &as_appeal(), &wrong), ErrorReason::SupervisorNeeded);
}
