//! The open work of a unit moves to its successor or to the desk, once, whatever happens to the servers meanwhile.

use std::sync::Arc;

use hotline_proto::v1::{self as pb, ErrorReason, Role};
use hotline_server::access::Caller;
use hotline_server::access::permit::{Permit, method_of};
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::create_ticket::CreateTicket;
use hotline_server::closed_loop::dispatch_ticket::DispatchTicket;
use hotline_server::closed_loop::update_caller::UpdateCaller;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::desk::directory::put_unit::{PutOutcome, PutUnit};
use hotline_server::desk::directory::transfer_tickets::{TransferDetails, TransferTickets};
use hotline_server::desk::directory::{Directory, Unit, units};
use hotline_server::oversight::TransferRunner;
use hotline_server::oversight::transfers::{Batch, NextTicket};
use hotline_server::platform::Fault;
use hotline_server::ticket::{
    CallerIdentity, CallerUpdate, Category, Event, Relation, State, Ticket, TicketNumber,
};
use sea_orm::ConnectionTrait as _;
use tokio::task::JoinSet;

use super::fixture::{Database, Hotline, appeal, clerk, default_policy, dispatch, new_key, staff, unit};
use super::{both, consistency};

both! {
    a_transfer_moves_every_open_ticket_once
    a_transfer_that_is_killed_between_batches_goes_on_on_another_server
    several_servers_move_each_ticket_once
    a_successor_that_ends_during_a_transfer_gets_nothing
    a_transfer_whose_successors_lead_back_ends_at_the_desk
    a_ticket_that_cannot_move_is_left_alone
    a_unit_of_a_held_ticket_does_not_disappear_from_it
}

/// The unit that loses its work, its successor, and units beside them.
pub(super) const FROM: &str = "dept-tax";
pub(super) const TO: &str = "dept-finance";
pub(super) const OTHER: &str = "district-chaoyang";

fn directory(hotline: &Hotline) -> Directory {
    Directory {
        store: hotline.store.clone(),
        clock: hotline.clock.clone(),
        rules: hotline.ledger.rules().clone(),
        recall: Arc::new(hotline.closed_loop.clone()),
    }
}

pub(super) fn runner(hotline: &Hotline) -> TransferRunner {
    let Hotline { store, clock, ledger, .. } = hotline.clone();
    TransferRunner { store, clock, ledger }
}

fn administrator() -> Permit {
    let method = method_of("/hotline.v1.DirectoryService/PutUnit").expect("the contract has it");
    let caller =
        Caller { principal: "staff".to_owned(), roles: vec![Role::Administrator], ..Caller::default() };
    Permit::grant(caller, method).expect("an administrator puts units")
}

/// Starts a transfer; returns its number.
async fn transfer(hotline: &Hotline, from: &str, to: Option<&str>) -> Result<u32, Fault> {
    let command = TransferTickets { from: unit(from), to: to.map(unit), reason: "机构合并".to_owned() };
    let answer = |details: &TransferDetails| pb::GetTransferRequest {
        transfer_number: i32::try_from(details.transfer.number).expect("a small number"),
    };
    let (directory, permit) = (directory(hotline), staff("TransferTickets"));
    let started = directory.transfer_tickets(&permit, new_key(), command, answer).await?;
    Ok(started.transfer_number.unsigned_abs())
}

/// How far a transfer is: total, moved, at the desk, released, left, and whether it is done.
pub(super) async fn progress(hotline: &Hotline, number: u32) -> ([u32; 5], bool) {
    let details = directory(hotline).get_transfer(number).await.expect("there is one");
    let (transfer, progress) = (&details.transfer, details.transfer.progress);
    let counts = [transfer.total, progress.moved, progress.sent_to_desk, progress.released, details.left];
    (counts, transfer.done_at.is_some())
}

