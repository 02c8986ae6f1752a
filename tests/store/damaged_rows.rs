//! A damaged row of one ticket does not stop what follows the feed: the ticket is set aside and named, all others are
//! counted and indexed, and it is counted again once the row is repaired.

use hotline_server::assessment::check::{StoredDifference, check};
use hotline_server::assessment::follow::Follower;
use hotline_server::feed::set_aside::FeedFollower;
use sea_orm::ConnectionTrait as _;

use super::both;
use super::feed_streams::damage;
use super::fixture::{Database, Hotline, dispatch, staff, unit};
use super::search::{index_all, indexer};

both! {
    a_damaged_row_stops_no_follower
}

const FACTS: &str = "SELECT CAST(ticket_number AS VARCHAR(32)) FROM assessment_fact ORDER BY ticket_number";
const ANALYSED: &str =
    "SELECT CAST(ticket_number AS VARCHAR(32)) FROM analysis_ticket ORDER BY ticket_number";
const INDEXED: &str = "SELECT CAST(ticket_number AS VARCHAR(32)) FROM search_document ORDER BY ticket_number";

async fn texts(hotline: &Hotline, sql: &str) -> Vec<String> {
    let rows = hotline.rows(sql).await;
    rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
}

async fn run(hotline: &Hotline, sql: &str) {
    hotline.store.migrating().execute_unprepared(sql).await.expect("the row can be changed");
}

async fn follow_all(hotline: &Hotline, follower: &Follower) {
    hotline.feed().sequencer().number_all().await.expect("the database is there");
    follower.follow_all().await.expect("a damaged row stops nothing");
}

async fn a_damaged_row_stops_no_follower(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(3).await;
    let damaged = tickets[1].number.as_i64();
    let follower =
        Follower { store: hotline.store.clone(), clock: hotline.clock.clone(), tickets_max: Some(7) };
    let of_event = format!("ticket_number = {damaged} AND sequence = 1");
    let payload = texts(&hotline, &format!("SELECT payload FROM ticket_event WHERE {of_event}")).await;
    let document = texts(&hotline, &format!("SELECT document FROM ticket WHERE number = {damaged}")).await;
    damage(&hotline, "ticket_event", &format!("UPDATE ticket_event SET payload = '{{' WHERE {of_event}"))
        .await;
    run(&hotline, &format!("UPDATE ticket SET document = '{{' WHERE number = {damaged}")).await;

    follow_all(&hotline, &follower).await;
    index_all(&hotline).await;
    let others = [tickets[0].number, tickets[2].number].map(|number| number.as_i64().to_string());
    for sql in [FACTS, ANALYSED, INDEXED] {
        assert_eq!(texts(&hotline, sql).await, others, "{sql}");
    }
    let reader = hotline.store.reader();
    for followed in [FeedFollower::Assessment, FeedFollower::Search] {
        let named: Vec<_> = followed.set_aside(reader).await.expect("it is read").into_iter().collect();
        assert_eq!(named, [damaged], "{}", followed.name());
    }
    let differences = check(&hotline.store).await.expect("it is read").differences;
    assert_eq!(differences, [StoredDifference::Unreadable(damaged)]);

    // What happens to others goes on, and the ticket stays set aside.
    let to = dispatch(&unit("dept-tax"));
    hotline.change(staff("DispatchTicket"), tickets[0].number, to).await.expect("it is dispatched");
    follow_all(&hotline, &follower).await;
    assert_eq!(follower.retry_set_aside().await, Ok(1));
    assert_eq!(indexer(&hotline, None).retry_set_aside().await, Ok(1));

    let repaired = |text: &[String]| text[0].replace('\'', "''");
    let (payload, document) = (repaired(&payload), repaired(&document));
    run(&hotline, &format!("UPDATE ticket_event SET payload = '{payload}' WHERE {of_event}")).await;
    run(&hotline, &format!("UPDATE ticket SET document = '{document}' WHERE number = {damaged}")).await;
    assert_eq!(follower.retry_set_aside().await, Ok(0));
    assert_eq!(indexer(&hotline, None).retry_set_aside().await, Ok(0));
    for sql in [FACTS, ANALYSED, INDEXED] {
        assert_eq!(texts(&hotline, sql).await.len(), 3, "{sql}");
    }
    assert_eq!(check(&hotline.store).await.expect("it is read").differences, []);
}
