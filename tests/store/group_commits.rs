//! Commands that share a transaction: each has its own answer, a failure is one command's, and commands on one ticket
//! keep their order.

use std::task::Poll;

use hotline_proto::v1::ErrorReason;
use hotline_server::closed_loop::Change;
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::oversight::escalate_ticket::EscalateTicket;
use hotline_server::platform::Store;
use hotline_server::ticket::{Event, Rung, Ticket, TicketNumber};
use sea_orm::ConnectionTrait as _;
use tokio::task::JoinSet;

use super::fixture::{Database, Hotline, appeal, clerk, dispatch, new_key, opening, staff, unit};
use super::{both, consistency};

both! {
    commands_of_one_group_have_their_own_answers
    a_command_that_the_database_refuses_fails_alone
    commands_on_one_ticket_keep_their_order
    units_that_share_a_transaction_reach_only_their_own_tickets
    a_command_on_a_ticket_that_does_not_exist_is_refused_in_its_group
    a_group_of_one_is_as_good
}

/// Commands in flight at once.
const AT_ONCE: u32 = 40;

/// Creates so many appeals at once; answers the outcomes with their subjects.
async fn create_at_once(
    hotline: &Hotline,
    subjects: impl IntoIterator<Item = String>,
) -> Vec<(String, Result<Ticket, ErrorReason>)> {
    let mut calls = JoinSet::new();
    for subject in subjects {
        let hotline = hotline.clone();
        calls.spawn(async move {
            let create = appeal(&subject);
            let created = hotline.closed_loop.create_ticket(staff("CreateTicket"), new_key(), create).await;
            (subject, created.map_err(|fault| fault.reason))
        });
    }
    calls.join_all().await
}

async fn commands_of_one_group_have_their_own_answers(database: Database) {
    let hotline = Hotline::open(&database).await;
    hotline.create_appeals(1).await;
    let before = hotline.store.statements_sent();
    let created = create_at_once(&hotline, (0..AT_ONCE).map(|number| format!("appeal {number}"))).await;
    let sent = hotline.store.statements_sent() - before;
    for (subject, outcome) in &created {
        assert_eq!(&outcome.as_ref().expect("the appeal is taken in").subject, subject);
    }
    let alone = statements_of_one(&hotline).await;
    assert!(
        sent < u64::from(AT_ONCE) * alone / 2,
        "{AT_ONCE} commands at once took {sent} statements; one alone takes {alone}"
    );
    assert_eq!(consistency::check_all(&hotline).await, 2 + AT_ONCE as usize);
}

/// The statements of one create that has a transaction of its own.
async fn statements_of_one(hotline: &Hotline) -> u64 {
    let before = hotline.store.statements_sent();
    hotline.create_appeals(1).await;
    hotline.store.statements_sent() - before
}

/// Lets the database refuse every ticket whose content has a mark.
async fn refuse_marked_tickets(store: &Store) {
    let statements: &[&str] = if store.is_sqlite() {
        &["CREATE TRIGGER refuse_marked BEFORE INSERT ON ticket WHEN NEW.document LIKE '%marked%' \
           BEGIN SELECT RAISE(ABORT, 'a marked ticket'); END"]
    } else {
        &[
            "CREATE FUNCTION refuse_marked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION 'a marked ticket'; END $$",
            "CREATE TRIGGER refuse_marked BEFORE INSERT ON ticket FOR EACH ROW \
             WHEN (NEW.document LIKE '%marked%') EXECUTE FUNCTION refuse_marked()",
        ]
    };
    for statement in statements {
        store.migrating().execute_unprepared(statement).await.expect("a trigger");
    }
}

async fn a_command_that_the_database_refuses_fails_alone(database: Database) {
    let hotline = Hotline::open(&database).await;
    refuse_marked_tickets(&hotline.store).await;
    let subject =
        |number| if number % 10 == 3 { format!("marked {number}") } else { format!("appeal {number}") };
    let mut taken_in = 0;
    for (subject, outcome) in create_at_once(&hotline, (0..AT_ONCE).map(subject)).await {
        if subject.starts_with("marked") {
            assert_eq!(outcome.expect_err("it is refused"), ErrorReason::Internal, "{subject}");
        } else {
            assert_eq!(outcome.expect("its neighbour does not matter").subject, subject);
            taken_in += 1;
        }
    }
    assert_eq!(consistency::check_all(&hotline).await, taken_in);
    // The principal of the failing commands runs alone now, and is served.
    let created = create_at_once(&hotline, ["appeal".to_owned()]).await;
    assert!(created[0].1.is_ok());
}