/// Makes a unit inactive; returns the number of the transfer, 0 if there is none.
pub(super) async fn end_unit(
    hotline: &Hotline,
    code: &str,
    successor: Option<&str>,
    to_desk: bool,
) -> Result<u32, Fault> {
    let found = units::find(hotline.store.reader(), &unit(code)).await.expect("it can be read");
    let found = found.expect("it is seeded");
    let put = Unit { is_active: false, successor: successor.map(unit), ..found };
    let answer = |put: &PutOutcome| pb::PutUnitResponse {
        unit: None,
        transfer_number: i32::try_from(put.transfer.unwrap_or_default()).expect("a small number"),
    };
    let command = PutUnit { unit: put, etag: None, to_desk };
    let answer = directory(hotline).put_unit(&administrator(), new_key(), command, answer).await?;
    Ok(answer.transfer_number.unsigned_abs())
}

/// An appeal at these units.
pub(super) async fn at_units(
    hotline: &Hotline,
    lead: &str,
    assist: &[&str],
    inform: &[&str],
) -> TicketNumber {
    let number = hotline.create(appeal("matter")).await.number;
    let codes = |units: &[&str]| units.iter().map(|code| unit(code)).collect();
    let sent =
        DispatchTicket { assist_units: codes(assist), inform_units: codes(inform), ..dispatch(&unit(lead)) };
    hotline.change(staff("DispatchTicket"), number, sent).await.expect("it is dispatched");
    number
}

pub(super) async fn signed(hotline: &Hotline, lead: &str) -> TicketNumber {
    let number = at_units(hotline, lead, &[], &[]).await;
    hotline.change(clerk("AcceptTicket", &unit(lead)), number, AcceptTicket).await.expect("it is accepted");
    number
}

/// How often transfers have moved a ticket.
async fn moves(hotline: &Hotline, number: TicketNumber) -> usize {
    let is_move = |event: &Event| {
        matches!(
            event,
            Event::TicketDispatched { transfer: Some(_), .. }
                | Event::TicketSentToDesk { .. }
                | Event::UnitReplaced { .. }
        )
    };
    hotline.events(number).await.iter().filter(|recorded| is_move(&recorded.event)).count()
}

pub(super) fn relation(ticket: &Ticket, code: &str) -> Option<Relation> {
    ticket.relation_of(&unit(code))
}

/// A complaint about a unit.
pub(super) fn complaint(accused: &str) -> CreateTicket {
    CreateTicket {
        category: Category::ComplaintReport,
        accused_units: vec![unit(accused)],
        ..appeal("a complaint")
    }
}

async fn a_transfer_moves_every_open_ticket_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let led = at_units(&hotline, FROM, &[OTHER], &[]).await;
    let handled = signed(&hotline, FROM).await;
    let assisted = at_units(&hotline, OTHER, &[FROM], &[]).await;
    let informed = at_units(&hotline, OTHER, &[], &[FROM]).await;
    let elsewhere = at_units(&hotline, OTHER, &[TO], &[]).await;
    let accusing = hotline.create(complaint(TO)).await.number;
    let sent = dispatch(&unit(FROM));
    hotline.change(staff("DispatchTicket"), accusing, sent).await.expect("it accuses another unit");
    let withdrawn = at_units(&hotline, FROM, &[], &[]).await;
    let withdraw = WithdrawTicket { note: "撤回".to_owned() };
    hotline.change(staff("WithdrawTicket"), withdrawn, withdraw).await.expect("it is withdrawn");
    let due_at = hotline.find(handled).await.cycle.due_at();

    let number = transfer(&hotline, FROM, Some(TO)).await.expect("it starts");
    assert_eq!(progress(&hotline, number).await, ([5, 0, 0, 0, 5], false));
    let refused = transfer(&hotline, FROM, None).await.expect_err("one is running");
    assert_eq!(refused.reason, ErrorReason::TransferRunning);
    runner(&hotline).tick().await.expect("the database is there");
    assert_eq!(progress(&hotline, number).await, ([5, 4, 1, 0, 0], true));

    let ticket = hotline.find(led).await;
    assert_eq!((ticket.state, ticket.lead_unit()), (State::Dispatched, Some(&unit(TO))));
    assert_eq!(relation(&ticket, OTHER), Some(Relation::Assist));
    let ticket = hotline.find(handled).await;
    assert_eq!((ticket.state, ticket.lead_unit()), (State::Dispatched, Some(&unit(TO))));
    assert_eq!(ticket.cycle.due_at(), due_at, "the limit runs on");
    let ticket = hotline.find(assisted).await;
    assert_eq!((relation(&ticket, TO), relation(&ticket, FROM)), (Some(Relation::Assist), None));
    assert_eq!(relation(&hotline.find(informed).await, TO), Some(Relation::Inform));
    let ticket = hotline.find(accusing).await;
    assert_eq!((ticket.state, ticket.dispatch), (State::Received, None));
    assert_eq!(relation(&hotline.find(withdrawn).await, FROM), Some(Relation::Lead), "it is closed");
    assert_eq!(moves(&hotline, elsewhere).await, 0);
    for moved in [led, handled, assisted, informed, accusing] {
        assert_eq!(moves(&hotline, moved).await, 1, "{moved}");
    }
    // The same tick again does nothing, and another transfer finds nothing to move.
    assert_eq!(runner(&hotline).tick().await, Ok(0));
    let again = transfer(&hotline, FROM, None).await.expect("none is running");
    runner(&hotline).tick().await.expect("the database is there");
    assert_eq!(progress(&hotline, again).await, ([0; 5], true));
    consistency::check_all(&hotline).await;
}

