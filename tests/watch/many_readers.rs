//! Many readers of one server: how long a commit takes to reach them, beside how long a commit takes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hotline_client::{HotlineClient, WatchItem, WatchStart, WatchTickets};
use tokio::task::JoinSet;

use crate::options::Options;
use crate::scenario::blocking;
use crate::support::server::{Options as ServerOptions, Server, Store};
use crate::support::suite::TestResult;
use crate::writers::{Clients, write};

/// Readers that share a connection.
const READERS_OF_CONNECTION: u32 = 50;
/// Tickets that are written in each run.
const TICKETS: u32 = 60;
/// Runs, of whose ratios the median counts.
const RUNS: usize = 3;
/// The largest ratio between both times.
const RATIO_MAX: f64 = 20.0;
/// How much memory the server may take for each reader.
const BYTES_OF_READER_MAX: u64 = 96 * 1024;

/// When each ticket was seen to be created, by reader.
type Arrivals = Arc<Mutex<HashMap<String, Vec<Instant>>>>;

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get((times.len() * 99).div_ceil(100).saturating_sub(1)).copied().unwrap_or_default()
}

/// The resident memory of a process, in bytes.
fn memory_of(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// Opens the readers; returns when all of them have begun.
async fn open_readers(endpoint: &str, token: &str, count: u32, arrivals: &Arrivals) -> JoinSet<()> {
    let mut readers = JoinSet::new();
    let mut begun = Vec::new();
    for place in 0..count.div_ceil(READERS_OF_CONNECTION) {
        let client = HotlineClient::builder().endpoint(endpoint).token(token).connect_lazy();
        let tickets = client.expect("an endpoint and a token").tickets();
        for _ in 0..READERS_OF_CONNECTION.min(count - place * READERS_OF_CONNECTION) {
            let which = WatchTickets::new(WatchStart::Now);
            let (mut watch, arrivals) = (tickets.watch_tickets(which), Arc::clone(arrivals));
            let (sender, is_open) = tokio::sync::oneshot::channel();
            begun.push(is_open);
            readers.spawn(async move {
                watch.next().await.expect("it opens");
                sender.send(()).expect("the test waits");
                loop {
                    let item = watch.next().await.expect("it stays open");
                    if let WatchItem::Event(event) = item
                        && event.detail.name() == "TicketAccepted"
                    {
                        let now = Instant::now();
                        let mut all = arrivals.lock().unwrap_or_else(PoisonError::into_inner);
                        all.entry(event.ticket_number).or_default().push(now);
                    }
                }
            });
        }
    }
    for is_open in begun {
        is_open.await.expect("every reader begins");
    }
    readers
}

/// One run: the 99th percentiles of a commit and of the delivery behind it.
async fn measure(
    clients: &Clients,
    readers: u32,
    arrivals: &Arrivals,
) -> Result<(Duration, Duration), String> {
    arrivals.lock().unwrap_or_else(PoisonError::into_inner).clear();
    let (mut commits, mut ends) = (Vec::new(), HashMap::new());
    for place in 0..TICKETS {
        let begun = Instant::now();
        let number = write(clients, place).await.map_err(|error| format!("{error:?}"))?;
        let ended = Instant::now();
        // Three or four commits, one after another.
        commits.push((ended - begun) / if place.is_multiple_of(3) { 4 } else { 3 });
        ends.insert(number, ended);
    }
    let all_arrived = async || {
        let all = arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let is_whole = |number: &String| all.get(number).is_some_and(|times| times.len() == readers as usize);
        ends.keys().all(is_whole).then_some(())
    };
    let waited = crate::support::wait::find_within(Duration::from_mins(1), all_arrived).await;
    waited.ok_or("not every reader has received every event")?;
    let all = arrivals.lock().unwrap_or_else(PoisonError::into_inner);
    let deliveries = ends.iter().flat_map(|(number, ended)| {
        all[number].iter().map(move |arrived| arrived.saturating_duration_since(*ended))
    });
    Ok((p99(commits), p99(deliveries.collect())))
}

/// Measures.
pub(crate) async fn run(options: Options) -> TestResult {
    let streams_max = options.readers.saturating_add(1).to_string();
    let limits = ServerOptions::default().set("limits.watch_streams_per_principal_max", &streams_max);
    let server = blocking(|| Server::start(Store::Postgres, limits)).await;
    let (endpoint, process) = (server.endpoint(), server.process_id());
    let clients = Clients::of(&endpoint, &server);
    write(&clients, 0).await.map_err(|error| format!("{error:?}"))?;
    let memory_before = memory_of(process);
    let arrivals = Arrivals::default();
    let token = server.token("supervisor");
    let readers = open_readers(&endpoint, &token, options.readers, &arrivals).await;
    let mut ratios = Vec::new();
    let mut lines = Vec::new();
    for _ in 0..RUNS {
        let (commit, delivery) = measure(&clients, options.readers, &arrivals).await?;
        let ratio = delivery.as_secs_f64() / commit.as_secs_f64();
        lines.push(format!("commit {commit:.1?}, delivery {delivery:.1?}"));
        ratios.push(ratio);
    }
    let grown = memory_of(process).saturating_sub(memory_before);
    drop(readers);
    blocking(move || drop(server)).await;
    ratios.sort_by(f64::total_cmp);
    let (ratio, lines) = (ratios[RUNS / 2], lines.join("; "));
    let of_reader = grown / u64::from(options.readers);
    let figures = format!(
        "{} readers: p99 {lines}; median ratio {ratio:.1}; {} KiB for each reader",
        options.readers,
        of_reader / 1024
    );
    if ratio > RATIO_MAX || of_reader > BYTES_OF_READER_MAX {
        return Err(format!("{figures}: more than {RATIO_MAX} or {} KiB", BYTES_OF_READER_MAX / 1024));
    }
    Ok(figures)
}
