//! Tampering with the events of tickets.

use hotline_server::audit_log::hash_chain;
use hotline_server::platform::hashing::HashSuite;
use sea_orm::Value;

use super::tamperer::{StoredEvent, TamperedPlace, Tamperer, Tampering, located};
use super::{execute, value};

impl Tamperer<'_> {
    pub(super) async fn edit_event(&mut self) -> Tampering {
        let (ticket, last) = self.ticket(1).await;
        let sequence = self.one_of(1, last);
        let change = self.random.pick(&[
            "occurred_at = occurred_at + 1",
            "occurred_at = occurred_at - 3600000000",
            "principal = principal || '2'",
            "unit = COALESCE(unit, '') || 'x'",
            "payload = payload || ' '",
            "payload = REPLACE(payload, '\"kind\"', ' \"kind\"')",
            "payload = '{}'",
            "payload = ''",
            "hash = (SELECT hash FROM checkpoint WHERE number = 1)",
        ]);
        let sql = format!("UPDATE ticket_event SET {change} WHERE ticket_number = $1 AND sequence = $2");
        self.run(&sql, [ticket.into(), sequence.into()]).await;
        located("event edited", [TamperedPlace::Event(ticket, sequence)])
    }

    /// Swaps the sequences of two events.
    pub(super) async fn reorder(&mut self) -> Tampering {
        let (ticket, last) = self.ticket(2).await;
        let one = self.one_of(1, last - 1);
        for (from, to) in [(one, -1), (one + 1, one), (-1, one + 1)] {
            let sql = "UPDATE ticket_event SET sequence = $1 WHERE ticket_number = $2 AND sequence = $3";
            self.run(sql, [to.into(), ticket.into(), from.into()]).await;
        }
        located(
            "events reordered",
            [TamperedPlace::Event(ticket, one), TamperedPlace::Event(ticket, one + 1)],
        )
    }

    /// Swaps the first events of two tickets.
    pub(super) async fn exchange(&mut self) -> Tampering {
        let (one, _) = self.ticket(1).await;
        let mut other = one;
        while other == one {
            other = self.ticket(1).await.0;
        }
        for (from, to) in [(one, -1), (other, one), (-1, other)] {
            let sql = "UPDATE ticket_event SET ticket_number = $1 WHERE ticket_number = $2 AND sequence = 1";
            self.run(sql, [to.into(), from.into()]).await;
        }
        located(
            "events exchanged between tickets",
            [TamperedPlace::Event(one, 1), TamperedPlace::Event(other, 1)],
        )
    }

    /// Deletes the first event or one in the middle; half of the time closes the gap.
    pub(super) async fn delete_event(&mut self) -> Tampering {
        let (ticket, last) = self.ticket(2).await;
        let sequence = self.one_of(1, last - 1);
        let sql = "DELETE FROM ticket_event WHERE ticket_number = $1 AND sequence = $2";
        self.run(sql, [ticket.into(), sequence.into()]).await;
        if self.random.percent(50) {
            for from in sequence + 1..=last {
                let sql = "UPDATE ticket_event SET sequence = $1 WHERE ticket_number = $2 AND sequence = $3";
                self.run(sql, [(from - 1).into(), ticket.into(), from.into()]).await;
            }
        }
        located("event deleted", [TamperedPlace::Event(ticket, sequence)])
    }

    pub(super) async fn cut_off(&mut self) -> Tampering {
        let (ticket, last) = self.ticket(1).await;
        let from = self.one_of(1, last);
        let sql = "DELETE FROM ticket_event WHERE ticket_number = $1 AND sequence >= $2";
        self.run(sql, [ticket.into(), from.into()]).await;
        located("events cut off", (from..=last).map(|sequence| TamperedPlace::Event(ticket, sequence)))
    }

    /// Adds an event: with the right hash, with another, or with none; with or without a change of the row.
    pub(super) async fn insert(&mut self) -> Tampering {
        let (ticket, last) = self.ticket(1).await;
        let (mut event, before) = self.stored(ticket, last).await;
        event.sequence = last + 1;
        r#"{"kind":"supervision_recorded","note":"x"}"#.clone_into(&mut event.payload);
        let hash: Value = match self.random.below(3) {
            0 => value(&hash_chain::event(HashSuite::Sha256, &before, &event.cells())),
            1 => value(&before),
            _ => Vec::<u8>::new().into(),
        };
        self.add(&event, hash.clone()).await;
        if self.random.percent(50) {
            let sql = "UPDATE ticket SET version = $1, head_sequence = $1, head_hash = $2 WHERE number = $3";
            self.run(sql, [event.sequence.into(), hash, ticket.into()]).await;
        }
        // The row is no longer the fold, unless the event does not fold at all.
        let touched = vec![TamperedPlace::Event(ticket, last + 1), TamperedPlace::Ticket(ticket)];
        Tampering { kind: "event added", touched, is_located: false }
    }

    async fn add(&self, event: &StoredEvent, hash: Value) {
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

    /// Renumbers the later events and inserts one, with the right hash.
    pub(super) async fn insert_between(&mut self) -> Tampering {
        let (ticket, last) = self.ticket(2).await;
        let at = self.one_of(2, last);
        let (mut event, before) = self.stored(ticket, at - 1).await;
        for from in (at..=last).rev() {
            let sql = "UPDATE ticket_event SET sequence = $1 WHERE ticket_number = $2 AND sequence = $3";
            self.run(sql, [(from + 1).into(), ticket.into(), from.into()]).await;
        }
        event.sequence = at;
        r#"{"kind":"supervision_recorded","note":"x"}"#.clone_into(&mut event.payload);
        let hash = value(&hash_chain::event(HashSuite::Sm3, &before, &event.cells()));
        self.add(&event, hash).await;
        // The inserted event fits; the one after it does not.
        located("event inserted", [TamperedPlace::Event(ticket, at + 1)])
    }

    /// Resets a ticket with its row to an older state, and removes its pending head.
    pub(super) async fn replay(&mut self) -> Tampering {
        let sql = "SELECT ticket_number, MAX(sequence) FROM checkpoint_entry WHERE ticket_number <> 0 \
                   GROUP BY ticket_number HAVING MAX(sequence) > 1 ORDER BY 1";
        let rows = self.hotline.rows(sql).await;
        let row = self.random.pick(&rows);
        let ticket: i64 = row.try_get_by_index(0).expect("a number");
        let covered: i32 = row.try_get_by_index(1).expect("a sequence");
        let to = self.one_of(1, covered - 1);
        let sql = "DELETE FROM ticket_event WHERE ticket_number = $1 AND sequence > $2";
        self.run(sql, [ticket.into(), to.into()]).await;
        execute(
            self.hotline,
            "DELETE FROM pending_head WHERE ticket_number = $1 AND subject = ''",
            [ticket.into()],
        )
        .await;
        let (_, head) = self.stored(ticket, to).await;
        let sql = "UPDATE ticket SET version = $1, head_sequence = $1, head_hash = $2 WHERE number = $3";
        self.run(sql, [to.into(), value(&head), ticket.into()]).await;
        located(
            "older state replayed",
            (to + 1..=covered).map(|sequence| TamperedPlace::Event(ticket, sequence)),
        )
    }
}
