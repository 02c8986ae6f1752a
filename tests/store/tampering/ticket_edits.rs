//! Tampering with the rows of tickets, and with the end of a hash chain.

use hotline_server::audit_log::hash_chain;
use hotline_server::platform::hashing::{HashSuite, Link};

use super::tamperer::{TamperedPlace, Tamperer, Tampering, located};
use super::{execute, value};

impl Tamperer<'_> {
    pub(super) async fn edit_ticket(&mut self) -> Tampering {
        let (ticket, _) = self.ticket(1).await;
        let change = self.random.pick(&[
            "version = version + 1",
            "state = 'x' || state",
            "category = category % 3 + 1",
            "topic = COALESCE(topic, '') || 'x'",
            "district = CASE district WHEN '110105' THEN '110108' ELSE '110105' END",
            "lead_unit = COALESCE(lead_unit, '') || 'x'",
            "rung = rung + 1",
            "received_at = received_at + 1",
            "updated_at = updated_at + 1",
            "due_at = due_at + 86400000000",
            "is_open = NOT is_open",
            "source_owner = 'x'",
            "source_system = 'x'",
            "source_reference = 'x'",
            "content = content || 'x'",
            "document = REPLACE(document, '\"is_confidential\":false', '\"is_confidential\":true')",
            "document = '{}'",
            "head_sequence = head_sequence - 1",
            "head_hash = (SELECT hash FROM checkpoint WHERE number = 1)",
        ]);
        self.run(&format!("UPDATE ticket SET {change} WHERE number = $1"), [ticket.into()]).await;
        located("ticket's row edited", [TamperedPlace::Ticket(ticket)])
    }

    pub(super) async fn delete_ticket(&mut self) -> Tampering {
        let (ticket, _) = self.ticket(1).await;
        self.run("DELETE FROM ticket_event WHERE ticket_number = $1", [ticket.into()]).await;
        self.run("DELETE FROM ticket WHERE number = $1", [ticket.into()]).await;
        located("ticket deleted", [TamperedPlace::Ticket(ticket)])
    }

    /// Changes an event and recomputes the hashes after it, up to the row and the pending head.
    pub(super) async fn rewrite(&mut self) -> Tampering {
        let (ticket, last) = self.ticket(1).await;
        // The row names who took the ticket in, so another principal of the first event shows there too.
        let sequence = self.one_of(last.min(2), last);
        let mut before = if sequence == 1 { Link::NONE } else { self.stored(ticket, sequence - 1).await.1 };
        for at in sequence..=last {
            let (mut event, _) = self.stored(ticket, at).await;
            if at == sequence {
                event.principal.push('2');
            }
            before = hash_chain::event(HashSuite::Sha256, &before, &event.cells());
            let sql = "UPDATE ticket_event SET principal = $1, hash = $2 WHERE ticket_number = $3 AND sequence = $4";
            self.run(sql, [event.principal.into(), value(&before), ticket.into(), at.into()]).await;
        }
        self.run("UPDATE ticket SET head_hash = $1 WHERE number = $2", [value(&before), ticket.into()]).await;
        let mut touched = vec![TamperedPlace::Event(ticket, sequence)];
        if self.random.percent(50) {
            // The heads under the checkpoints too, without the signing key.
            for at in sequence..=last {
                let (_, link) = self.stored(ticket, at).await;
                for table in ["checkpoint_entry", "pending_head"] {
                    let sql = format!(
                        "UPDATE {table} SET hash = $1 WHERE ticket_number = $2 AND sequence = $3 AND subject = ''"
                    );
                    execute(self.hotline, &sql, [value(&link), ticket.into(), at.into()]).await;
                }
            }
            let sql = format!(
                "SELECT DISTINCT checkpoint_number FROM checkpoint_entry WHERE ticket_number = {ticket} AND sequence >= {sequence} AND subject = ''"
            );
            let checkpoints = self.hotline.rows(&sql).await;
            if checkpoints.is_empty() {
                // No checkpoint covers it yet. This cannot be found, so another change makes it visible.
                let sql =
                    "DELETE FROM pending_head WHERE ticket_number = $1 AND sequence = $2 AND subject = ''";
                execute(self.hotline, sql, [ticket.into(), last.into()]).await;
                touched = vec![TamperedPlace::Event(ticket, last)];
            } else {
                let place_of = |row: &sea_orm::QueryResult| {
                    TamperedPlace::Checkpoint(row.try_get_by_index(0).expect("a number"))
                };
                touched = checkpoints.iter().map(place_of).collect();
            }
        }
        located("end of a chain rewritten", touched)
    }
}
