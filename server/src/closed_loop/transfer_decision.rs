//! The pure decision about one ticket of a transfer: which events move it from a unit to its successor, or to the desk.
//!
//! A transfer never gives a successor a ticket that a dispatcher could not send to it. It also keeps tickets away that
//! accuse a unit under the successor, and tickets that are held. These go to the desk whole: if the unit only
//! disappeared from them, the other units would learn who is complained about, or that the texts name the caller.

use super::DecisionContext;
use super::conflict_recall;
use crate::deadline::{self, Calendar, Limit, Policy};
use crate::desk::directory::UnitSet;
use crate::platform::Fault;
use crate::ticket::{Dispatch, Event, Instant, Relation, Ticket, UnitCode};

/// What a transfer does.
#[derive(Debug, Clone, Copy)]
pub struct Handover<'a> {
    /// The number of the transfer.
    pub transfer: u32,
    /// The unit whose work moves.
    pub from: &'a UnitCode,
    /// The active unit that takes it over; `None` for the desk.
    pub to: Option<&'a UnitCode>,
}

/// Where a ticket goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To the successor.
    Successor,
    /// To the desk.
    Desk,
    /// It stays with its lead, without the unit.
    Lead,
}

/// The inputs of a decision besides the ticket.
#[derive(Debug, Clone, Copy)]
pub struct TransferContext<'a> {
    /// The instant of the unit of work; never before the ticket's last event.
    pub now: Instant,
    /// The policy of the ticket's intake.
    pub policy: &'a Policy,
    /// The calendar of its cycle.
    pub calendar: &'a Calendar,
    /// The units of the ticket, the accused ones, and those of the transfer, with those above them.
    pub units: &'a UnitSet,
}

/// Decides what happens to a ticket; `None` if it is not open, or the unit has lost it meanwhile. Pure.
///
/// # Errors
/// An internal error if the instant lies outside the years of the calendars.
pub fn decide(
    ticket: &Ticket,
    handover: Handover<'_>,
    ctx: &TransferContext<'_>,
) -> Result<Option<(Vec<Event>, Destination)>, Fault> {
    let Handover { transfer, from, to } = handover;
    let Some(dispatch) = ticket.dispatch.as_ref().filter(|_| ticket.state.is_open()) else { return Ok(None) };
    let Some(relation) = dispatch.relation_of(from) else { return Ok(None) };
    let destination = destination(ticket, relation, to, ctx.units);
    let transfer = Some(transfer);
    let mut events = Vec::new();
    if destination == Destination::Desk || relation == Relation::Lead {
        events.extend(conflict_recall::settle_return(ticket, ctx.now));
    }
    events.push(match (destination, relation, to) {
        (Destination::Successor, Relation::Lead, Some(to)) => {
            let dispatch = led_by(dispatch, to, ctx)?;
            Event::TicketDispatched { dispatch, reason: String::new(), transfer }
        }
        (Destination::Successor, _, successor) => {
            Event::UnitReplaced { unit: from.clone(), successor: successor.cloned(), transfer }
        }
        (Destination::Lead, ..) => Event::UnitReplaced { unit: from.clone(), successor: None, transfer },
        (Destination::Desk, ..) => Event::TicketSentToDesk { unit: from.clone(), transfer },
    });
    Ok(Some((events, destination)))
}

fn destination(ticket: &Ticket, relation: Relation, to: Option<&UnitCode>, units: &UnitSet) -> Destination {
    match to {
        // If the unit were taken off without a successor, the lead would learn that the texts are held.
        Some(to) if ticket.is_held() || is_near(to, &ticket.accused_units, units) => Destination::Desk,
        Some(_) => Destination::Successor,
        None if relation == Relation::Lead => Destination::Desk,
        None => Destination::Lead,
    }
}

/// The active unit that takes over from a unit: the named one, or the first of its successors that is active. If these
/// lead back to the unit itself, nobody takes over, and its tickets go to the desk.
#[must_use]
pub fn successor<'a>(from: &UnitCode, to: Option<&'a UnitCode>, units: &'a UnitSet) -> Option<&'a UnitCode> {
    to.and_then(|to| units.active_successor(to)).filter(|to| *to != from)
}

/// Whether one of these accused units is the successor, or above it, or under it.
fn is_near(to: &UnitCode, accused: &[UnitCode], units: &UnitSet) -> bool {
    accused.iter().any(|accused| units.is_under(to, accused) || units.is_under(accused, to))
}

