//! Mutations of which 30 of 100 answers are lost: each has one effect. By default 1,000; `--mutations N` sets another
//! number, and `docs/sdk.md` records the long run.
//!
//! Beside lost answers, some attempts are delayed, refused, never answered, or meet a connection that is cut. With
//! `--injected-bug` each attempt has a request id of its own, and the suite must find doubled tickets. The gate runs
//! both.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hotline_client::{
    CallOptions, Category, Channel, Complexity, CreateTicket, HotlineClient, ListTickets, RetryPolicy, Role,
    Uuid,
};
use hotline_fake::FakeHotline;

const MUTATIONS: u32 = 1_000;
/// Mutations of the run that must fail.
const MUTATIONS_WITH_BUG: u32 = 200;
/// Callers at the same time.
const CALLERS: u32 = 16;
/// Every so many mutations one of the other faults happens.
const FAULT_EVERY: u32 = 50;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let runs = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--mutations", number] => vec![(number.parse().expect("a number"), false)],
        ["--injected-bug"] => vec![(MUTATIONS, true)],
        ["--list", ..] => vec![],
        _ => vec![(MUTATIONS, false), (MUTATIONS_WITH_BUG, true)],
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime can be made");
    let is_good = runs.into_iter().all(|(mutations, has_bug)| {
        let outcome = runtime.block_on(run(mutations, has_bug));
        match (&outcome, has_bug) {
            (Ok(text), false) => println!("{text}"),
            (Err(text), true) => println!("the injected bug is found: {text}"),
            (Ok(text), true) => println!("FAILED: the injected bug is not found: {text}"),
            (Err(text), false) => println!("FAILED: {text}"),
        }
        outcome.is_ok() != has_bug
    });
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run(mutations: u32, has_bug: bool) -> Result<String, String> {
    let start = Instant::now();
    let fake = FakeHotline::start().await.map_err(|error| error.to_string())?;
    fake.faults().lose_percent_of_answers(30);
    let agent = fake.client(Role::Agent).map_err(|error| error.to_string())?;
    let patient =
        CallOptions::new().deadline(Duration::from_mins(2)).attempt_deadline(Duration::from_secs(5)).retry(
            RetryPolicy::new().attempts_max(100).backoff(Duration::from_millis(1), Duration::from_millis(20)),
        );
    let agent = agent.with_options(&patient);
    let next = Arc::new(AtomicU32::new(0));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            tokio::spawn(call_all(
                agent.clone(),
                fake.faults().clone(),
                Arc::clone(&next),
                mutations,
                has_bug,
            ))
        })
        .collect();
    for caller in callers {
        caller.await.map_err(|error| error.to_string())??;
    }
    let attempts = fake.faults().calls("CreateTicket");
    fake.faults().clear();
    check(&agent, mutations).await?;
    let seconds = start.elapsed().as_secs();
    Ok(format!(
        "{mutations} mutations, {attempts} attempts, 30 of 100 answers lost: one effect each ({seconds} s)"
    ))
}

async fn call_all(
    agent: HotlineClient,
    faults: hotline_fake::Faults,
    next: Arc<AtomicU32>,
    mutations: u32,
    has_bug: bool,
) -> Result<(), String> {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= mutations {
            return Ok(());
        }
        if number.is_multiple_of(FAULT_EVERY) {
            match (number / FAULT_EVERY) % 4 {
                0 => faults.refuse("CreateTicket", 1),
                1 => faults.delay("CreateTicket", Duration::from_millis(20), 1),
                2 => faults.cut_connections("CreateTicket", 1),
                _ if number.is_multiple_of(FAULT_EVERY * 40) => faults.stall("CreateTicket", 1),
                _ => {}
            }
        }
        let command = CreateTicket::new(
            Category::Appeal,
            Complexity::General,
            Channel::Web,
            format!("第{number}件"),
            "没有答复。",
        );
        if has_bug {
            call_without_its_id(&agent, command).await?;
        } else {
            let created = agent.tickets().create_ticket(command).await;
            created.map_err(|error| format!("mutation {number}: {error:?}"))?;
        }
    }
}

/// Repeats a call as a caller would that does not keep the request id.
async fn call_without_its_id(agent: &HotlineClient, command: CreateTicket) -> Result<(), String> {
    let once = agent.with_options(&CallOptions::new().retry(RetryPolicy::never()));
    loop {
        match once.tickets().create_ticket(command.clone().request_id(Uuid::new_v4())).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_retryable() => {}
            Err(error) => return Err(error.to_string()),
        }
    }
}

async fn check(agent: &HotlineClient, mutations: u32) -> Result<(), String> {
    let mut tickets = BTreeMap::<String, u32>::new();
    let mut listing = agent.tickets().list_tickets(ListTickets::default().page_size(200_u32));
    while let Some(ticket) = listing.try_next().await.map_err(|error| error.to_string())? {
        *tickets.entry(ticket.subject).or_default() += 1;
    }
    let without = (0..mutations).filter(|number| !tickets.contains_key(&format!("第{number}件"))).count();
    let several = tickets.values().filter(|count| **count > 1).count();
    if without == 0 && several == 0 {
        Ok(())
    } else {
        Err(format!("{without} mutations have no ticket, and {several} have several"))
    }
}