async fn a_transfer_that_is_killed_between_batches_goes_on_on_another_server(database: Database) {
    const TICKETS: u32 = 230;
    let first = Hotline::open(&database).await;
    let mut numbers = Vec::new();
    for ticket in first.create_appeals(TICKETS).await {
        let sent = dispatch(&unit(FROM));
        first.change(staff("DispatchTicket"), ticket.number, sent).await.expect("it is dispatched");
        numbers.push(ticket.number);
    }
    let transfer = transfer(&first, FROM, Some(TO)).await.expect("it starts");
    let Batch::Looked(moved) = runner(&first).batch().await.expect("a batch") else {
        panic!("there is a transfer")
    };
    let moved = u32::try_from(moved).expect("a small batch");
    assert!(moved > 0 && moved < TICKETS, "{moved}");
    assert_eq!(progress(&first, transfer).await, ([TICKETS, moved, 0, 0, TICKETS - moved], false));
    // The server ends between two batches.
    first.store.close().await;
    drop(first);

    let second = Hotline::open(&database).await;
    assert_eq!(progress(&second, transfer).await, ([TICKETS, moved, 0, 0, TICKETS - moved], false));
    runner(&second).tick().await.expect("the database is there");
    assert_eq!(progress(&second, transfer).await, ([TICKETS, TICKETS, 0, 0, 0], true));
    for number in numbers {
        assert_eq!(moves(&second, number).await, 1, "{number}");
        assert_eq!(second.find(number).await.lead_unit(), Some(&unit(TO)));
    }
    consistency::check_all(&second).await;
}

async fn several_servers_move_each_ticket_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let mut numbers = Vec::new();
    for _ in 0..120 {
        numbers.push(at_units(&hotline, FROM, &[], &[]).await);
    }
    let transfer = transfer(&hotline, FROM, Some(TO)).await.expect("it starts");
    let mut running = JoinSet::new();
    for _ in 0..3 {
        let hotline = match &database {
            // A SQLite file is served by one process.
            Database::Sqlite(_) => hotline.clone(),
            Database::Postgres(_) => {
                let (store, clock) = (database.open().await, hotline.clock.clone());
                Hotline::open_with(store, clock, default_policy()).await
            }
        };
        running.spawn(async move { runner(&hotline).tick().await.expect("the database is there") });
    }
    while running.join_next().await.transpose().expect("no runner panics").is_some() {}
    // A server that found the transfer claimed leaves it to the other.
    assert_eq!(progress(&hotline, transfer).await, ([120, 120, 0, 0, 0], true));
    for number in numbers {
        assert_eq!(moves(&hotline, number).await, 1, "{number}");
    }
}

async fn a_successor_that_ends_during_a_transfer_gets_nothing(database: Database) {
    let hotline = Hotline::open(&database).await;
    let number = at_units(&hotline, FROM, &[], &[]).await;
    let first = transfer(&hotline, FROM, Some(TO)).await.expect("it starts");
    end_unit(&hotline, TO, Some(OTHER), false).await.expect("it has nothing open");
    runner(&hotline).tick().await.expect("the database is there");
    assert_eq!(hotline.find(number).await.lead_unit(), Some(&unit(OTHER)), "the successor's successor");
    assert_eq!(progress(&hotline, first).await, ([1, 1, 0, 0, 0], true));
}

