//! The work queue of a unit under faults: no ticket is lost in it, and its faults are reported.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hotline_client::{
    Category, Channel, ClientEvent, Complexity, CreateTicket, DispatchTicket, ErrorKind, HotlineClient,
    Observer, RetryPolicy, Role, TicketState,
};
use hotline_fake::FakeHotline;
use tokio::time::timeout;

const LEAD: &str = "district-chaoyang";
/// Longer than any wait of these tests.
const LONG: Duration = Duration::from_secs(30);

async fn dispatched(fake: &FakeHotline) -> String {
    let appeal =
        CreateTicket::new(Category::Appeal, Complexity::General, Channel::Web, "执照变更", "没有答复。");
    let agent = fake.client(Role::Agent).unwrap();
    let number = agent.tickets().create_ticket(appeal).await.unwrap().number;
    let dispatcher = fake.client(Role::Dispatcher).unwrap();
    dispatcher.tickets().dispatch_ticket(DispatchTicket::new(&number, LEAD)).await.unwrap();
    number
}

/// Keeps what was put back.
#[derive(Clone, Default)]
struct PutBack(Arc<Mutex<Vec<String>>>);

impl Observer for PutBack {
    fn on_event(&self, event: &ClientEvent<'_>) {
        if let ClientEvent::TicketPutBack { ticket_number, .. } = event {
            self.0.lock().unwrap().push((*ticket_number).to_owned());
        }
    }
}

/// A client of the unit that sends each call once.
fn unit(fake: &FakeHotline) -> (HotlineClient, PutBack) {
    let put_back = PutBack::default();
    let token = fake.credentials().for_unit(LEAD).unwrap();
    let builder = fake.builder().token(token).observer(put_back.clone()).retry(RetryPolicy::never());
    (builder.connect_lazy().unwrap(), put_back)
}

#[tokio::test]
async fn a_caller_that_is_no_unit_learns_so_before_anything_happens() {
    let fake = FakeHotline::start().await.unwrap();
    let agent = fake.client(Role::Agent).unwrap();
    let ended =
        timeout(LONG, agent.tickets().work_queue().next()).await.expect("it does not wait for a ticket");
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_ticket_outlives_every_call_that_is_dropped_while_it_is_read() {
    let fake = FakeHotline::start().await.unwrap();
    let number = dispatched(&fake).await;
    let (unit, _) = unit(&fake);
    let mut queue = unit.tickets().work_queue();
    let moment = Duration::from_millis(200);
    fake.faults().delay("GetTicket", 2 * moment, 2);
    let found = timeout(LONG, async {
        loop {
            if let Ok(ticket) = timeout(moment, queue.next()).await {
                return ticket.unwrap().number;
            }
        }
    });
    assert_eq!(found.await.expect("the ticket is still in the queue"), number);
    assert!(fake.faults().calls("GetTicket") >= 3);
}

#[tokio::test]
async fn a_ticket_whose_handler_was_dropped_comes_again() {
    let fake = FakeHotline::start().await.unwrap();
    let number = dispatched(&fake).await;
    let (unit, _) = unit(&fake);
    let mut queue = unit.tickets().work_queue();
    let begun = Arc::new(tokio::sync::Notify::new());
    tokio::select! {
        ended = queue.run(|_| {
            begun.notify_one();
            std::future::pending::<Result<(), ()>>()
        }) => panic!("{ended:?}"),
        () = begun.notified() => {}
    }
    let agent = fake.client(Role::Agent).unwrap();
    let accepted = async {
        while agent.tickets().get_ticket(&number).await.unwrap().state != TicketState::Handling {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, async {
        tokio::select! {
            ended = queue.run(async |_| Ok::<(), ()>(())) => panic!("{ended:?}"),
            () = accepted => {}
        }
    })
    .await
    .expect("the ticket is handled again, and accepted");
}

#[tokio::test]
async fn a_ticket_that_could_not_be_read_is_reported_and_read_again() {
    let fake = FakeHotline::start().await.unwrap();
    let number = dispatched(&fake).await;
    let (unit, put_back) = unit(&fake);
    let mut queue = unit.tickets().work_queue();
    fake.faults().refuse("GetTicket", 1);
    let found = timeout(LONG, queue.next()).await.expect("it is read again");
    assert_eq!(found.unwrap().number, number);
    assert_eq!(*put_back.0.lock().unwrap(), std::slice::from_ref(&number));
    // What waiting does not mend is an error. The ticket comes again all the same.
    queue.put_back(number.clone());
    fake.faults().fail("GetTicket", 1);
    let error = timeout(LONG, queue.next()).await.expect("it is reported").unwrap_err();
    assert!(!error.is_retryable(), "{error}");
    assert_eq!(timeout(LONG, queue.next()).await.expect("it is read again").unwrap().number, number);
    assert_eq!(put_back.0.lock().unwrap().len(), 2);
}
