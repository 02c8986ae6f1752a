//! Sequences of events for the tests of the fold and of the invariants, written by hand without any decision.

use super::event::TicketCreated;
use super::{Actor, Category, Complexity, Event, EventRecord, Ticket, TicketNumber, Tier, apply};
use super::{CallerReply, ContactMethod, Deadline, Dispatch, HotlineReport, Instant, UnitCode};

/// The first instant of every sequence.
pub(super) fn intake() -> Instant {
    "2019-10-14T02:00:00Z".parse().expect("an instant")
}

/// A unit code.
pub(super) fn code(code: &str) -> UnitCode {
    UnitCode(code.to_owned())
}

/// A ticket number.
pub(super) fn number() -> TicketNumber {
    let day = chrono::NaiveDate::from_ymd_opt(2019, 10, 14).expect("a day");
    TicketNumber::new(day, 17).expect("a number")
}

/// A limit of seven days.
pub(super) fn deadline() -> Deadline {
    Deadline {
        due_at: intake() + chrono::TimeDelta::days(7),
        tier: Tier::General,
        policy_version: "p-1".to_owned(),
        calendar_version: "c-1".to_owned(),
        is_provisional: false,
    }
}

/// An appeal is taken in.
pub(super) fn created() -> Event {
    Event::TicketCreated(Box::new(TicketCreated {
        category: Category::Appeal,
        complexity: Complexity::General,
        has_several_units: false,
        topic: None,
        district: None,
        industry: None,
        subject: "执照办理".to_owned(),
        content: "窗口要求重复提交材料".to_owned(),
        channel: super::Channel::Web,
        source: None,
        call_began_at: None,
        call: None,
        chosen_confidential: None,
        accused_units: Vec::new(),
        deadline: deadline(),
        follows: None,
        text_marks: Vec::new(),
        intake_unit: None,
        is_training: false,
    }))
}

/// It is dispatched to a lead and an assisting unit.
pub(super) fn dispatched() -> Event {
    let dispatch = Dispatch {
        lead_unit: code("lead"),
        assist_units: vec![code("assist")],
        inform_units: Vec::new(),
        dispatched_at: intake(),
        return_due_at: intake() + chrono::TimeDelta::days(1),
        accepted_at: None,
        note: String::new(),
    };
    Event::dispatched(dispatch)
}

/// Its lead accepts it.
pub(super) fn accepted() -> Event {
    Event::TicketAccepted { unit: code("lead") }
}

/// A reply to the company.
pub(super) fn reply() -> CallerReply {
    let (official, content) = ("王工".to_owned(), "已办结".to_owned());
    let method = ContactMethod::Telephone;
    CallerReply { replied_at: intake(), method, official, content, recorded_at: intake() }
}

/// A report to the hotline.
pub(super) fn report() -> HotlineReport {
    let (actions, result) = ("现场核实".to_owned(), "已办结".to_owned());
    HotlineReport { actions, result, evidence: Vec::new(), recorded_at: intake() }
}

/// Events with their sequence numbers, an hour apart.
pub(super) fn timeline(events: impl IntoIterator<Item = Event>) -> Vec<EventRecord> {
    let recorded = |(sequence, event): (u32, Event)| EventRecord {
        ticket: number(),
        sequence,
        at: intake() + chrono::TimeDelta::hours(i64::from(sequence) - 1),
        actor: Actor::system(),
        event,
    };
    (1..).zip(events).map(recorded).collect()
}

/// The ticket that events fold into.
pub(super) fn ticket(events: impl IntoIterator<Item = Event>) -> Ticket {
    apply::fold(&timeline(events)).expect("a timeline")
}
