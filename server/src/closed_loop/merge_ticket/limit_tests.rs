//! What a merge does with limits and rungs: it makes none better.

use super::super::fixture::*;
use super::*;
use crate::ticket::Rung;

fn repeat_of(ticket: Ticket) -> Ticket {
    Ticket { number: number(2), ..ticket }
}

fn merged(desk: &Desk, repeat: &Ticket, open: &Ticket) -> Ticket {
    let (_, linked) = decide(repeat, open, &known(&[]), desk.now).expect("it is not refused");
    desk.fold(Some(open.clone()), vec![linked])
}

#[test]
fn the_earlier_limit_of_the_two_is_in_force() {
    let desk = Desk::open();
    let (old, new) = (repeat_of(desk.received()), desk.after_hours(50).received());
    let after = merged(&desk.after_hours(60), &old, &new);
    assert_eq!(after.cycle.due_at(), old.cycle.due_at());
    assert_eq!(after.cycle.deadline, new.cycle.deadline, "its own count stays as it was");
    let (old, new) = (desk.received(), repeat_of(desk.after_hours(50).received()));
    assert_eq!(merged(&desk.after_hours(60), &new, &old).cycle.due_at(), old.cycle.due_at());
}

#[test]
fn an_overdue_repeat_makes_the_open_ticket_overdue_with_its_rung() {
    let desk = Desk::open();
    let old = repeat_of(desk.received());
    let late = desk.after_hours(24 * 7 + 30);
    let supervised = Event::RungFired {
        cycle: 1,
        round: 0,
        rung: Rung::Supervised,
        due_at: Some(old.cycle.due_at()),
        unit: None,
        note: String::new(),
    };
    let old = late.fold(Some(old), vec![supervised]);
    let after = merged(&late, &old, &late.in_handling());
    assert_eq!((after.cycle.rung, after.cycle.ladder_rung), (Rung::Supervised, Rung::None));
    assert!(after.cycle.has_passed(late.now));
    // The ladder notifies the unit that has the open ticket, and its work is late.
    let events = late.ask(LEAD_UNIT, &both(late.now), &after).expect("it is not refused");
    assert_eq!(events.last(), Some(&Event::TicketCompleted { is_on_time: false }));
    let again = late.ask(AGENT, &as_appeal(), &after);
    assert!(again.is_ok(), "the same tier");
}

#[test]
fn limits_are_handed_on_through_a_chain() {
    let desk = Desk::open();
    let first = Ticket { number: number(3), ..desk.received() };
    let second = merged(&desk, &first, &repeat_of(desk.after_hours(5).received()));
    let third = merged(&desk.after_hours(9), &second, &desk.after_hours(9).received());
    assert_eq!(third.cycle.due_at(), first.cycle.due_at());
    assert_eq!(third.repeats, [second.number, first.number]);
    assert_eq!(third.repeats_to_call, third.repeats);
}

#[test]
fn a_ticket_stands_for_a_bounded_number_of_repeats() {
    let desk = Desk::open();
    let full = Ticket { repeats: vec![number(9); REPEATS_MAX - 1], ..desk.received() };
    assert!(decide(&repeat_of(desk.received()), &full, &known(&[]), desk.now).is_ok());
    let with_one = Ticket { repeats: vec![number(8)], ..repeat_of(desk.received()) };
    let refused = decide(&with_one, &full, &known(&[]), desk.now).expect_err("one too many");
    assert_eq!(refused.reason, ErrorReason::MergeTargetUnfit);
}