/// The dispatch under another lead, with a return window of its own.
fn led_by(dispatch: &Dispatch, lead: &UnitCode, ctx: &TransferContext<'_>) -> Result<Dispatch, Fault> {
    let others = |units: &[UnitCode]| units.iter().filter(|unit| *unit != lead).cloned().collect();
    Ok(Dispatch {
        lead_unit: lead.clone(),
        assist_units: others(&dispatch.assist_units),
        inform_units: others(&dispatch.inform_units),
        dispatched_at: ctx.now,
        return_due_at: return_window(ctx.now, ctx.policy, ctx.calendar)?,
        accepted_at: None,
        note: dispatch.note.clone(),
    })
}

/// The end of the return window of a dispatch.
pub(super) fn return_window(now: Instant, policy: &Policy, calendar: &Calendar) -> Result<Instant, Fault> {
    deadline::due(now, Limit::Days(policy.returns.window), calendar)
        .map(|window| window.due_at)
        .map_err(|error| Fault::internal(format!("a return window from {now}: {error}")))
}

/// The events that take inactive units off a ticket that would come back to them: nothing new reaches such a unit. A
/// ticket whose lead is inactive goes to the desk. Pure.
pub(super) fn without_inactive_units(ticket: &Ticket, ctx: &DecisionContext<'_>) -> Vec<Event> {
    let is_inactive = |unit: &&UnitCode| ctx.units.is_inactive(unit);
    if let Some(lead) = ticket.lead_unit().filter(is_inactive) {
        return vec![Event::TicketSentToDesk { unit: lead.clone(), transfer: None }];
    }
    let taken_off = ticket.units().filter(is_inactive).cloned();
    taken_off.map(|unit| Event::UnitReplaced { unit, successor: None, transfer: None }).collect()
}

