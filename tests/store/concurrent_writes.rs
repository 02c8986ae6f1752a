//! Concurrent and partial writes: of two writers one wins and the other is refused, and a unit of work that can't be
//! finished leaves nothing behind.

use hotline_proto::v1::ErrorReason;
use hotline_server::closed_loop::Change;
use hotline_server::closed_loop::decline_ticket::DeclineTicket;
use hotline_server::closed_loop::merge_ticket::MergeTicket;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::ledger::Entry;
use hotline_server::platform::Fault;
use hotline_server::ticket::{Actor, CallerIdentity, DeclineReason, Event, Rung, State, Ticket};

use super::fixture::{Database, Hotline, as_complex, new_key, staff};
use super::{both, consistency};

both! {
    of_two_concurrent_commands_one_succeeds
    of_two_changes_with_one_etag_one_succeeds
    two_opposite_merges_do_not_deadlock
    an_entry_on_a_stale_ticket_writes_nothing
    an_entry_that_breaks_an_invariant_writes_nothing
    an_effect_is_written_once
}

const ROUNDS: u32 = 12;

async fn of_two_concurrent_commands_one_succeeds(database: Database) {
    let hotline = Hotline::open(&database).await;
    for ticket in hotline.create_appeals(ROUNDS).await {
        let decline = DeclineTicket {
            reason: DeclineReason::Litigation,
            turn_to: "the court".to_owned(),
            note: String::new(),
        };
        let (withdrawn, declined) = tokio::join!(
            hotline.change(staff("WithdrawTicket"), ticket.number, WithdrawTicket { note: String::new() }),
            hotline.change(staff("DeclineTicket"), ticket.number, decline),
        );
        let (accepted, refused) = match (withdrawn, declined) {
            (Ok(accepted), Err(refused)) | (Err(refused), Ok(accepted)) => (accepted, refused),
            both_alike => panic!("not exactly one succeeded: {both_alike:?}"),
        };
        assert_eq!(refused.reason, ErrorReason::WrongState, "{refused:?}");
        assert_eq!(refused.metadata["state"], accepted.state.name());
        assert_eq!(accepted.version, 2);
        assert_eq!(hotline.find(ticket.number).await, accepted);
        consistency::check(&hotline, ticket.number).await;
    }
}

async fn of_two_changes_with_one_etag_one_succeeds(database: Database) {
    let hotline = Hotline::open(&database).await;
    for ticket in hotline.create_appeals(ROUNDS).await {
        let number = ticket.number;
        let change = || {
            let change = Change { key: new_key(), number, etag: Some(ticket.etag()), verb: as_complex() };
            hotline.closed_loop.change(staff("ClassifyTicket"), change)
        };
        let (first, second) = tokio::join!(change(), change());
        let (accepted, refused) = match (first, second) {
            (Ok(accepted), Err(refused)) | (Err(refused), Ok(accepted)) => (accepted, refused),
            both_alike => panic!("not exactly one succeeded: {both_alike:?}"),
        };
        assert_eq!(refused.reason, ErrorReason::EtagStale, "{refused:?}");
        assert_eq!(hotline.find(number).await, accepted);
        assert_eq!(accepted.version, 2);
        consistency::check(&hotline, number).await;
    }
}

async fn two_opposite_merges_do_not_deadlock(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(2 * ROUNDS).await;
    for pair in tickets.chunks_exact(2) {
        let merge = |repeat: &Ticket, open: &Ticket| {
            let verb = MergeTicket { into: open.number };
            let change = Change { key: new_key(), number: repeat.number, etag: None, verb };
            hotline.closed_loop.merge_ticket(staff("MergeTicket"), change)
        };
        let (forward, backward) = tokio::join!(merge(&pair[0], &pair[1]), merge(&pair[1], &pair[0]));
        let (accepted, refused) = match (forward, backward) {
            (Ok(accepted), Err(refused)) | (Err(refused), Ok(accepted)) => (accepted, refused),
            both_alike => panic!("not exactly one succeeded: {both_alike:?}"),
        };
        assert_eq!(accepted.state, State::Merged);
        let reasons = [ErrorReason::MergeTargetUnfit, ErrorReason::WrongState];
        assert!(reasons.contains(&refused.reason), "{refused:?}");
        for ticket in pair {
            consistency::check(&hotline, ticket.number).await;
        }
    }
}

