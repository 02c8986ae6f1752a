//! One ticket: its events are the chain that was hashed and sealed, and its row is what they make of it. Pure.

use sea_orm::entity::prelude::*;
use sea_orm::{Iterable as _, TryIntoModel as _};

use super::readings::Readings;
use super::walk::{Noted, Walk};
use crate::ledger::rows::{event, ticket};
use crate::platform::hashing::Link;
use crate::ticket::{Ticket, apply};
use crate::timeline::{Finding, Place, Wrong, chain};

/// Everything that is stored of a ticket and its chain.
#[derive(Debug, Default)]
pub(super) struct Stored {
    pub(super) row: Option<ticket::Model>,
    pub(super) events: Vec<event::Model>,
    /// Up to where older events were hashed, and what came out.
    pub(super) starts: Vec<Noted>,
    /// The heads under seals, in the order of the seals.
    pub(super) sealed: Vec<Noted>,
    /// The heads that wait for a seal.
    pub(super) waiting: Vec<Noted>,
    /// The readings of its caller.
    pub(super) readings: Readings,
}

impl Stored {
    /// Takes the note of a head: of a reading, where it names a subject, or else of the ticket's own chain.
    pub(super) fn note(
        &mut self,
        subject: String,
        sequence: i32,
        hash: &[u8],
        own: impl FnOnce(&mut Self) -> &mut Vec<Noted>,
    ) {
        if subject.is_empty() {
            own(self).push((sequence, Link::of(hash)));
        } else {
            self.readings.noted.push((subject, Link::of(hash)));
        }
    }
}

/// What is wrong with a ticket, and with the readings of its caller, whether or not those of an older release
/// `are_sealed`.
pub(super) fn findings(number: i64, stored: Stored, are_sealed: bool) -> Vec<Finding> {
    let Stored { row, events, starts, sealed, waiting, readings } = stored;
    let is_unchained = starts.is_empty() && events.iter().all(|event| event.hash.is_none());
    let is_unchained = is_unchained && sealed.is_empty() && waiting.is_empty();
    let is_unchained = is_unchained && row.as_ref().is_some_and(|row| row.head_sequence.is_none());
    let old_until = starts.iter().map(|(sequence, _)| *sequence).min().unwrap_or(0);
    let mut walk = Walk::begin(if is_unchained { i32::MAX } else { old_until });
    let mut fold = Fold::default();
    for event in events {
        let follows = walk.step(event.sequence, event.hash.as_deref(), |suite, before| {
            chain::event(suite, before, &event.cells())
        });
        for (_, link) in starts.iter().filter(|(sequence, _)| *sequence == event.sequence) {
            walk.started(event.sequence, *link);
        }
        fold.step(follows, event);
    }
    walk.end(&sealed, &waiting);
    let place = |from, to| Place::Events(number, from, to);
    let mut found: Vec<_> =
        walk.faults.iter().map(|(from, to, wrong)| Finding::new(place(*from, *to), *wrong)).collect();
    if let Some(sequence) = fold.unfit {
        found.push(Finding::new(place(sequence, sequence), Wrong::Unfit));
    }
    match row {
        Some(row) => {
            let head = (walk.reached(), walk.head());
            found.extend(
                row_faults(&row, head, is_unchained).map(|wrong| Finding::new(Place::Ticket(number), wrong)),
            );
            if let Some(folded) = fold.ticket.filter(|_| !fold.is_broken) {
                let columns = columns(&row, &folded).into_iter();
                found.extend(
                    columns.map(|column| Finding::new(Place::Ticket(number), Wrong::RowAltered(column))),
                );
            }
        }
        None => found = vec![Finding::new(Place::Ticket(number), Wrong::Missing)],
    }
    found.extend(readings.findings(number, are_sealed));
    found
}

/// The fold of the events, as far as they fold.
#[derive(Default)]
struct Fold {
    ticket: Option<Ticket>,
    unfit: Option<i32>,
    is_broken: bool,
}

impl Fold {
    fn step(&mut self, follows: bool, row: event::Model) {
        if !follows || self.is_broken {
            // What is missing was said already.
            self.is_broken = true;
            return;
        }
        let sequence = row.sequence;
        let recorded = event::read(row).ok();
        self.ticket = recorded.and_then(|recorded| apply::apply(self.ticket.take(), &recorded).ok());
        if self.ticket.is_none() {
            (self.unfit, self.is_broken) = (Some(sequence), true);
        }
    }
}

/// What the row says of its events, whatever these are.
fn row_faults(
    row: &ticket::Model,
    (reached, link): (i32, Option<Link>),
    is_unchained: bool,
) -> impl Iterator<Item = Wrong> {
    let is_version = row.version == reached;
    let head = row.head_hash.as_deref().map(Link::of);
    let is_head = match (row.head_sequence, head) {
        (None, None) => is_unchained,
        (Some(sequence), Some(hash)) => sequence == reached && (link.is_none() || hash == link),
        _ => false,
    };
    let version = (!is_version).then_some(Wrong::RowAltered("version"));
    version.into_iter().chain((!is_head).then_some(Wrong::HeadAltered))
}

