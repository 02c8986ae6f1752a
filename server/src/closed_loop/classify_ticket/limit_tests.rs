//! What a classification does with the limit: before it, after it, and within the minutes of a correction.

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
fn a_correction_gives_back_no_limit_that_has_passed_by_itself() {
    let desk = Desk::open();
    let ticket = desk.received();
    // A minute before the limit of a general appeal, it is classified as complex, and back two minutes later.
    let before = desk.at(ticket.cycle.due_at() - TimeDelta::minutes(1));
    let complex = before.run(AGENT, &as_complex(), &ticket);
    let after = before.after(TimeDelta::minutes(2));
    let back = after.run(AGENT, &as_appeal(), &complex);
    assert!(back.cycle.has_passed(after.now), "the seven days are over");
    // And forth again: there is no way out.
    assert_eq!(after.refusal(AGENT, &as_complex(), &back), ErrorReason::SupervisorNeeded);
}

#[test]
fn a_rung_that_staff_fired_is_not_taken_back() {
    use crate::oversight::escalate_ticket::EscalateTicket;

    let desk = Desk::open();
    let right = desk.run(AGENT, &as_complex(), &desk.in_handling());
    let slip = desk.after_hours(24 * 9);
    let wrong = fire(&slip, Rung::Urged, &slip.run(AGENT, &as_appeal(), &right));
    let by_hand = EscalateTicket::Fire { rung: Rung::Supervised, note: "企业再次来电".to_owned() };
    let supervised = slip.run(SUPERVISOR, &by_hand, &wrong);
    let corrected = slip.run(AGENT, &as_complex(), &supervised);
    assert_eq!((corrected.cycle.rung, corrected.cycle.ladder_rung), (Rung::Supervised, Rung::None));
}

#[test]
fn what_staff_fire_before_the_limit_does_not_silence_the_ladder() {
    use crate::oversight::escalate_ticket::EscalateTicket;

    let desk = Desk::open();
    let by_hand = EscalateTicket::Fire { rung: Rung::Manual, note: "企业再次来电".to_owned() };
    let early = desk.run(SUPERVISOR, &by_hand, &desk.in_handling());
    assert_eq!((early.cycle.rung, early.cycle.ladder_rung), (Rung::Manual, Rung::None));
    assert_eq!(early.cycle.round, 1);
    let late = desk.at(early.cycle.due_at());
    let after = late.run(SUPERVISOR, &by_hand, &desk.in_handling());
    assert_eq!((after.cycle.ladder_rung, after.cycle.round), (Rung::Manual, 0), "nothing is fired twice");
}
