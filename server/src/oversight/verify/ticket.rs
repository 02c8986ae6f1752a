//! One ticket: its events are the chain that was hashed and that checkpoints cover, and its row is the fold of them.
//! Pure.

use sea_orm::entity::prelude::*;
use sea_orm::{Iterable as _, TryIntoModel as _};

use super::chain_walk::{ChainWalk, KnownHead};
use super::finding::{Finding, FindingKind, FindingPlace};
use super::identity_access::Accesses;
use crate::audit_log::hash_chain::{self, Head};
use crate::ledger::rows::{event, ticket};
use crate::platform::hashing::Link;
use crate::ticket::{Ticket, apply};

/// Everything that is stored about a ticket and its chain.
#[derive(Debug, Default)]
pub(super) struct StoredTicket {
    pub(super) row: Option<ticket::Model>,
    pub(super) events: Vec<event::Model>,
    /// The heads under checkpoints, in the order of the checkpoints.
    pub(super) covered: Vec<KnownHead>,
    /// The pending heads.
    pub(super) pending: Vec<KnownHead>,
    /// The accesses to the identity behind it.
    pub(super) accesses: Accesses,
}

impl StoredTicket {
    /// Adds a head: of an access if it names a subject, otherwise of the ticket's own chain.
    pub(super) fn add_head(
        &mut self,
        subject: String,
        sequence: i32,
        hash: &[u8],
        own: impl FnOnce(&mut Self) -> &mut Vec<KnownHead>,
    ) {
        if subject.is_empty() {
            own(self).push((sequence, Link::of(hash)));
        } else {
            self.accesses.heads.push((subject, Link::of(hash)));
        }
    }
}

/// The faults of a ticket, and of the accesses to the identity behind it.
pub(super) fn findings(number: i64, stored: StoredTicket) -> Vec<Finding> {
    let StoredTicket { row, events, covered, pending, accesses } = stored;
    let mut walk = ChainWalk::begin();
    let mut fold = Fold::default();
    for event in events {
        let follows = walk.step(event.sequence, &event.hash, |suite, before| {
            hash_chain::event(suite, before, &event.cells())
        });
        fold.step(follows, event);
    }
    walk.end(&covered, &pending);
    let place = |from, to| FindingPlace::Events(number, from, to);
    let mut found: Vec<_> =
        walk.errors.iter().map(|(from, to, kind)| Finding::new(place(*from, *to), *kind)).collect();
    if let Some(sequence) = fold.unfit {
        found.push(Finding::new(place(sequence, sequence), FindingKind::Inconsistent));
    }
    match row {
        Some(row) => {
            let head = (walk.reached(), walk.head());
            found.extend(row_faults(&row, head).map(|kind| Finding::new(FindingPlace::Ticket(number), kind)));
            if let Some(folded) = fold.ticket.filter(|_| !fold.is_broken) {
                let columns = columns(&row, &folded).into_iter();
                found.extend(columns.map(|column| {
                    Finding::new(FindingPlace::Ticket(number), FindingKind::RowAltered(column))
                }));
            }
        }
        None => found = vec![Finding::new(FindingPlace::Ticket(number), FindingKind::Missing)],
    }
    found.extend(accesses.findings(number));
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
            // The missing link was reported already.
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

/// The faults of the row's hash and version.
fn row_faults(
    row: &ticket::Model,
    (reached, link): (i32, Option<Link>),
) -> impl Iterator<Item = FindingKind> {
    let is_version = row.version == reached;
    let is_head = row.head_sequence == reached && (link.is_none() || Link::of(&row.head_hash) == link);
    let version = (!is_version).then_some(FindingKind::RowAltered("version"));
    version.into_iter().chain((!is_head).then_some(FindingKind::HeadAltered))
}

/// The columns of a row that differ from the fold of the events. Its version and its head are checked separately.
fn columns(row: &ticket::Model, folded: &Ticket) -> Vec<&'static str> {
    let expected = ticket::of(folded, &Head::NONE).ok().and_then(|expected| expected.try_into_model().ok());
    let Some(mut expected) = expected else { return vec![ticket::Column::Document.as_str()] };
    expected.version = row.version;
    expected.head_sequence = row.head_sequence;
    expected.head_hash.clone_from(&row.head_hash);
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
        Actor, Category, Channel, Complexity, Deadline, Dispatch, Event, EventRecord, Instant, TicketNumber,
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
            call: None,
            chosen_confidential: None,
            accused_units: Vec::new(),
            deadline: Deadline {
                due_at: Instant::UNIX_EPOCH,
                tier: Tier::General,
                policy_version: "p-1".to_owned(),
                calendar_version: "c-1".to_owned(),
                is_provisional: false,
            },
            follows: None,
            text_marks: Vec::new(),
            intake_unit: None,
            is_training: false,
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
        Event::dispatched(dispatch)
    }

    fn folded(events: impl IntoIterator<Item = Event>) -> Ticket {
        let day = chrono::NaiveDate::from_ymd_opt(2019, 10, 14).expect("a day");
        let ticket = TicketNumber::new(day, 17).expect("a number");
        let (at, actor) = (Instant::UNIX_EPOCH, Actor::system());
        let recorded = |(sequence, event)| EventRecord { ticket, sequence, at, actor: actor.clone(), event };
        let timeline: Vec<EventRecord> = (1..).zip(events).map(recorded).collect();
        apply::fold(&timeline).expect("a timeline")
    }

    /// The row of a ticket, with another value of a field of the document, or without the field.
    fn row_with(folded: &Ticket, field: &str, value: Option<Value>) -> ticket::Model {
        let row = ticket::of(folded, &Head::NONE).expect("the ticket can be written");
        let mut row: ticket::Model = row.try_into_model().expect("every column is set");
        let mut document: Value = serde_json::from_str(&row.document).expect("a document");
        let fields = document.as_object_mut().expect("an object");
        fields.remove(field);
        fields.extend(value.map(|value| (field.to_owned(), value)));
        row.document = document.to_string();
        row
    }

    #[test]
    fn a_row_is_exactly_what_its_events_make_of_it() {
        let void = Ticket { is_plan_void: true, ..folded([created(), dispatched()]) };
        let row = ticket::of(&void, &Head::NONE).expect("the ticket can be written");
        let row: ticket::Model = row.try_into_model().expect("every column is set");
        assert_eq!(columns(&row, &void), Vec::<&str>::new());
        for (field, value) in [
            ("dispatched_version", None),
            ("is_plan_void", None),
            ("dispatched_version", Some(json!(7))),
            ("subject", Some(json!("another subject"))),
        ] {
            assert_eq!(
                columns(&row_with(&void, field, value.clone()), &void),
                ["document"],
                "{field} {value:?}"
            );
        }
    }
}
