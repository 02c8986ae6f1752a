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
    of_two_commands_at_once_one_wins
    of_two_readers_of_one_version_one_writes
    two_merges_of_a_pair_do_not_wait_for_each_other
    an_entry_on_a_stale_ticket_writes_nothing
    an_entry_that_breaks_an_invariant_writes_nothing
    an_effect_is_written_once
}

const ROUNDS: u32 = 12;

async fn of_two_commands_at_once_one_wins(database: Database) {
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
        let (won, lost) = match (withdrawn, declined) {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            other => panic!("not one of them won: {other:?}"),
        };
        assert_eq!(lost.reason, ErrorReason::WrongState, "{lost:?}");
        assert_eq!(lost.metadata["state"], won.state.name());
        assert_eq!(won.version, 2);
        assert_eq!(hotline.find(ticket.number).await, won);
        consistency::check(&hotline, ticket.number).await;
    }
}

async fn of_two_readers_of_one_version_one_writes(database: Database) {
    let hotline = Hotline::open(&database).await;
    for ticket in hotline.create_appeals(ROUNDS).await {
        let number = ticket.number;
        let change = || {
            let change = Change { key: new_key(), number, etag: Some(ticket.etag()), verb: as_complex() };
            hotline.closed_loop.change(staff("ClassifyTicket"), change)
        };
        let (one, two) = tokio::join!(change(), change());
        let (won, lost) = match (one, two) {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            other => panic!("not one of them won: {other:?}"),
        };
        assert_eq!(lost.reason, ErrorReason::EtagStale, "{lost:?}");
        assert_eq!(hotline.find(number).await, won);
        assert_eq!(won.version, 2);
        consistency::check(&hotline, number).await;
    }
}

async fn two_merges_of_a_pair_do_not_wait_for_each_other(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(2 * ROUNDS).await;
    for pair in tickets.chunks_exact(2) {
        let merge = |repeat: &Ticket, open: &Ticket| {
            let verb = MergeTicket { into: open.number };
            let change = Change { key: new_key(), number: repeat.number, etag: None, verb };
            hotline.closed_loop.merge_ticket(staff("MergeTicket"), change)
        };
        let (one, two) = tokio::join!(merge(&pair[0], &pair[1]), merge(&pair[1], &pair[0]));
        let (won, lost) = match (one, two) {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            other => panic!("not one of them won: {other:?}"),
        };
        assert_eq!(won.state, State::Merged);
        let reasons = [ErrorReason::MergeTargetUnfit, ErrorReason::WrongState];
        assert!(reasons.contains(&lost.reason), "{lost:?}");
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
    Event::RungFired { cycle: 1, rung, due_at: None, unit: None, note: String::new() }
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
    let [one, stale] = <[Ticket; 2]>::try_from(hotline.create_appeals(2).await).expect("two");
    let withdraw = WithdrawTicket { note: String::new() };
    hotline.change(staff("WithdrawTicket"), stale.number, withdraw).await.expect("it is open");
    let before = hotline.dump().await;

    let fault = write(&hotline, [(one.clone(), note("first")), (stale.clone(), note("second"))]).await;
    let fault = fault.expect_err("the second ticket was changed since it was read");
    assert!(fault.is_conflict, "{fault:?}");
    assert_eq!(fault.reason, ErrorReason::Unavailable);
    assert_eq!(hotline.dump().await, before);

    let present = hotline.find(stale.number).await;
    write(&hotline, [(one, note("first")), (present, note("second"))])
        .await
        .expect("both are as they were read");
    consistency::check_all(&hotline).await;
}

async fn an_entry_that_breaks_an_invariant_writes_nothing(database: Database) {
    let hotline = Hotline::open(&database).await;
    let [one, two] = <[Ticket; 2]>::try_from(hotline.create_appeals(2).await).expect("two");
    let before = hotline.dump().await;
    let completed = Event::TicketCompleted { is_on_time: true };
    let fault = write(&hotline, [(one, note("first")), (two, completed)]).await;
    let fault = fault.expect_err("a ticket without feedback is not complete");
    assert_eq!(fault.reason, ErrorReason::Internal);
    assert!(fault.detail.contains("a completed cycle has both feedbacks"), "{}", fault.detail);
    assert_eq!(hotline.dump().await, before);
}

async fn an_effect_is_written_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let [one, two] = <[Ticket; 2]>::try_from(hotline.create_appeals(2).await).expect("two");
    let written = write(&hotline, [(one, note("first")), (two, fired(Rung::Urged))]).await;
    let [one, two] = <[Ticket; 2]>::try_from(written.expect("the first effect")).expect("two");
    let before = hotline.dump().await;

    let fault = write(&hotline, [(one.clone(), note("second")), (two.clone(), fired(Rung::Urged))]).await;
    let fault = fault.expect_err("the rung has fired in this cycle");
    assert!(fault.is_conflict, "{fault:?}");
    assert!(fault.detail.contains("unique"), "{}", fault.detail);
    assert_eq!(hotline.dump().await, before);

    let written = write(&hotline, [(one, note("second")), (two, fired(Rung::Supervised))]).await;
    written.expect("another rung has an effect of its own");
    consistency::check_all(&hotline).await;
}
