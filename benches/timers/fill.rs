//! Inserts tickets whose limits pass at one instant. They are taken in, dispatched and accepted a policy's time before
//! it, and written through the ledger, as the verbs would have done.

use chrono::TimeDelta;
use hotline_server::deadline::{Calendar, Policy, RuleBook};
use hotline_server::identity::vault::Vault;
use hotline_server::ledger::{Entry, Ledger};
use hotline_server::platform::{Clock, Store, config};
use hotline_server::ticket::event::TicketCreated;
use hotline_server::ticket::{
    Actor, CallerIdentity, Category, Channel, Complexity, Deadline, Dispatch, Event, Instant, Tier, UnitCode,
};
use sea_orm::{ConnectionTrait as _, Database};

use super::support::postgres;
use super::support::server::Server;

/// Tickets in one transaction.
const BATCH: u32 = 250;
/// Connections to PostgreSQL.
const CONNECTIONS: u32 = 2;
/// The units of the tickets.
const UNITS: [&str; 4] = ["district-chaoyang", "district-haidian", "dept-tax", "dept-finance"];
/// The limit of a general appeal under the shipped policy.
const LIMIT: TimeDelta = TimeDelta::days(7);

/// The shipped policy, which the server uses.
fn policy() -> Policy {
    #[derive(serde::Deserialize)]
    struct Shipped {
        policy: Policy,
    }
    toml::from_str::<Shipped>(config::DEFAULT).expect("the shipped configuration can be read").policy
}

/// Inserts this many tickets that are due at an instant. The server that will serve them has made its tables and does
/// not run.
pub(crate) async fn fill(server: &Server, count: u32, due_at: Instant) {
    let store = match server.database() {
        Some(url) => Store::open_postgres(url, CONNECTIONS).await,
        None => Store::open_sqlite(&server.data_dir().join("hotline.sqlite")).await,
    };
    let store = store.expect("the store can be opened");
    let clock = Clock::simulated(due_at - LIMIT);
    let calendar = Calendar::shipped().expect("the calendar is sound");
    let rules = RuleBook::open(&store, &clock, policy(), calendar).await.expect("the rules are there");
    let ledger = Ledger::new(rules, Vault::in_memory().expect("randomness"));
    let mut inserted = 0;
    while inserted < count {
        let batch = BATCH.min(count - inserted);
        fill_batch(&store, &clock, &ledger, inserted, batch, due_at).await;
        inserted += batch;
    }
    // In production, days would have passed by then. After a checkpoint PostgreSQL writes every page in full again.
    store.close().await;
    let file = || format!("sqlite://{}?mode=rw", server.data_dir().join("hotline.sqlite").display());
    // The owner of the tables may not run a checkpoint.
    let url = server.database().map_or_else(file, postgres::as_superuser);
    let database = Database::connect(url).await.expect("the store is there");
    let statements = if server.database().is_some() {
        ["VACUUM ANALYZE", "CHECKPOINT"]
    } else {
        ["ANALYZE", "PRAGMA optimize"]
    };
    for statement in statements {
        database.execute_unprepared(statement).await.expect("the database can be settled");
    }
    database.close().await.expect("it can be closed");
}

async fn fill_batch(store: &Store, clock: &Clock, ledger: &Ledger, first: u32, batch: u32, due_at: Instant) {
    let mut numbers = Vec::new();
    for _ in 0..batch {
        numbers.push(ledger.numbers().allot(store, clock).await.expect("the day has numbers"));
    }
    let ledger = ledger.clone();
    let written = store.work(clock, move |work| {
        let (ledger, numbers) = (ledger.clone(), numbers.clone());
        Box::pin(async move {
            let entries = numbers.iter().zip(first..).map(|(number, place)| Entry {
                number: *number,
                before: None,
                actor: Actor::system(),
                events: life(place, due_at),
                identity: CallerIdentity {
                    contact_name: Some("王女士".to_owned()),
                    ..CallerIdentity::default()
                },
            });
            ledger.write(work, entries.collect()).await.map(|tickets| tickets.len())
        })
    });
    let written = written.await.unwrap_or_else(|fault| panic!("planting failed: {}", fault.detail));
    assert_eq!(written, batch as usize);
}

/// The events of a ticket before its limit.
fn life(place: u32, due_at: Instant) -> Vec<Event> {
    let unit = UnitCode(UNITS[place as usize % UNITS.len()].to_owned());
    let dispatch = Dispatch {
        lead_unit: unit.clone(),
        assist_units: Vec::new(),
        inform_units: Vec::new(),
        dispatched_at: due_at - LIMIT,
        return_due_at: due_at - LIMIT + TimeDelta::days(1),
        accepted_at: None,
        note: String::new(),
    };
    let created = Event::TicketCreated(Box::new(created(place, due_at)));
    vec![created, Event::dispatched(dispatch), Event::TicketAccepted { unit }]
}

fn created(place: u32, due_at: Instant) -> TicketCreated {
    TicketCreated {
        category: Category::Appeal,
        complexity: Complexity::General,
        has_several_units: false,
        topic: None,
        district: Some("110105".to_owned()),
        industry: None,
        subject: format!("营业执照变更迟迟未办结（{place}）"),
        content: "9月提交的变更申请至今没有答复，请协助核实办理进度。".repeat(8),
        channel: Channel::Web,
        source: None,
        call_began_at: None,
        call: None,
        chosen_confidential: None,
        accused_units: Vec::new(),
        follows: None,
        text_marks: Vec::new(),
        intake_unit: None,
        is_training: false,
        deadline: Deadline {
            due_at,
            tier: Tier::General,
            policy_version: policy().version(),
            calendar_version: "cn-2026.1".to_owned(),
            is_provisional: false,
        },
    }
}
