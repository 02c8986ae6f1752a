//! The spool of the SDK against a hotline: order, entries that are refused for good, bounds, restarts of its process.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hotline_client::spool::{Spool, SpoolEvent, SpoolKey, SpoolOptions};
use hotline_client::{
    Category, Channel, Complexity, CreateTicket, ErrorKind, HotlineClient, ListTickets, Role, Source,
    TicketOrder,
};
use hotline_fake::FakeHotline;
use tempfile::TempDir;

const KEY: [u8; 32] = [7; 32];

fn call(fake: &FakeHotline, reference: &str) -> CreateTicket {
    CreateTicket::new(Category::Appeal, Complexity::General, Channel::Telephone, "执照变更", "没有答复。")
        .source(Source::new("switch-3", reference))
        .call_start_time(fake.now())
}

fn options(folder: &Path) -> SpoolOptions {
    SpoolOptions::new(folder, SpoolKey::from_bytes(&KEY).unwrap()).per_second(1_000)
}

/// The events of a spool, as words.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<String>>>);

impl Events {
    fn note(&self, event: &SpoolEvent<'_>) {
        self.0.lock().unwrap().push(match event {
            SpoolEvent::Sent { source, .. } => format!("sent {}", source.reference),
            SpoolEvent::SetAside { source, .. } => format!("set aside {}", source.reference),
            SpoolEvent::Delayed { error, .. } => format!("delayed: {error}"),
            SpoolEvent::Full { waiting, .. } => format!("full {waiting}"),
            _ => "unknown".to_owned(),
        });
    }

    fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

async fn references(fake: &FakeHotline) -> Vec<String> {
    let agent = fake.client(Role::Agent).unwrap();
    let which = ListTickets::default().order(TicketOrder::NewestFirst);
    let mut tickets = agent.tickets().list_tickets(which).take_up_to(1_000).await.unwrap();
    tickets.reverse();
    tickets.into_iter().filter_map(|ticket| Some(ticket.source?.reference)).collect()
}

fn telephony(fake: &FakeHotline) -> HotlineClient {
    fake.client(Role::Telephony).unwrap().with_deadline(Duration::from_millis(500))
}

fn numbers(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| format!("call-{number}")).collect()
}

#[tokio::test]
async fn calls_taken_while_the_hotline_is_away_get_their_tickets_in_order() {
    let mut fake = FakeHotline::start().await.unwrap();
    let (home, client) = (TempDir::new().unwrap(), telephony(&fake));
    fake.stop().await;
    let spool = Spool::open(client.clone(), options(home.path())).unwrap();
    for reference in numbers(0..5) {
        spool.submit(call(&fake, &reference)).await.unwrap();
    }
    assert_eq!(spool.waiting(), 5);
    // The process ends and another takes over, while the hotline is away for ten minutes.
    drop(spool);
    fake.pass_time(Duration::from_mins(10)).unwrap();
    let spool = reopened(&client, home.path()).await;
    spool.submit(call(&fake, "call-5")).await.unwrap();
    fake.restart().await.unwrap();
    spool.drained().await;
    assert_eq!(references(&fake).await, numbers(0..6));
}