/// The events by which inactive units leave a ticket that comes back into the loop. A pending return of its lead is
/// settled, as in a transfer.
pub(super) fn back_without_inactive_units(ticket: &Ticket, ctx: &DecisionContext<'_>) -> Vec<Event> {
    let left = without_inactive_units(ticket, ctx);
    let is_sent_to_desk = matches!(left.first(), Some(Event::TicketSentToDesk { .. }));
    let settled = if is_sent_to_desk { conflict_recall::settle_return(ticket, ctx.now) } else { None };
    settled.into_iter().chain(left).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::desk::directory::Unit;
    use crate::ticket::State;

    /// The units of the fixture; a complaint about the inactive one is a complaint about the one that assists.
    fn units() -> UnitSet {
        let codes = [LEAD, UNDER_LEAD, ASSIST, INFORM, INACTIVE].map(code);
        let mut units = known(&codes);
        let inactive = units.get(&code(INACTIVE)).cloned().expect("the fixture has it");
        units.extend(UnitSet::of([Unit { successor: Some(code(ASSIST)), ..inactive }]));
        units
    }

    /// The ticket after a transfer, and where it went; `None` if it stayed as it was.
    fn moved(desk: &Desk, ticket: &Ticket, from: &str, to: Option<&str>) -> Option<(Ticket, Destination)> {
        let (from, to, units) = (code(from), to.map(code), units());
        let calendar = Calendar::shipped().expect("the shipped calendar is sound");
        let ctx = TransferContext { now: desk.now, policy: &desk.policy, calendar: &calendar, units: &units };
        let handover = Handover { transfer: 1, from: &from, to: to.as_ref() };
        let (events, destination) = decide(ticket, handover, &ctx).expect("it can be counted")?;
        Some((desk.fold(Some(ticket.clone()), events), destination))
    }

    fn codes(units: &[&str]) -> Vec<UnitCode> {
        units.iter().map(|unit| code(unit)).collect()
    }

    #[test]
    fn what_a_unit_leads_its_successor_leads_from_the_dispatch_on() {
        let desk = Desk::open();
        for ticket in [desk.dispatched(), desk.in_handling(), desk.returned()] {
            let (after, to) = moved(&desk, &ticket, LEAD, Some(UNDER_LEAD)).expect("it moves");
            assert_eq!((after.state, to), (State::Dispatched, Destination::Successor));
            let dispatch = after.dispatch.as_ref().expect("it is dispatched");
            assert_eq!(dispatch.lead_unit, code(UNDER_LEAD));
            assert_eq!(dispatch.assist_units, codes(&[ASSIST]));
            assert_eq!((after.pending_return(), after.cycle.due_at()), (None, ticket.cycle.due_at()));
        }
        // One that assists leads then, and assists no longer.
        let (after, _) = moved(&desk, &desk.in_handling(), LEAD, Some(ASSIST)).expect("it moves");
        let dispatch = after.dispatch.expect("it is dispatched");
        assert_eq!((dispatch.lead_unit, dispatch.assist_units), (code(ASSIST), Vec::new()));
    }

    #[test]
    fn without_a_successor_what_a_unit_leads_goes_to_the_desk() {
        let desk = Desk::open();
        for ticket in [desk.dispatched(), desk.in_handling(), desk.returned()] {
            let (after, to) = moved(&desk, &ticket, LEAD, None).expect("it moves");
            assert_eq!((after.state, after.dispatch, to), (State::Received, None, Destination::Desk));
        }
        let overlapping =
            Ticket { responsibility: crate::ticket::Responsibility::Overlapping, ..desk.in_handling() };
        let (after, _) = moved(&desk, &overlapping, LEAD, None).expect("it moves");
        assert_eq!(after.state, State::Planning);
    }

    #[test]
    fn a_successor_assists_in_the_place_of_the_unit_and_the_lead_keeps_the_ticket() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        for (from, to, assist, inform, destination) in [
            (ASSIST, Some(UNDER_LEAD), vec![UNDER_LEAD], vec![INFORM], Destination::Successor),
            (INFORM, Some(UNDER_LEAD), vec![ASSIST], vec![UNDER_LEAD], Destination::Successor),
            // The stronger relation counts.
            (ASSIST, Some(INFORM), vec![INFORM], vec![], Destination::Successor),
            (INFORM, Some(ASSIST), vec![ASSIST], vec![], Destination::Successor),
            (ASSIST, Some(LEAD), vec![], vec![INFORM], Destination::Successor),
            (ASSIST, None, vec![], vec![INFORM], Destination::Lead),
            (INFORM, None, vec![ASSIST], vec![], Destination::Lead),
        ] {
            let (after, to) = moved(&desk, &ticket, from, to).expect("it moves");
            let dispatch = after.dispatch.expect("it stays dispatched");
            assert_eq!((to, after.state, &dispatch.lead_unit), (destination, State::Handling, &code(LEAD)));
            assert_eq!(dispatch.accepted_at, ticket.dispatch.as_ref().and_then(|one| one.accepted_at));
            assert_eq!((dispatch.assist_units, dispatch.inform_units), (codes(&assist), codes(&inform)));
        }
    }

    #[test]
    fn a_ticket_that_accuses_the_successor_or_one_near_it_goes_to_the_desk_whole() {
        let desk = Desk::open();
        let about = |accused: &str| Ticket { accused_units: vec![code(accused)], ..desk.in_handling() };
        for (accused, from, to) in [
            (UNDER_LEAD, ASSIST, UNDER_LEAD),
            // A unit above the successor, and one under it.
            (LEAD, ASSIST, UNDER_LEAD),
            (UNDER_LEAD, INFORM, LEAD),
            // The successor took over from the accused unit.
            (INACTIVE, INFORM, ASSIST),
        ] {
            // The fixture's units may be accused here: only the transfer is looked at.
            let (units, ticket) = (units(), about(accused));
            let relation = ticket.relation_of(&code(from)).expect("it has the ticket");
            let to = code(to);
            assert_eq!(destination(&ticket, relation, Some(&to), &units), Destination::Desk, "{accused}");
        }
        let elsewhere = moved(&desk, &about("dept-finance"), INFORM, Some(UNDER_LEAD));
        assert_eq!(elsewhere.map(|(_, to)| to), Some(Destination::Successor));
    }

    #[test]
    fn what_is_held_reaches_no_successor_and_what_ended_stays() {
        let desk = Desk::open();
        let marked = crate::ticket::TextMark {
            field: crate::ticket::TextField::Content,
            kind: crate::ticket::pii::MarkKind::Phone,
            position: 1,
        };
        let held = Ticket { is_confidential: true, text_marks: vec![marked], ..desk.in_handling() };
        let destination = |from| moved(&desk, &held, from, Some(UNDER_LEAD)).map(|(_, to)| to);
        assert_eq!(destination(LEAD), Some(Destination::Desk));
        assert_eq!(destination(ASSIST), Some(Destination::Desk), "its lead must not learn that it is held");
        assert_eq!(destination(INFORM), Some(Destination::Desk));
        assert_eq!(moved(&desk, &held, ASSIST, None).map(|(_, to)| to), Some(Destination::Lead));
        assert_eq!(moved(&desk, &desk.in_handling(), UNDER_LEAD, Some(LEAD)), None);
        assert_eq!(moved(&desk, &desk.completed(), LEAD, Some(UNDER_LEAD)), None);
        assert_eq!(moved(&desk, &desk.received(), LEAD, None), None);
    }
}
