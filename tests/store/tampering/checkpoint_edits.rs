//! Tampering with the audit records, with checkpoints, and with the heads under them.

use super::tamperer::{TamperedPlace, Tamperer, Tampering, located};

impl Tamperer<'_> {
    async fn record(&mut self) -> (String, i32) {
        let rows = self.hotline.rows("SELECT subject, sequence FROM audit_record ORDER BY 1, 2").await;
        let row = self.random.pick(&rows);
        (row.try_get_by_index(0).expect("a subject"), row.try_get_by_index(1).expect("a sequence"))
    }

    pub(super) async fn edit_record(&mut self) -> Tampering {
        let (subject, sequence) = self.record().await;
        let change = self.random.pick(&[
            "recorded_at = recorded_at + 1",
            "principal = 'somebody'",
            "unit = 'dept-tax'",
            "method = 'PutTopic'",
            "details = details || ' '",
            "hash = (SELECT hash FROM checkpoint WHERE number = 1)",
        ]);
        let sql = format!("UPDATE audit_record SET {change} WHERE subject = $1 AND sequence = $2");
        self.run(&sql, [subject.clone().into(), sequence.into()]).await;
        located("record edited", [TamperedPlace::Record(subject, sequence)])
    }

    pub(super) async fn delete_record(&mut self) -> Tampering {
        let (subject, sequence) = self.record().await;
        let sql = "DELETE FROM audit_record WHERE subject = $1 AND sequence = $2";
        self.run(sql, [subject.clone().into(), sequence.into()]).await;
        let touched = if subject == "proposal/1" {
            TamperedPlace::Subject(subject)
        } else {
            TamperedPlace::Record(subject, sequence)
        };
        located("record deleted", [touched])
    }

    async fn pick_checkpoint(&mut self) -> i64 {
        let last = self.number("SELECT MAX(number) FROM checkpoint").await;
        1 + i64::from(self.random.below(u32::try_from(last).expect("a few checkpoints")))
    }

    pub(super) async fn edit_checkpoint(&mut self) -> Tampering {
        let checkpoint = self.pick_checkpoint().await;
        let change = self.random.pick(&[
            "previous_hash = root",
            "signed_at = signed_at + 1",
            "head_count = head_count + 1",
            "root = hash",
            "public_key = (SELECT head_hash FROM ticket WHERE head_hash IS NOT NULL LIMIT 1)",
            "hash = root",
            "signature = hash",
        ]);
        self.run(&format!("UPDATE checkpoint SET {change} WHERE number = $1"), [checkpoint.into()]).await;
        located("checkpoint edited", [TamperedPlace::Checkpoint(checkpoint)])
    }

    pub(super) async fn delete_checkpoint(&mut self) -> Tampering {
        let checkpoint = self.pick_checkpoint().await;
        let is_last = checkpoint == self.number("SELECT MAX(number) FROM checkpoint").await;
        self.run("DELETE FROM checkpoint WHERE number = $1", [checkpoint.into()]).await;
        if self.random.percent(50) && !is_last {
            self.run("DELETE FROM checkpoint_entry WHERE checkpoint_number = $1", [checkpoint.into()]).await;
            let sql = format!(
                "SELECT ticket_number, subject, sequence FROM kept_checkpoint_entry WHERE checkpoint_number = {checkpoint}"
            );
            let mut touched = vec![TamperedPlace::Checkpoint(checkpoint)];
            for row in self.hotline.rows(&sql).await {
                touched.push(Self::chain_of(&row));
            }
            return Tampering { kind: "checkpoint deleted", touched, is_located: false };
        }
        located("checkpoint deleted", [TamperedPlace::Checkpoint(checkpoint)])
    }

    fn chain_of(row: &sea_orm::QueryResult) -> TamperedPlace {
        let (ticket, subject): (i64, String) =
            (row.try_get_by_index(0).expect("a number"), row.try_get_by_index(1).expect("a subject"));
        match (ticket, subject.as_str()) {
            (0, _) => TamperedPlace::Subject(subject),
            (_, "") => TamperedPlace::Ticket(ticket),
            _ => TamperedPlace::Access(ticket, subject),
        }
    }

    /// Changes, deletes or adds a head under a checkpoint.
    pub(super) async fn edit_heads(&mut self) -> Tampering {
        let sql = "SELECT ticket_number, subject, checkpoint_number FROM checkpoint_entry ORDER BY 3, 1, 2";
        let rows = self.hotline.rows(sql).await;
        let row = self.random.pick(&rows);
        let (ticket, subject): (i64, String) =
            (row.try_get_by_index(0).expect("a number"), row.try_get_by_index(1).expect("a subject"));
        let checkpoint: i64 = row.try_get_by_index(2).expect("a number");
        let change = self.random.pick(&[
            "UPDATE checkpoint_entry SET sequence = sequence + 1",
            "UPDATE checkpoint_entry SET hash = (SELECT hash FROM checkpoint WHERE number = 1)",
            "UPDATE checkpoint_entry SET hash = SUBSTR(hash, 1, 5)",
            "DELETE FROM checkpoint_entry",
        ]);
        let sql = format!("{change} WHERE checkpoint_number = $1 AND ticket_number = $2 AND subject = $3");
        self.run(&sql, [checkpoint.into(), ticket.into(), subject.into()]).await;
        let touched = vec![TamperedPlace::Checkpoint(checkpoint), Self::chain_of(row)];
        Tampering { kind: "heads under a checkpoint changed", touched, is_located: false }
    }
}
