//! Tampering with the access log of identities.

use super::tamperer::{TamperedPlace, Tamperer, Tampering, located};

impl Tamperer<'_> {
    /// A ticket and the id of an access to its caller's identity.
    async fn access(&mut self) -> (i64, String) {
        let rows = self.hotline.rows("SELECT ticket_number, id FROM identity_access ORDER BY 1, 2").await;
        let row = self.random.pick(&rows);
        (row.try_get_by_index(0).expect("a number"), row.try_get_by_index(1).expect("an id"))
    }

    pub(super) async fn edit_access(&mut self) -> Tampering {
        let (ticket, id) = self.access().await;
        let change = self.random.pick(&[
            "accessed_at = accessed_at - 3600000000",
            "principal = 'somebody'",
            "unit = COALESCE(unit, '') || 'x'",
            "occasion = occasion % 3 + 1",
            "purpose = COALESCE(purpose, 0) % 4 + 1",
            "note = note || ' '",
            "approved_by = COALESCE(approved_by, '') || 'x'",
        ]);
        self.run(&format!("UPDATE identity_access SET {change} WHERE id = $1"), [id.clone().into()]).await;
        located("access edited", [TamperedPlace::access(ticket, &id)])
    }

    pub(super) async fn delete_access(&mut self) -> Tampering {
        let (ticket, id) = self.access().await;
        self.run("DELETE FROM identity_access WHERE id = $1", [id.clone().into()]).await;
        located("access deleted", [TamperedPlace::access(ticket, &id)])
    }

    /// Changes whose identity was shown in an access.
    pub(super) async fn move_access(&mut self) -> Tampering {
        let (ticket, id) = self.access().await;
        let mut other = ticket;
        while other == ticket {
            other = self.access().await.0;
        }
        let sql = "UPDATE identity_access SET ticket_number = $1 WHERE id = $2";
        self.run(sql, [other.into(), id.clone().into()]).await;
        located("access moved", [TamperedPlace::access(ticket, &id), TamperedPlace::access(other, &id)])
    }

    /// Adds an access that never happened.
    pub(super) async fn invent_access(&mut self) -> Tampering {
        let (ticket, id) = self.access().await;
        let invented = id.chars().rev().collect::<String>();
        let sql = "INSERT INTO identity_access (id, ticket_number, accessed_at, principal, unit, occasion, purpose, note, approved_by) \
                   SELECT $1, ticket_number, accessed_at, 'somebody', unit, occasion, purpose, note, approved_by \
                   FROM identity_access WHERE id = $2";
        self.run(sql, [invented.clone().into(), id.into()]).await;
        located("access invented", [TamperedPlace::access(ticket, &invented)])
    }
}