async fn commands_on_one_ticket_keep_their_order(database: Database) {
    let hotline = Hotline::open(&database).await;
    let number = hotline.create_appeals(1).await.remove(0).number;
    for rung in [Rung::Supervised, Rung::Manual] {
        let fire = EscalateTicket::Fire { rung, note: "by hand".to_owned() };
        hotline.change(staff("EscalateTicket"), number, fire).await.expect("nothing has fired");
    }
    let notes: Vec<_> = (0..AT_ONCE).map(|place| format!("note {place}")).collect();
    let mut calls = Vec::new();
    for note in &notes {
        let verb = EscalateTicket::RecordManual { note: note.clone() };
        let change = Change { key: new_key(), number, etag: None, verb };
        let mut call = Box::pin(hotline.closed_loop.change(staff("EscalateTicket"), change));
        // The first poll queues the command.
        let is_queued =
            std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_pending())).await;
        assert!(is_queued, "a commit takes time");
        calls.push(call);
    }
    for call in calls {
        call.await.expect("it is recorded");
    }
    let recorded: Vec<_> = hotline
        .events(number)
        .await
        .into_iter()
        .filter_map(|recorded| match recorded.event {
            Event::SupervisionRecorded { note } => Some(note),
            _ => None,
        })
        .collect();
    assert_eq!(recorded, notes);
    consistency::check(&hotline, number).await;
}

async fn units_that_share_a_transaction_reach_only_their_own_tickets(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (tax, chaoyang) = (unit("dept-tax"), unit("district-chaoyang"));
    let mut calls = JoinSet::new();
    for (place, ticket) in hotline.create_appeals(AT_ONCE).await.into_iter().enumerate() {
        let (lead, other) = if place % 2 == 0 { (&tax, &chaoyang) } else { (&chaoyang, &tax) };
        hotline
            .change(staff("DispatchTicket"), ticket.number, dispatch(lead))
            .await
            .expect("it is dispatched");
        // Every second command is of a unit that does not have the ticket.
        for (caller, is_lead) in [(lead, true), (other, false)] {
            let (hotline, caller) = (hotline.clone(), caller.clone());
            calls.spawn(async move {
                let permit = clerk("AcceptTicket", &caller);
                let accepted = hotline.change(permit, ticket.number, AcceptTicket).await;
                (is_lead, accepted.map(|ticket| ticket.number).map_err(|fault| fault.reason), ticket.number)
            });
        }
    }
    for (is_lead, outcome, number) in calls.join_all().await {
        let expected = if is_lead { Ok(number) } else { Err(ErrorReason::TicketNotFound) };
        assert_eq!(outcome, expected);
    }
    consistency::check_all(&hotline).await;
}

async fn a_command_on_a_ticket_that_does_not_exist_is_refused_in_its_group(database: Database) {
    let hotline = Hotline::open(&database).await;
    let first = hotline.create_appeals(1).await.remove(0).number;
    let before = hotline.store.statements_sent();
    let mut calls = JoinSet::new();
    for place in 1..=AT_ONCE {
        let hotline = hotline.clone();
        calls.spawn(async move {
            let number = TicketNumber::new(first.day(), 1_000 + place).expect("a number of that day");
            let fire = EscalateTicket::Fire { rung: Rung::Urged, note: "by hand".to_owned() };
            hotline.change(staff("EscalateTicket"), number, fire).await.map_err(|fault| fault.reason)
        });
    }
    for outcome in calls.join_all().await {
        assert_eq!(outcome.map(|ticket| ticket.number), Err(ErrorReason::TicketNotFound));
    }
    let sent = hotline.store.statements_sent() - before;
    assert!(sent < u64::from(AT_ONCE) * 3, "{AT_ONCE} refusals took {sent} statements");
}

async fn a_group_of_one_is_as_good(database: Database) {
    let store = database.open().await.committing_at_most(1);
    let clock = hotline_server::platform::Clock::simulated(opening());
    let hotline = Hotline::open_with(store, clock, super::fixture::default_policy()).await;
    let created = create_at_once(&hotline, (0..AT_ONCE).map(|number| format!("appeal {number}"))).await;
    assert!(created.iter().all(|(_, outcome)| outcome.is_ok()));
    assert_eq!(consistency::check_all(&hotline).await, AT_ONCE as usize);
}
