//! Tampering with the list of who was shown an identity.

use super::tamperer::{TamperedPlace, Tamperer, Tampering, located};

impl Tamperer<'_> {
    /// A ticket and the id of a reading of its caller.
    async fn reading(&mut self) -> (i64, String) {
        let rows = self.hotline.rows("SELECT ticket_number, id FROM identity_read ORDER BY 1, 2").await;
        let row = self.random.pick(&rows);
        (row.try_get_by_index(0).expect("a number"), row.try_get_by_index(1).expect("an id"))
    }

    pub(super) async fn edit_reading(&mut self) -> Tampering {
        let (ticket, id) = self.reading().await;
        let change = self.random.pick(&[
            "read_at = read_at - 3600000000",
            "principal = 'somebody'",
            "unit = COALESCE(unit, '') || 'x'",
            "occasion = occasion % 3 + 1",
            "purpose = COALESCE(purpose, 0) % 4 + 1",
            "note = note || ' '",
            "approved_by = COALESCE(approved_by, '') || 'x'",
        ]);
        self.run(&format!("UPDATE identity_read SET {change} WHERE id = $1"), [id.clone().into()]).await;
        located("reading edited", [TamperedPlace::reading(ticket, &id)])
    }

    pub(super) async fn delete_reading(&mut self) -> Tampering {
        let (ticket, id) = self.reading().await;
        self.run("DELETE FROM identity_read WHERE id = $1", [id.clone().into()]).await;
        located("reading deleted", [TamperedPlace::reading(ticket, &id)])
    }

    /// Has somebody seen another caller than he saw.
    pub(super) async fn move_reading(&mut self) -> Tampering {
        let (ticket, id) = self.reading().await;
        let mut other = ticket;
        while other == ticket {
            other = self.reading().await.0;
        }
        let sql = "UPDATE identity_read SET ticket_number = $1 WHERE id = $2";
        self.run(sql, [other.into(), id.clone().into()]).await;
        located("reading moved", [TamperedPlace::reading(ticket, &id), TamperedPlace::reading(other, &id)])
    }

    /// Says of somebody that he was shown what he never saw.
    pub(super) async fn invent_reading(&mut self) -> Tampering {
        let (ticket, id) = self.reading().await;
        let invented = id.chars().rev().collect::<String>();
        let sql = "INSERT INTO identity_read (id, ticket_number, read_at, principal, unit, occasion, purpose, note, approved_by) \
                   SELECT $1, ticket_number, read_at, 'somebody', unit, occasion, purpose, note, approved_by \
                   FROM identity_read WHERE id = $2";
        self.run(sql, [invented.clone().into(), id.into()]).await;
        located("reading invented", [TamperedPlace::reading(ticket, &invented)])
    }
}
