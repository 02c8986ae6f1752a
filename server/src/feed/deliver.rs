//! What a caller gets of an entry: the in-memory side of scope and view. A unit gets the events since the present
//! dispatch of the tickets that it may see now, as `ListTicketEvents` would show them.

use std::sync::Arc;

use hotline_proto::v1::Role;

use super::entry::{DigestItem, EventItem, FeedEntry, FeedItem, UnreadableItem};
use crate::access::{Permit, View};
use crate::ledger::digests::list::{Digest, DigestTicket};
use crate::ticket::{EventRecord, TicketNumber, UnitCode, unit_sequence};

/// The roles of staff that read digests, as in the rule of `ListDigests`. A unit reads its own.
const DIGEST_ROLES: [Role; 2] = [Role::Dispatcher, Role::Supervisor];

/// What a caller gets of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// An event of a ticket in the caller's scope.
    Event {
        /// The event.
        recorded: Arc<EventRecord>,
        /// Its sequence, as numbered for the caller.
        sequence: u32,
        /// What the caller may read of the ticket.
        view: View,
    },
    /// A ticket left the scope of the caller's unit.
    Left(TicketNumber),
    /// A digest, with the tickets in the caller's scope.
    Digest {
        /// The digest.
        digest: Digest,
        /// Its tickets.
        tickets: Vec<DigestTicket>,
    },
}

/// What a stream does with an entry.
#[derive(Debug)]
pub(super) enum Decision {
    /// It is none of the caller's business.
    PassOver,
    /// The caller gets this.
    Give(Delivery),
    /// The caller would get it, but it can't be read.
    Gap,
}

/// Decides what a caller gets of an entry, by the audience as it is known now.
pub(super) fn decide(entry: &FeedEntry, permit: &Permit) -> Decision {
    let delivery = match &entry.item {
        FeedItem::Event(item) => event(item, permit),
        FeedItem::Digest(item) => digest(item, permit),
        FeedItem::Unreadable(item) if is_missed(item, permit) => return Decision::Gap,
        FeedItem::Unreadable(_) => None,
    };
    delivery.map_or(Decision::PassOver, Decision::Give)
}

/// Whether a caller misses something if it does not get an entry that can't be read.
fn is_missed(item: &UnreadableItem, permit: &Permit) -> bool {
    match (&item.unit, permit.unit()) {
        (Some(of), _) => reads_digests_of(of, permit),
        (None, None) => true,
        (None, Some(unit)) => item.audience.read(|audience| audience.includes(unit)),
    }
}

fn reads_digests_of(of: &UnitCode, permit: &Permit) -> bool {
    match permit.unit() {
        None => DIGEST_ROLES.iter().any(|role| permit.has(*role)),
        Some(unit) => unit == of,
    }
}

fn event(item: &EventItem, permit: &Permit) -> Option<Delivery> {
    let shown = item.recorded.as_ref().and_then(|recorded| {
        item.audience.read(|audience| {
            let sequence = match permit.unit() {
                None => recorded.sequence,
                Some(unit) => {
                    let since = audience.dispatched_version.filter(|_| audience.includes(unit))?;
                    (recorded.sequence >= since).then(|| unit_sequence(recorded.sequence, since))?
                }
            };
            let view = View::over(permit, audience.is_confidential, audience.dispatched_at);
            Some(Delivery::Event { recorded: Arc::clone(recorded), sequence, view })
        })
    });
    let has_left = |unit: &str| item.departed.iter().any(|departed| departed == unit);
    let left = permit.unit().filter(|unit| has_left(unit.as_str())).map(|_| Delivery::Left(item.ticket));
    shown.or(left)
}

fn digest(item: &DigestItem, permit: &Permit) -> Option<Delivery> {
    if !reads_digests_of(&item.digest.unit, permit) {
        return None;
    }
    let unit = permit.unit();
    let tickets = item.tickets.iter();
    let tickets = tickets
        .filter(|(_, audience)| unit.is_none_or(|unit| audience.read(|audience| audience.includes(unit))));
    let tickets = tickets.map(|(ticket, _)| ticket.clone()).collect();
    Some(Delivery::Digest { digest: item.digest.clone(), tickets })
}
