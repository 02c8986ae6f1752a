//! What a merge that is undone gives back, to the repeat and to the ticket that stood for it.

use super::super::fixture::*;
use super::super::merge_ticket;
use super::*;
use crate::ticket::{Rung, State};

/// The same ticket with another number.
fn numbered(sequence: u32, ticket: Ticket) -> Ticket {
    Ticket { number: number(sequence), ..ticket }
}

/// Merges one ticket into another at the desk's instant; answers both.
fn merge(desk: &Desk, repeat: &Ticket, open: &Ticket) -> (Ticket, Ticket) {
    let (merged, linked) =
        merge_ticket::decide(repeat, open, &known(&[]), desk.now).expect("it is not refused");
    (desk.fold(Some(repeat.clone()), vec![merged]), desk.fold(Some(open.clone()), vec![linked]))
}

/// Undoes a merge; answers the repeat, and the ticket that stood for it.
fn unmerge(desk: &Desk, repeat: &Ticket, open: &Ticket) -> (Ticket, Ticket) {
    let named: Vec<_> = repeat.units().cloned().collect();
    let decided =
        desk.decide(AGENT, "UnmergeTicket", &named, |ctx| decide(repeat, &open.accused_units, "并错了", ctx));
    let (unmerged, unlinked) = decided.expect("it is not refused");
    (desk.fold(Some(repeat.clone()), unmerged), desk.fold(Some(open.clone()), vec![unlinked]))
}

fn fire(rung: Rung, desk: &Desk, due_at: crate::ticket::Instant, ticket: &Ticket) -> Ticket {
    let (cycle, round) = (ticket.cycle.number, ticket.cycle.round);
    let fired =
        Event::RungFired { cycle, round, rung, due_at: Some(due_at), unit: None, note: String::new() };
    desk.fold(Some(ticket.clone()), vec![fired])
}

#[test]
fn the_repeat_goes_on_with_its_own_limit_in_its_own_state() {
    let desk = Desk::open();
    for before in [desk.received(), desk.returned()] {
        let before = numbered(2, before);
        let later = desk.after_hours(50);
        let (repeat, open) = merge(&later, &before, &later.received());
        let (repeat, open) = unmerge(&later.after_hours(72), &repeat, &open);
        assert_eq!((repeat.state, repeat.merged_into, repeat.ending), (before.state, None, None));
        assert_eq!((&repeat.cycle, &repeat.dispatch), (&before.cycle, &before.dispatch));
        assert_eq!((open.repeats.len(), open.repeats_to_call.len()), (0, 0));
    }
}

#[test]
fn the_window_ends_with_its_last_instant() {
    let desk = Desk::open();
    let (repeat, _) = merge(&desk, &numbered(2, desk.received()), &desk.received());
    let late = desk.after(TimeDelta::hours(72) + TimeDelta::microseconds(1));
    let refused = late.decide(AGENT, "UnmergeTicket", &[], |ctx| decide(&repeat, &[], "并错了", ctx));
    assert_eq!(refused.map_err(|fault| fault.reason), Err(ErrorReason::UndoWindowClosed));
    let own = desk.received();
    let refused = desk.decide(AGENT, "UnmergeTicket", &[], |ctx| decide(&own, &[], "并错了", ctx));
    assert_eq!(refused.map_err(|fault| fault.reason), Err(ErrorReason::NotMergedInto));
}

#[test]
fn the_other_ticket_gives_back_the_limit_and_the_rungs_that_followed_from_it() {
    let desk = Desk::open();
    let old = fire(Rung::Supervised, &desk.after_hours(200), desk.now, &numbered(2, desk.received()));
    let later = desk.after_hours(200);
    let innocent = later.received();
    let (repeat, open) = merge(&later, &old, &innocent);
    assert_eq!((open.cycle.due_at(), open.cycle.rung), (old.cycle.due_at(), Rung::Supervised));
    let fired = fire(Rung::Supervised, &later, old.cycle.due_at(), &open);
    let (repeat, open) = unmerge(&later, &repeat, &fired);
    assert_eq!((open.cycle.due_at(), open.cycle.rung), (innocent.cycle.due_at(), Rung::None));
    // The ladder begins again, in another round.
    assert_eq!((open.cycle.ladder_rung, open.cycle.round), (Rung::None, 1));
    assert_eq!((repeat.cycle.due_at(), repeat.cycle.rung), (old.cycle.due_at(), Rung::Supervised));
}

