//! Changes the tables in a random way, as the owner of the tables could. Each way is a method in a file beside this
//! one.

use hotline_server::audit_log::hash_chain::EventCells;
use hotline_server::platform::hashing::Link;
use sea_orm::Value;

use super::execute;
use crate::store::fixture::Hotline;
use crate::store::random::Random;

/// A tampered place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TamperedPlace {
    Event(i64, i32),
    Ticket(i64),
    /// An access to an identity, by its subject under the checkpoints.
    Access(i64, String),
    Record(String, i32),
    Subject(String),
    Checkpoint(i64),
}

impl TamperedPlace {
    /// An access to the identity of a ticket's caller.
    pub(super) fn access(ticket: i64, id: &str) -> Self {
        Self::Access(ticket, format!("identity_access/{id}"))
    }
}

/// A change.
pub(super) struct Tampering {
    pub(super) kind: &'static str,
    pub(super) touched: Vec<TamperedPlace>,
    /// Whether each of the places must be named; otherwise one finding about them is enough.
    pub(super) is_located: bool,
}

/// Tampers with random places.
pub(super) struct Tamperer<'a> {
    pub(super) hotline: &'a Hotline,
    pub(super) random: Random,
}

/// An event as it is stored.
pub(super) struct StoredEvent {
    pub(super) ticket: i64,
    pub(super) sequence: i32,
    pub(super) occurred_at: i64,
    pub(super) principal: String,
    pub(super) unit: Option<String>,
    pub(super) payload: String,
}

impl StoredEvent {
    pub(super) fn cells(&self) -> EventCells<'_> {
        EventCells {
            ticket_number: self.ticket,
            sequence: self.sequence,
            occurred_at: self.occurred_at,
            principal: &self.principal,
            unit: self.unit.as_deref(),
            payload: &self.payload,
        }
    }
}

/// A change of which each place must be named.
pub(super) fn located(kind: &'static str, touched: impl IntoIterator<Item = TamperedPlace>) -> Tampering {
    Tampering { kind, touched: touched.into_iter().collect(), is_located: true }
}

impl Tamperer<'_> {
    /// The number of kinds.
    pub(super) const KINDS: usize = 20;

    /// Tampers in one way.
    pub(super) async fn tamper(&mut self, kind: usize) -> Tampering {
        match kind {
            0 => self.edit_event().await,
            1 => self.reorder().await,
            2 => self.exchange().await,
            3 => self.delete_event().await,
            4 => self.cut_off().await,
            5 => self.insert().await,
            6 => self.insert_between().await,
            7 => self.replay().await,
            8 => self.edit_ticket().await,
            9 => self.delete_ticket().await,
            10 => self.rewrite().await,
            11 => self.edit_record().await,
            12 => self.delete_record().await,
            13 => self.edit_checkpoint().await,
            14 => self.delete_checkpoint().await,
            15 => self.edit_heads().await,
            16 => self.edit_access().await,
            17 => self.delete_access().await,
            18 => self.move_access().await,
            _ => self.invent_access().await,
        }
    }

    pub(super) async fn run(&self, sql: &str, values: impl IntoIterator<Item = Value>) {
        assert!(execute(self.hotline, sql, values).await > 0, "{sql} touched nothing");
    }

    pub(super) async fn number(&self, sql: &str) -> i64 {
        self.hotline.count(sql).await
    }

    /// A ticket with at least this many events, and their number.
    pub(super) async fn ticket(&mut self, least: i32) -> (i64, i32) {
        let sql = format!("SELECT number, version FROM ticket WHERE version >= {least} ORDER BY number");
        let rows = self.hotline.rows(&sql).await;
        let row = self.random.pick(&rows);
        (row.try_get_by_index(0).expect("a number"), row.try_get_by_index(1).expect("a version"))
    }

    pub(super) fn one_of(&mut self, from: i32, to: i32) -> i32 {
        from + i32::try_from(self.random.below((to - from + 1).unsigned_abs())).expect("a small number")
    }

    pub(super) async fn stored(&self, ticket: i64, sequence: i32) -> (StoredEvent, Link) {
        let sql = format!(
            "SELECT occurred_at, principal, unit, payload, hash FROM ticket_event \
             WHERE ticket_number = {ticket} AND sequence = {sequence}"
        );
        let row = self.hotline.rows(&sql).await.pop().expect("the event is there");
        let hash: Vec<u8> = row.try_get_by_index(4).expect("a hash");
        let stored = StoredEvent {
            ticket,
            sequence,
            occurred_at: row.try_get_by_index(0).expect("an instant"),
            principal: row.try_get_by_index(1).expect("a principal"),
            unit: row.try_get_by_index(2).expect("a unit"),
            payload: row.try_get_by_index(3).expect("a payload"),
        };
        (stored, Link::of(&hash).expect("a link"))
    }
}
