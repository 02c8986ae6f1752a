//! Ways of tampering with the past, as whoever owns the tables could.

use hotline_server::platform::hashing::{HashSuite, Link};
use hotline_server::timeline::chain::{self, EventCells};
use sea_orm::Value;

use super::fixture::Hotline;
use super::random::Dice;
use super::tampering::{execute, value};

/// What was tampered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Touched {
    Event(i64, i32),
    Ticket(i64),
    /// A reading, by its subject under the seals.
    Reading(i64, String),
    Record(String, i32),
    Subject(String),
    Seal(i64),
}

impl Touched {
    /// A reading of a ticket's caller.
    pub(super) fn reading(ticket: i64, id: &str) -> Self {
        Self::Reading(ticket, format!("identity_read/{id}"))
    }
}

/// What a forger did.
pub(super) struct Forged {
    pub(super) kind: &'static str,
    pub(super) touched: Vec<Touched>,
    /// Whether each of the places must be named; else one finding about them is enough.
    pub(super) is_located: bool,
}

/// Tampers by chance.
pub(super) struct Forger<'a> {
    pub(super) hotline: &'a Hotline,
    pub(super) dice: Dice,
}

/// An event as it is stored.
struct Stored {
    ticket: i64,
    sequence: i32,
    occurred_at: i64,
    principal: String,
    unit: Option<String>,
    payload: String,
}

impl Stored {
    fn cells(&self) -> EventCells<'_> {
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

/// A tampering of which each place must be named.
pub(super) fn located(kind: &'static str, touched: impl IntoIterator<Item = Touched>) -> Forged {
    Forged { kind, touched: touched.into_iter().collect(), is_located: true }
}

impl Forger<'_> {
    /// How many kinds of tampering there are.
    pub(super) const KINDS: usize = 20;