#[test]
fn a_ticket_that_is_overdue_by_itself_stays_so() {
    let desk = Desk::open();
    let (repeat, open) = (numbered(2, desk.received()), desk.after_hours(1).received());
    let late = desk.after_hours(24 * 8);
    let (repeat, open) = merge(&late, &repeat, &open);
    let open = fire(Rung::Urged, &late, open.cycle.due_at(), &open);
    let (_, open) = unmerge(&late, &repeat, &open);
    assert_eq!((open.cycle.rung, open.cycle.round), (Rung::Urged, 0));
}

#[test]
fn repeats_of_a_repeat_leave_with_it() {
    let desk = Desk::open();
    let (first, second) = merge(&desk, &numbered(3, desk.received()), &numbered(2, desk.received()));
    let (second, open) = merge(&desk, &second, &desk.received());
    assert_eq!(open.repeats, [number(2), number(3)]);
    // The first one alone is taken out of the middle.
    let (first, without) = unmerge(&desk, &first, &second);
    let unlinked = Event::RepeatUnlinked { repeat: first.number, linked: Vec::new() };
    assert_eq!(desk.fold(Some(open.clone()), vec![unlinked]).repeats, [number(2)]);
    assert_eq!((first.state, without.repeats.len()), (State::Received, 0));
    // Both leave together.
    let (second, open) = unmerge(&desk, &second, &open);
    assert_eq!((second.repeats, open.repeats), (vec![number(3)], Vec::new()));
}

#[test]
fn a_unit_that_the_other_ticket_accuses_does_not_get_the_repeat_back() {
    let desk = Desk::open();
    let about = |accused: &str| Ticket { accused_units: vec![code(accused)], ..desk.received() };
    for (accused, is_recalled) in [(LEAD, true), (ASSIST, true), (INFORM, true), (UNDER_LEAD, false)] {
        let (repeat, open) = merge(&desk, &numbered(2, desk.returned()), &desk.received());
        let open = Ticket { accused_units: about(accused).accused_units, ..open };
        let (repeat, open) = unmerge(&desk, &repeat, &open);
        let state = if is_recalled { State::Received } else { State::Returned };
        assert_eq!((repeat.state, repeat.dispatch.is_none()), (state, is_recalled), "{accused}");
        assert_eq!(repeat.pending_return().is_none(), is_recalled, "the recall settles the return");
        assert_eq!((repeat.accused_units.len(), open.accused_units), (0, vec![code(accused)]));
    }
}

#[test]
fn each_limit_leaves_with_its_own_rung() {
    let desk = Desk::open();
    let late = desk.after_hours(24 * 9);
    // The second ticket is supervised because of the first one alone.
    let (first, second) = (numbered(3, desk.received()), numbered(2, late.received()));
    let (first, second) = merge(&late, &first, &second);
    let second = fire(Rung::Supervised, &late, first.cycle.due_at(), &second);
    let (second, open) = merge(&late, &second, &late.received());
    assert_eq!(open.cycle.rung, Rung::Supervised, "a merge takes no rung back");
    // The first one leaves the middle of the chain, and all three are as they were.
    let (first, without) = unmerge(&late, &first, &second);
    let unlinked = Event::RepeatUnlinked { repeat: first.number, linked: Vec::new() };
    let open = late.fold(Some(open), vec![unlinked]);
    assert_eq!((without.cycle.rung, open.cycle.rung), (Rung::None, Rung::None));
    assert_eq!(open.cycle.due_at(), late.received().cycle.due_at());
}