/// Opens a spool that was dropped, whose last work may still hold the folder for a moment.
async fn reopened(client: &HotlineClient, folder: &Path) -> Spool {
    loop {
        match Spool::open(client.clone(), options(folder)) {
            Ok(spool) => return spool,
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn a_poisoned_entry_is_set_aside_and_holds_nobody_up() {
    let fake = FakeHotline::start().await.unwrap();
    let (home, events) = (TempDir::new().unwrap(), Events::default());
    let noted = events.clone();
    let spool = Spool::open(telephony(&fake), options(home.path()).observer(move |event| noted.note(event)));
    let spool = spool.unwrap();
    spool.submit(call(&fake, "call-0")).await.unwrap();
    spool.submit(call(&fake, "call-1").topic("!")).await.unwrap();
    spool.submit(call(&fake, "call-2")).await.unwrap();
    spool.drained().await;
    assert_eq!(events.seen(), ["sent call-0", "set aside call-1", "sent call-2"]);
    let aside = spool.set_aside().unwrap();
    assert_eq!(aside.len(), 1);
    let reason = std::fs::read_to_string(aside[0].with_extension("reason")).unwrap();
    assert!(reason.contains("switch-3 call-1") && reason.contains("INVALID_FIELDS"), "{reason}");
    assert_eq!(references(&fake).await, ["call-0", "call-2"]);
}

#[tokio::test]
async fn a_refused_token_sets_nothing_aside() {
    let fake = FakeHotline::start().await.unwrap();
    let (home, events) = (TempDir::new().unwrap(), Events::default());
    let noted = events.clone();
    let stranger = fake.builder().token("nobody's").connect_lazy().unwrap();
    let spool = Spool::open(stranger, options(home.path()).observer(move |event| noted.note(event))).unwrap();
    spool.submit(call(&fake, "call-0")).await.unwrap();
    while events.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(events.seen()[0].starts_with("delayed: UNAUTHENTICATED"), "{:?}", events.seen());
    assert_eq!((spool.waiting(), spool.set_aside().unwrap().len()), (1, 0));
    drop(spool);
    reopened(&telephony(&fake), home.path()).await.drained().await;
    assert_eq!(references(&fake).await, ["call-0"]);
}

#[tokio::test]
async fn a_full_spool_refuses_and_says_so() {
    let mut fake = FakeHotline::start().await.unwrap();
    let (home, events, client) = (TempDir::new().unwrap(), Events::default(), telephony(&fake));
    fake.stop().await;
    let noted = events.clone();
    let options = options(home.path()).entries_max(2).observer(move |event| noted.note(event));
    let spool = Spool::open(client, options).unwrap();
    for reference in numbers(0..2) {
        spool.submit(call(&fake, &reference)).await.unwrap();
    }
    let error = spool.submit(call(&fake, "call-2")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_retryable(), error.is_unknown_outcome()),
        (ErrorKind::Spool, true, false)
    );
    assert!(error.to_string().contains("full: 2 entries"), "{error}");
    assert!(events.seen().contains(&"full 2".to_owned()));
    let without_source = CreateTicket::new(
        Category::Appeal,
        Complexity::General,
        Channel::Telephone,
        "执照变更",
        "没有答复。",
    );
    assert_eq!(spool.submit(without_source).await.unwrap_err().kind(), ErrorKind::Spool);
}

#[tokio::test]
async fn files_hold_nothing_readable_and_need_their_own_key_and_place() {
    let mut fake = FakeHotline::start().await.unwrap();
    let (home, client) = (TempDir::new().unwrap(), telephony(&fake));
    fake.stop().await;
    let spool = Spool::open(client.clone(), options(home.path())).unwrap();
    for reference in numbers(0..2) {
        spool.submit(call(&fake, &reference)).await.unwrap();
    }
    assert_eq!(Spool::open(client.clone(), options(home.path())).unwrap_err().kind(), ErrorKind::Spool);
    drop(spool);
    let entry = |sequence: u64| home.path().join(format!("{sequence:020}.entry"));
    let bytes = std::fs::read(entry(1)).unwrap();
    assert!(!bytes.windows(6).any(|part| part == "call-0".as_bytes()));
    // Two files change places, as nobody but an attacker would do.
    std::fs::rename(entry(1), entry(3)).unwrap();
    let other_key = || SpoolOptions::new(home.path(), SpoolKey::from_bytes(&[8; 32]).unwrap());
    let refused = loop {
        match Spool::open(client.clone(), other_key()) {
            Err(error) if error.to_string().contains("another process") => tokio::task::yield_now().await,
            other => break other.unwrap_err(),
        }
    };
    assert!(refused.to_string().contains("another key"), "{refused}");
    fake.restart().await.unwrap();
    let spool = reopened(&client, home.path()).await;
    spool.drained().await;
    assert_eq!((references(&fake).await, spool.set_aside().unwrap().len()), (numbers(1..2), 1));
}