/// The columns of a row that are not what the events make of it; its version and its head are looked at apart.
fn columns(row: &ticket::Model, folded: &Ticket) -> Vec<&'static str> {
    let expected = ticket::of(folded, None).ok().and_then(|expected| expected.try_into_model().ok());
    let Some(mut expected) = expected else { return vec![ticket::Column::Document.as_str()] };
    expected.version = row.version;
    expected.head_sequence = row.head_sequence;
    expected.head_hash.clone_from(&row.head_hash);
    // An earlier release may have written the same ticket in other words, and without the fields that it does not know.
    let is_same_read = || {
        let read = ticket::read(row.number, &row.document, folded.content.clone());
        let complete = |read: Ticket| Ticket {
            dispatched_version: read.dispatched_version.or(folded.dispatched_version),
            is_plan_void: read.is_plan_void || folded.is_plan_void,
            ..read
        };
        read.ok().map(complete).as_ref() == Some(folded)
    };
    if expected.document != row.document && is_same_read() {
        expected.document.clone_from(&row.document);
    }
    if expected == *row {
        return Vec::new();
    }
    let other = ticket::Column::iter().filter(|column| expected.get(*column) != row.get(*column));
    other.map(|column| column.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::ticket::event::TicketCreated;
    use crate::ticket::{
        Actor, Category, Channel, Complexity, Deadline, Dispatch, Event, Instant, Recorded, TicketNumber,
        Tier, UnitCode,
    };

    fn created() -> Event {
        Event::TicketCreated(Box::new(TicketCreated {
            category: Category::Appeal,
            complexity: Complexity::General,
            has_several_units: false,
            topic: None,
            district: None,
            industry: None,
            subject: "执照办理".to_owned(),
            content: "窗口要求重复提交材料".to_owned(),
            channel: Channel::Web,
            source: None,
            call_began_at: None,
            chosen_confidential: None,
            accused_units: Vec::new(),
            deadline: Deadline {
                due_at: Instant::UNIX_EPOCH,
                tier: Tier::General,
                policy_version: "p-1".to_owned(),
                calendar_version: "c-1".to_owned(),
                is_provisional: false,
            },
            text_marks: Vec::new(),
            is_screened: true,
        }))
    }

    fn dispatched() -> Event {
        let dispatch = Dispatch {
            lead_unit: UnitCode("lead".to_owned()),
            assist_units: Vec::new(),
            inform_units: Vec::new(),
            dispatched_at: Instant::UNIX_EPOCH,
            return_due_at: Instant::UNIX_EPOCH,
            accepted_at: None,
            note: String::new(),
        };
        Event::TicketDispatched { dispatch }
    }

    fn folded(events: impl IntoIterator<Item = Event>) -> Ticket {
        let day = chrono::NaiveDate::from_ymd_opt(2019, 10, 14).expect("a day");
        let ticket = TicketNumber::new(day, 17).expect("a number");
        let (at, actor) = (Instant::UNIX_EPOCH, Actor::system());
        let recorded = |(sequence, event)| Recorded { ticket, sequence, at, actor: actor.clone(), event };
        let timeline: Vec<Recorded> = (1..).zip(events).map(recorded).collect();
        apply::fold(&timeline).expect("a timeline")
    }

    /// The row of a ticket, with another value of a field of the document, or without the field.
    fn row_with(folded: &Ticket, field: &str, value: Option<Value>) -> ticket::Model {
        let row = ticket::of(folded, None).expect("the ticket can be written");
        let mut row: ticket::Model = row.try_into_model().expect("every column is set");
        let mut document: Value = serde_json::from_str(&row.document).expect("a document");
        let fields = document.as_object_mut().expect("an object");
        fields.remove(field);
        fields.extend(value.map(|value| (field.to_owned(), value)));
        row.document = document.to_string();
        row
    }

    #[test]
    fn a_row_may_lack_what_an_earlier_release_does_not_know() {
        let void = Ticket { is_plan_void: true, ..folded([created(), dispatched()]) };
        let fresh = folded([created()]);
        assert_eq!((void.dispatched_version, fresh.dispatched_version), (Some(2), None));
        for (ticket, field, value, is_finding) in [
            (&void, "dispatched_version", None, false),
            (&void, "is_plan_void", None, false),
            (&void, "dispatched_version", Some(json!(7)), true),
            (&void, "subject", Some(json!("another subject")), true),
            (&fresh, "dispatched_version", None, false),
            (&fresh, "dispatched_version", Some(json!(2)), true),
            (&fresh, "is_plan_void", Some(json!(true)), true),
        ] {
            let found = columns(&row_with(ticket, field, value.clone()), ticket);
            let expected = if is_finding { vec!["document"] } else { Vec::new() };
            assert_eq!(found, expected, "{field} {value:?}");
        }
    }
}
