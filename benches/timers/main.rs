//! Many limits at one instant: how soon all their rungs have fired, and how much slower intake is meanwhile.
//!
//! ```sh
//! cargo bench -p hotline-server --bench timers -- --database postgres --timers 50000 --rate 50 --runs 3
//! ```
//!
//! Each run makes a new store and inserts open, dispatched and accepted tickets through the ledger, whose limits all
//! pass at one instant soon after. Then it starts a server process on the store. Clients create tickets at a constant
//! rate from before that instant until the last timer has fired. A call's latency is counted from the instant at which
//! it was due, so that a stall counts for every call that it delays. The program prints a row for each run. The ratio
//! compares calls of the same run, and the last columns show how much of the processors the machine's host took
//! meanwhile.

mod fill;
mod host_load;
mod intake;
mod options;
mod timer_watch;

#[path = "../../tests"]
mod shared {
    #[expect(dead_code, reason = "a benchmark uses a part of what the tests stand on")]
    pub(crate) mod support;
}

use std::fs;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser as _;
use hotline_server::platform::Clock;

use self::host_load::Host;
use self::intake::{Call, Intake};
use self::options::Options;
use self::shared::support;
use self::shared::support::server;

/// The gap between the last quiet call that counts and the instant of the limits.
const GAP: TimeDelta = TimeDelta::milliseconds(500);
/// The least number of tickets that are inserted in a second.
const FILLED_PER_SECOND: i64 = 1_500;
/// The time for a server to start, in seconds.
const START_SECONDS: i64 = 8;

/// The results of one run.
struct Row {
    drained: Duration,
    gathered: Duration,
    quiet: Vec<Duration>,
    during: Vec<Duration>,
    failed: usize,
    /// The percentage of the processors that the host took while nothing was due, and until the last digest.
    taken: [f64; 2],
}

fn main() -> Result<(), String> {
    let options = Options::parse();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{} timers, {} creates/s, load before: {}", options.timers, options.rate, load.trim());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    print_head();
    for run in 1..=options.runs {
        let row = runtime.block_on(measure(&options));
        print_row(run, &options, row);
    }
    Ok(())
}

/// One run, on its own store.
async fn measure(options: &Options) -> Row {
    let mut server = server::Server::start(options.database, options.server());
    server.kill();
    let quiet = TimeDelta::seconds(options.baseline_seconds.into());
    let preparation = TimeDelta::seconds(i64::from(options.timers) / FILLED_PER_SECOND + START_SECONDS);
    let due_at = Clock::Real.now() + preparation + quiet;
    fill::fill(&server, options.timers, due_at).await;
    assert!(
        Clock::Real.now() + quiet < due_at,
        "the preparation took too long; nothing quiet is left to measure"
    );
    server.restart();

    let host = Host::watch();
    let intake = Intake::begin(&server, options.rate).await;
    let watch = timer_watch::Watch::open(&server).await;
    let drained_at = watch.drained(due_at).await;
    let gathered_at = watch.gathered().await;
    let calls = intake.end().await;
    let taken = host.end();
    watch.check(options.timers).await;
    for call in &calls {
        if let Err(error) = &call.time {
            eprintln!("failed {} ms after the limits: {error}", (call.at - due_at).num_milliseconds());
        }
    }
    let since = |at: DateTime<Utc>| (at - due_at).to_std().expect("no rung fires before its time");
    Row {
        drained: since(drained_at),
        gathered: since(gathered_at),
        quiet: times(&calls, |call| due_at - quiet <= call.at && call.at < due_at - GAP),
        during: times(&calls, |call| due_at <= call.at && call.at <= gathered_at),
        failed: calls.iter().filter(|call| call.time.is_err()).count(),
        taken: [taken.percent(due_at - quiet, due_at), taken.percent(due_at, gathered_at)],
    }
}

/// The latencies of the answered calls, in rising order.
fn times(calls: &[Call], counts: impl Fn(&Call) -> bool) -> Vec<Duration> {
    let mut times: Vec<_> = calls
        .iter()
        .filter(|call| counts(call))
        .filter_map(|call| call.time.as_ref().ok().copied())
        .collect();
    times.sort_unstable();
    times
}

/// The latency that this many of a hundred calls did not exceed, in milliseconds.
fn percentile(times: &[Duration], hundredths: usize) -> f64 {
    let rank = (times.len() * hundredths).div_ceil(100).max(1);
    times.get(rank - 1).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
}

fn print_head() {
    println!(
        "| run | store | timers | drained in s | digests in s | rungs/s | creates/s | quiet calls | p50 ms | p99 ms | calls during \
         | p50 ms | p99 ms | max ms | p99 ratio | failed | taken, quiet, in % | taken, during, in % |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
}

fn print_row(run: u32, options: &Options, row: Row) {
    let Row { drained, gathered, quiet, during, failed, taken: [taken_quiet, taken_during] } = row;
    let seconds = drained.as_secs_f64();
    let (quiet99, during99) = (percentile(&quiet, 99), percentile(&during, 99));
    println!(
        "| {run} | {:?} | {} | {seconds:.2} | {:.2} | {:.0} | {} | {} | {:.2} | {quiet99:.2} | {} | {:.2} | {during99:.2} | {:.2} \
         | {:.2} | {failed} | {taken_quiet:.1} | {taken_during:.1} |",
        options.database,
        options.timers,
        gathered.as_secs_f64(),
        f64::from(options.timers) / seconds,
        options.rate,
        quiet.len(),
        percentile(&quiet, 50),
        during.len(),
        percentile(&during, 50),
        percentile(&during, 100),
        during99 / quiet99,
    );
}
