//! The tickets of the suite: 500 a day from 2020-01-01 on, the last 2,000 open.

use sea_orm::ConnectionTrait as _;

use crate::store::fixture::{Database, Hotline};
use crate::support::bulk_tickets::BulkTickets;

/// Tickets that are open.
pub(super) const OPEN: u32 = 2_000;
/// Tickets that are taken in on a day.
pub(super) const PER_DAY: u32 = 500;
/// 2020-01-01 in Beijing, in microseconds since 1970.
pub(super) const BEGIN: i64 = 1_577_808_000_000_000;

/// Fills the tables of a hotline, and runs `ANALYZE` on PostgreSQL. There it is done by a superuser, whose statements
/// may take as long as they need.
pub(super) async fn fill(hotline: &Hotline, database: &Database, tickets: u32) {
    let bulk = BulkTickets {
        tickets,
        open: OPEN,
        per_day: PER_DAY,
        year: 20,
        begin: BEGIN,
        document: "{}".to_owned(),
    };
    let statements = bulk.statements(hotline.store.is_sqlite());
    if hotline.store.is_sqlite() {
        let db = hotline.store.migrating();
        for sql in statements {
            db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        return;
    }
    for sql in statements.iter().map(String::as_str).chain(["VACUUM ANALYZE"]) {
        database.psql(sql);
    }
}
