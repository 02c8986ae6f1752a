//! A database of a release that hashed nothing: its events are hashed once, and from then on a missing hash is a finding.

use hotline_server::timeline::{Place, Wrong};

use super::both;
use super::fixture::{Database, Hotline, as_complex, staff};
use super::tampering::{audit_signer, disclose_caller, execute, remove_write_protection, verify};

both! {
    older_events_are_hashed_once_and_missing_hashes_are_found_after_that
    older_access_log_rows_are_signed_once_and_invented_rows_are_found_after_that
}

async fn older_events_are_hashed_once_and_missing_hashes_are_found_after_that(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(3).await;
    for ticket in &tickets[..2] {
        hotline.change(staff("ClassifyTicket"), ticket.number, as_complex()).await.expect("it is classified");
    }
    remove_write_protection(&hotline).await;
    // As an older release left them.
    for sql in [
        "UPDATE ticket_event SET hash = NULL",
        "UPDATE ticket SET head_sequence = NULL, head_hash = NULL",
        "DELETE FROM unsealed_head",
    ] {
        execute(&hotline, sql, []).await;
    }
    assert_eq!(verify(&hotline).await.findings().count(), 0, "older events need no hash");
    // One goes on before its older events were looked at.
    hotline.change(staff("ClassifyTicket"), tickets[0].number, as_complex()).await.expect("it goes on");
    assert_eq!(verify(&hotline).await.findings().count(), 0);
    let audit_signer = audit_signer(&hotline);
    assert_eq!(audit_signer.adopt().await, Ok(2), "the others");
    assert_eq!(audit_signer.adopt().await, Ok(0), "once");
    audit_signer.seal().await.expect("it can be sealed");
    assert_eq!(verify(&hotline).await.findings().count(), 0);
    hotline.change(staff("ClassifyTicket"), tickets[1].number, as_complex()).await.expect("it goes on");
    assert_eq!(verify(&hotline).await.findings().count(), 0);

    let number = tickets[1].number.as_i64();
    let sql = "UPDATE ticket_event SET principal = 'x' WHERE ticket_number = $1 AND sequence = 1";
    execute(&hotline, sql, [number.into()]).await;
    let found = verify(&hotline).await;
    let found: Vec<_> = found.findings().map(|finding| (finding.place.clone(), finding.wrong)).collect();
    assert!(found.contains(&(Place::Events(number, 1, 2), Wrong::Altered)), "{found:?}");
    let number = tickets[2].number.as_i64();
    execute(&hotline, "UPDATE ticket_event SET hash = NULL WHERE ticket_number = $1", [number.into()]).await;
    execute(&hotline, "DELETE FROM chain_start WHERE ticket_number = $1", [number.into()]).await;
    let found = verify(&hotline).await;
    let is_found = found.findings().any(|finding| finding.place == Place::Events(number, 1, 1));
    assert!(is_found, "a hash is missing and nothing says that it is old");
}

async fn older_access_log_rows_are_signed_once_and_invented_rows_are_found_after_that(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(3).await;
    for ticket in &tickets[..2] {
        disclose_caller(&hotline, ticket.number).await;
    }
    remove_write_protection(&hotline).await;
    // As an older release left them.
    execute(&hotline, "DELETE FROM unsealed_head WHERE subject <> ''", []).await;
    // One is recorded before the older ones were looked at.
    disclose_caller(&hotline, tickets[2].number).await;
    assert_eq!(verify(&hotline).await.findings().count(), 0, "older readings need no seal");
    let audit_signer = audit_signer(&hotline);
    for _ in 0..2 {
        audit_signer.adopt_readings().await.expect("they can be adopted");
        audit_signer.seal().await.expect("it can be sealed");
        assert_eq!(
            hotline.count("SELECT COUNT(*) FROM seal_entry WHERE subject LIKE 'identity_read/%'").await,
            3
        );
    }
    assert_eq!(verify(&hotline).await.findings().count(), 0);

    execute(
        &hotline,
        "UPDATE identity_read SET id = 'invented' WHERE ticket_number = $1",
        [tickets[0].number.as_i64().into()],
    )
    .await;
    let found = verify(&hotline).await;
    let mut found: Vec<_> = found.findings().map(|finding| finding.wrong).collect();
    found.sort_by_key(|wrong| wrong.words());
    assert_eq!(found, [Wrong::Unsealed, Wrong::Missing]);
}
