//! The tickets of the suite: 500 a day from 2020-01-01 on, the last 2,000 open.

use sea_orm::ConnectionTrait as _;

use crate::store::fixture::Hotline;
use crate::support::bulk_tickets::BulkTickets;

/// Tickets that are open.
pub(super) const OPEN: u32 = 2_000;
/// Tickets that are taken in on a day.
pub(super) const PER_DAY: u32 = 500;
/// 2020-01-01 in Beijing, in microseconds since 1970.
pub(super) const BEGIN: i64 = 1_577_808_000_000_000;

/// Fills the tables of a hotline, and says to PostgreSQL what is in them.
pub(super) async fn fill(hotline: &Hotline, tickets: u32) {
    let db = hotline.store.migrating();
    let bulk = BulkTickets {
        tickets,
        open: OPEN,
        per_day: PER_DAY,
        year: 20,
        begin: BEGIN,
        document: "{}".to_owned(),
    };
    for sql in bulk.statements(hotline.store.is_sqlite()) {
        db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    if !hotline.store.is_sqlite() {
        db.execute_unprepared("VACUUM ANALYZE").await.expect("whoever owns the tables may do that");
    }
}