async fn a_transfer_whose_successors_lead_back_ends_at_the_desk(database: Database) {
    let hotline = Hotline::open(&database).await;
    let led = at_units(&hotline, FROM, &[], &[]).await;
    let assisted = at_units(&hotline, OTHER, &[FROM], &[]).await;
    let number = transfer(&hotline, FROM, Some(TO)).await.expect("it starts");
    end_unit(&hotline, TO, Some(FROM), false).await.expect("it has nothing open");
    runner(&hotline).tick().await.expect("the database is there");
    assert_eq!(progress(&hotline, number).await, ([2, 0, 1, 1, 0], true));
    let ticket = hotline.find(led).await;
    assert_eq!((ticket.state, ticket.dispatch), (State::Received, None));
    assert_eq!(relation(&hotline.find(assisted).await, FROM), None);
    assert_eq!((moves(&hotline, led).await, moves(&hotline, assisted).await), (1, 1));
    consistency::check_all(&hotline).await;
}

async fn a_ticket_that_cannot_move_is_left_alone(database: Database) {
    let hotline = Hotline::open(&database).await;
    let mut tickets = Vec::new();
    for _ in 0..3 {
        tickets.push(at_units(&hotline, FROM, &[], &[]).await);
    }
    let number = transfer(&hotline, FROM, Some(TO)).await.expect("it starts");
    // Another server has passed over the broken one, or there is none: the healthy ones are not left in its place.
    let failure = Fault::internal("it cannot be read");
    for ticket in &tickets[1..] {
        let next = NextTicket { transfer: number, ticket: *ticket };
        let batch = runner(&hotline).leave(next, &failure).await.expect("the database is there");
        assert_eq!(batch, Batch::Looked(0), "it is not the next one");
    }
    let broken = format!("WHERE number = {}", tickets[1].as_i64());
    let break_it = format!("UPDATE ticket SET document = REPLACE(document, 'state', 'estat') {broken}");
    let db = hotline.store.migrating();
    db.execute_unprepared(&break_it).await.expect("it can be written");
    runner(&hotline).tick().await.expect("the database is there");
    assert_eq!(progress(&hotline, number).await, ([3, 2, 0, 0, 1], true));
    let mend = format!("UPDATE ticket SET document = REPLACE(document, 'estat', 'state') {broken}");
    db.execute_unprepared(&mend).await.expect("it can be written");
    let leads: Vec<_> =
        [hotline.find(tickets[0]).await, hotline.find(tickets[1]).await, hotline.find(tickets[2]).await]
            .iter()
            .map(|ticket| ticket.lead_unit().cloned())
            .collect();
    assert_eq!(leads, [TO, FROM, TO].map(|code| Some(unit(code))));
    consistency::check_all(&hotline).await;
}

async fn a_unit_of_a_held_ticket_does_not_disappear_from_it(database: Database) {
    let hotline = Hotline::open(&database).await;
    let content = "办件人称由欧阳示例经办，至今没有答复。".to_owned();
    let confidential = CreateTicket { chosen_confidential: Some(true), content, ..appeal("matter") };
    let number = hotline.create(confidential).await.number;
    let sent = DispatchTicket { assist_units: vec![unit(FROM)], ..dispatch(&unit(OTHER)) };
    hotline.change(staff("DispatchTicket"), number, sent).await.expect("it is dispatched");
    // The caller turns out to be named in the content.
    let given = CallerIdentity { contact_name: Some("欧阳示例".to_owned()), ..CallerIdentity::default() };
    let update = UpdateCaller(CallerUpdate::of_given(given, None));
    hotline.change(staff("UpdateCaller"), number, update).await.expect("it is completed");
    assert!(hotline.find(number).await.is_held());
    let transfer = transfer(&hotline, FROM, Some(TO)).await.expect("it starts");
    runner(&hotline).tick().await.expect("the database is there");
    assert_eq!(progress(&hotline, transfer).await, ([1, 0, 1, 0, 0], true));
    let ticket = hotline.find(number).await;
    assert_eq!((ticket.state, ticket.dispatch), (State::Received, None), "its lead has lost it");
}