fn entry(before: &Ticket, event: Event) -> Entry {
    Entry {
        number: before.number,
        before: Some(before.clone().into()),
        actor: Actor::system(),
        events: vec![event],
        identity: CallerIdentity::default(),
    }
}

fn note(text: &str) -> Event {
    Event::SupervisionRecorded { note: text.to_owned() }
}

fn fired(rung: Rung) -> Event {
    Event::RungFired { cycle: 1, round: 0, rung, due_at: None, unit: None, note: String::new() }
}

/// Writes the changes of two tickets in one unit of work, as a merge does.
async fn write(hotline: &Hotline, entries: [(Ticket, Event); 2]) -> Result<Vec<Ticket>, Fault> {
    let ledger = hotline.ledger.clone();
    let written = hotline.store.work(&hotline.clock, move |work| {
        let (ledger, entries) = (ledger.clone(), entries.clone());
        Box::pin(async move {
            let entries = entries.iter().map(|(before, event)| entry(before, event.clone())).collect();
            ledger.write(work, entries).await
        })
    });
    written.await
}

async fn an_entry_on_a_stale_ticket_writes_nothing(database: Database) {
    let hotline = Hotline::open(&database).await;
    let [current_ticket, stale_ticket] =
        <[Ticket; 2]>::try_from(hotline.create_appeals(2).await).expect("two");
    let withdraw = WithdrawTicket { note: String::new() };
    hotline.change(staff("WithdrawTicket"), stale_ticket.number, withdraw).await.expect("it is open");
    let before = hotline.dump().await;

    let fault =
        write(&hotline, [(current_ticket.clone(), note("first")), (stale_ticket.clone(), note("second"))])
            .await;
    let fault = fault.expect_err("the second ticket was changed since it was read");
    assert!(fault.is_conflict, "{fault:?}");
    assert_eq!(fault.reason, ErrorReason::Unavailable);
    assert_eq!(hotline.dump().await, before);

    let reread = hotline.find(stale_ticket.number).await;
    write(&hotline, [(current_ticket, note("first")), (reread, note("second"))])
        .await
        .expect("both tickets are current");
    consistency::check_all(&hotline).await;
}

async fn an_entry_that_breaks_an_invariant_writes_nothing(database: Database) {
    let hotline = Hotline::open(&database).await;
    let [first_ticket, second_ticket] =
        <[Ticket; 2]>::try_from(hotline.create_appeals(2).await).expect("two");
    let before = hotline.dump().await;
    let completed = Event::TicketCompleted { is_on_time: true };
    let fault = write(&hotline, [(first_ticket, note("first")), (second_ticket, completed)]).await;
    let fault = fault.expect_err("a ticket without feedback is not complete");
    assert_eq!(fault.reason, ErrorReason::Internal);
    assert!(fault.detail.contains("a completed cycle has both feedbacks"), "{}", fault.detail);
    assert_eq!(hotline.dump().await, before);
}

async fn an_effect_is_written_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let [first_ticket, second_ticket] =
        <[Ticket; 2]>::try_from(hotline.create_appeals(2).await).expect("two");
    let written = write(&hotline, [(first_ticket, note("first")), (second_ticket, fired(Rung::Urged))]).await;
    let [first_ticket, second_ticket] =
        <[Ticket; 2]>::try_from(written.expect("the first effect")).expect("two");
    let before = hotline.dump().await;

    let fault = write(
        &hotline,
        [(first_ticket.clone(), note("second")), (second_ticket.clone(), fired(Rung::Urged))],
    )
    .await;
    let fault = fault.expect_err("the rung has fired in this cycle");
    assert!(fault.is_conflict, "{fault:?}");
    assert!(fault.detail.contains("unique"), "{}", fault.detail);
    assert_eq!(hotline.dump().await, before);

    let written =
        write(&hotline, [(first_ticket, note("second")), (second_ticket, fired(Rung::Supervised))]).await;
    written.expect("another rung has an effect of its own");
    consistency::check_all(&hotline).await;
}