    /// Tampers in one way.
    pub(super) async fn tamper(&mut self, kind: usize) -> Forged {
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
            13 => self.edit_seal().await,
            14 => self.delete_seal().await,
            15 => self.edit_heads().await,
            16 => self.edit_reading().await,
            17 => self.delete_reading().await,
            18 => self.move_reading().await,
            _ => self.invent_reading().await,
        }
    }

    pub(super) async fn run(&self, sql: &str, values: impl IntoIterator<Item = Value>) {
        assert!(execute(self.hotline, sql, values).await > 0, "{sql} touched nothing");
    }

    pub(super) async fn number(&self, sql: &str) -> i64 {
        self.hotline.count(sql).await
    }

    /// A ticket and how many events it has, at least so many.
    async fn ticket(&mut self, least: i32) -> (i64, i32) {
        let sql = format!("SELECT number, version FROM ticket WHERE version >= {least} ORDER BY number");
        let rows = self.hotline.rows(&sql).await;
        let row = self.dice.pick(&rows);
        (row.try_get_by_index(0).expect("a number"), row.try_get_by_index(1).expect("a version"))
    }

    fn one_of(&mut self, from: i32, to: i32) -> i32 {
        from + i32::try_from(self.dice.below((to - from + 1).unsigned_abs())).expect("a small number")
    }

    async fn stored(&self, ticket: i64, sequence: i32) -> (Stored, Link) {
        let sql = format!(
            "SELECT occurred_at, principal, unit, payload, hash FROM ticket_event \
             WHERE ticket_number = {ticket} AND sequence = {sequence}"
        );
        let row = self.hotline.rows(&sql).await.pop().expect("the event is there");
        let hash: Vec<u8> = row.try_get_by_index(4).expect("a hash");
        let stored = Stored {
            ticket,
            sequence,
            occurred_at: row.try_get_by_index(0).expect("an instant"),
            principal: row.try_get_by_index(1).expect("a principal"),
            unit: row.try_get_by_index(2).expect("a unit"),
            payload: row.try_get_by_index(3).expect("a payload"),
        };
        (stored, Link::of(&hash).expect("a link"))
    }

    async fn edit_event(&mut self) -> Forged {
        let (ticket, last) = self.ticket(1).await;
        let sequence = self.one_of(1, last);
        let change = self.dice.pick(&[
            "occurred_at = occurred_at + 1",
            "occurred_at = occurred_at - 3600000000",
            "principal = principal || '2'",
            "unit = COALESCE(unit, '') || 'x'",
            "payload = payload || ' '",
            "payload = REPLACE(payload, '\"kind\"', ' \"kind\"')",
            "payload = '{}'",
            "payload = ''",
            "hash = NULL",
            "hash = (SELECT hash FROM seal WHERE number = 1)",
        ]);
        let sql = format!("UPDATE ticket_event SET {change} WHERE ticket_number = $1 AND sequence = $2");
        self.run(&sql, [ticket.into(), sequence.into()]).await;
        located("event edited", [Touched::Event(ticket, sequence)])
    }

    /// Exchanges the sequences of two events.
    async fn reorder(&mut self) -> Forged {
        let (ticket, last) = self.ticket(2).await;
        let one = self.one_of(1, last - 1);
        for (from, to) in [(one, -1), (one + 1, one), (-1, one + 1)] {
            let sql = "UPDATE ticket_event SET sequence = $1 WHERE ticket_number = $2 AND sequence = $3";
            self.run(sql, [to.into(), ticket.into(), from.into()]).await;
        }
        located("events reordered", [Touched::Event(ticket, one), Touched::Event(ticket, one + 1)])
    }

    /// Exchanges the first events of two tickets.
    async fn exchange(&mut self) -> Forged {
        let (one, _) = self.ticket(1).await;
        let mut other = one;
        while other == one {
            other = self.ticket(1).await.0;
        }
        for (from, to) in [(one, -1), (other, one), (-1, other)] {
            let sql = "UPDATE ticket_event SET ticket_number = $1 WHERE ticket_number = $2 AND sequence = 1";
            self.run(sql, [to.into(), from.into()]).await;
        }
        located("events exchanged between tickets", [Touched::Event(one, 1), Touched::Event(other, 1)])
    }

    /// Deletes the first event or one in the middle; half of the time closes the gap.
    async fn delete_event(&mut self) -> Forged {
        let (ticket, last) = self.ticket(2).await;
        let sequence = self.one_of(1, last - 1);
        let sql = "DELETE FROM ticket_event WHERE ticket_number = $1 AND sequence = $2";
        self.run(sql, [ticket.into(), sequence.into()]).await;
        if self.dice.percent(50) {
            for from in sequence + 1..=last {
                let sql = "UPDATE ticket_event SET sequence = $1 WHERE ticket_number = $2 AND sequence = $3";
                self.run(sql, [(from - 1).into(), ticket.into(), from.into()]).await;
            }
        }
        located("event deleted", [Touched::Event(ticket, sequence)])
    }

    async fn cut_off(&mut self) -> Forged {
        let (ticket, last) = self.ticket(1).await;
        let from = self.one_of(1, last);
        let sql = "DELETE FROM ticket_event WHERE ticket_number = $1 AND sequence >= $2";
        self.run(sql, [ticket.into(), from.into()]).await;
        located("events cut off", (from..=last).map(|sequence| Touched::Event(ticket, sequence)))
    }

    /// Adds an event: with the hash that it should have, with another, or with none; with the row moved on or not.
    async fn insert(&mut self) -> Forged {
        let (ticket, last) = self.ticket(1).await;
        let (mut event, before) = self.stored(ticket, last).await;
        event.sequence = last + 1;
        r#"{"kind":"supervision_recorded","note":"x"}"#.clone_into(&mut event.payload);
        let hash: Value = match self.dice.below(3) {
            0 => value(&chain::event(HashSuite::Sha256, &before, &event.cells())),
            1 => value(&before),
            _ => None::<Vec<u8>>.into(),
        };
        self.add(&event, hash.clone()).await;
        if self.dice.percent(50) {
            let sql = "UPDATE ticket SET version = $1, head_sequence = $1, head_hash = $2 WHERE number = $3";
            self.run(sql, [event.sequence.into(), hash, ticket.into()]).await;
        }
        // The row is not the fold any more, unless the event does not fold at all.
        let touched = vec![Touched::Event(ticket, last + 1), Touched::Ticket(ticket)];
        Forged { kind: "event added", touched, is_located: false }
    }

    async fn add(&self, event: &Stored, hash: Value) {
        let sql = "INSERT INTO ticket_event (ticket_number, sequence, occurred_at, principal, unit, payload, hash) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = [
            event.ticket.into(),
            event.sequence.into(),
            event.occurred_at.into(),
            event.principal.clone().into(),
            event.unit.clone().into(),
            event.payload.clone().into(),
            hash,
        ];
        self.run(sql, values).await;
    }

    /// Moves the later events on and puts one between, with the hash that it should have.
    async fn insert_between(&mut self) -> Forged {
        let (ticket, last) = self.ticket(2).await;
        let at = self.one_of(2, last);
        let (mut event, before) = self.stored(ticket, at - 1).await;
        for from in (at..=last).rev() {
            let sql = "UPDATE ticket_event SET sequence = $1 WHERE ticket_number = $2 AND sequence = $3";
            self.run(sql, [(from + 1).into(), ticket.into(), from.into()]).await;
        }
        event.sequence = at;
        r#"{"kind":"supervision_recorded","note":"x"}"#.clone_into(&mut event.payload);
        let hash = value(&chain::event(HashSuite::Sm3, &before, &event.cells()));
        self.add(&event, hash).await;
        // What was inserted fits; the one that it pushed on does not.
        located("event inserted", [Touched::Event(ticket, at + 1)])
    }

    /// Puts a ticket back to an older state, row and all, and takes away the note that waits for a seal.
    async fn replay(&mut self) -> Forged {
        let sql = "SELECT ticket_number, MAX(sequence) FROM seal_entry WHERE ticket_number <> 0 \
                   GROUP BY ticket_number HAVING MAX(sequence) > 1 ORDER BY 1";
        let rows = self.hotline.rows(sql).await;
        let row = self.dice.pick(&rows);
        let ticket: i64 = row.try_get_by_index(0).expect("a number");
        let sealed: i32 = row.try_get_by_index(1).expect("a sequence");
        let to = self.one_of(1, sealed - 1);
        let sql = "DELETE FROM ticket_event WHERE ticket_number = $1 AND sequence > $2";
        self.run(sql, [ticket.into(), to.into()]).await;
        execute(
            self.hotline,
            "DELETE FROM unsealed_head WHERE ticket_number = $1 AND subject = ''",
            [ticket.into()],
        )
        .await;
        let (_, head) = self.stored(ticket, to).await;
        let sql = "UPDATE ticket SET version = $1, head_sequence = $1, head_hash = $2 WHERE number = $3";
        self.run(sql, [to.into(), value(&head), ticket.into()]).await;
        located("older state replayed", (to + 1..=sealed).map(|sequence| Touched::Event(ticket, sequence)))
    }

    async fn edit_ticket(&mut self) -> Forged {
        let (ticket, _) = self.ticket(1).await;
        let change = self.dice.pick(&[
            "version = version + 1",
            "state = 'x' || state",
            "category = category % 3 + 1",
            "topic = COALESCE(topic, '') || 'x'",
            "district = CASE district WHEN '110105' THEN '110108' ELSE '110105' END",
            "lead_unit = COALESCE(lead_unit, '') || 'x'",
            "rung = rung + 1",
            "received_at = received_at + 1",
            "due_at = due_at + 86400000000",
            "is_open = NOT is_open",
            "source_owner = 'x'",
            "source_system = 'x'",
            "source_reference = 'x'",
            "content = content || 'x'",
            "document = REPLACE(document, '\"is_confidential\":false', '\"is_confidential\":true')",
            "document = '{}'",
            "head_sequence = head_sequence - 1",
            "head_sequence = NULL",
            "head_hash = NULL",
            "head_hash = (SELECT hash FROM seal WHERE number = 1)",
        ]);
        self.run(&format!("UPDATE ticket SET {change} WHERE number = $1"), [ticket.into()]).await;
        located("ticket's row edited", [Touched::Ticket(ticket)])
    }

    async fn delete_ticket(&mut self) -> Forged {
        let (ticket, _) = self.ticket(1).await;
        self.run("DELETE FROM ticket_event WHERE ticket_number = $1", [ticket.into()]).await;
        self.run("DELETE FROM ticket WHERE number = $1", [ticket.into()]).await;
        located("ticket deleted", [Touched::Ticket(ticket)])
    }

    /// Changes an event and hashes it and everything behind it anew, up to the row and the note that waits.
    async fn rewrite(&mut self) -> Forged {
        let (ticket, last) = self.ticket(1).await;
        let sequence = self.one_of(1, last);
        let mut before = if sequence == 1 { Link::NONE } else { self.stored(ticket, sequence - 1).await.1 };
        for at in sequence..=last {
            let (mut event, _) = self.stored(ticket, at).await;
            if at == sequence {
                event.principal.push('2');
            }
            before = chain::event(HashSuite::Sha256, &before, &event.cells());
            let sql = "UPDATE ticket_event SET principal = $1, hash = $2 WHERE ticket_number = $3 AND sequence = $4";
            self.run(sql, [event.principal.into(), value(&before), ticket.into(), at.into()]).await;
        }
        self.run("UPDATE ticket SET head_hash = $1 WHERE number = $2", [value(&before), ticket.into()]).await;
        let mut touched = vec![Touched::Event(ticket, sequence)];
        if self.dice.percent(50) {
            // The heads under the seals too, without the key that signed them.
            for at in sequence..=last {
                let (_, link) = self.stored(ticket, at).await;
                for table in ["seal_entry", "unsealed_head"] {
                    let sql = format!(
                        "UPDATE {table} SET hash = $1 WHERE ticket_number = $2 AND sequence = $3 AND subject = ''"
                    );
                    execute(self.hotline, &sql, [value(&link), ticket.into(), at.into()]).await;
                }
            }
            let sql = format!(
                "SELECT DISTINCT seal_number FROM seal_entry WHERE ticket_number = {ticket} AND sequence >= {sequence} AND subject = ''"
            );
            let seals = self.hotline.rows(&sql).await;
            if seals.is_empty() {
                // Nobody has sealed it yet: this is what can't be found, so it is told by another change.
                let sql =
                    "DELETE FROM unsealed_head WHERE ticket_number = $1 AND sequence = $2 AND subject = ''";
                execute(self.hotline, sql, [ticket.into(), last.into()]).await;
                touched = vec![Touched::Event(ticket, last)];
            } else {
                let seal =
                    |row: &sea_orm::QueryResult| Touched::Seal(row.try_get_by_index(0).expect("a number"));
                touched = seals.iter().map(seal).collect();
            }
        }
        located("end of a timeline rewritten", touched)
    }
}
