//! The console with everybody at work: each agent and clerk has a page with a live list, and opens lists of tickets one
//! after the other. Beside them some callers ask the hotline itself for the same lists. At the end stand the times of
//! both, and the memory of the console.
//!
//! ```sh
//! cargo build --release -p hotline-server
//! cargo bench -p hotline-admin --bench console
//! ```
//!
//! Server, console and callers share the processors of one machine, so the ratio of pages and calls counts, and not
//! their times. It ends with an error if a page fails, if the 95th percentile of pages is more than three times that of
//! the calls, or if the console's memory still grows.

mod browser;
mod office;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use hotline_client::{ListTickets, Tickets};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use self::browser::Browser;
use self::office::{Office, Person};

/// The time between two samples of memory.
const SAMPLE_INTERVAL: Duration = Duration::from_secs(1);
/// How much slower than the call behind it a page may be.
const RATIO_MAX: f64 = 3.0;
/// How much the console's memory may grow between the first and the last third, in percent.
const GROWTH_PERCENT_MAX: u64 = 10;

/// The console with everybody at work.
#[derive(Debug, Clone, Parser)]
struct Options {
    /// Agents at their seats.
    #[arg(long, default_value_t = 50)]
    seats: usize,
    /// Clerks of units.
    #[arg(long, default_value_t = 500)]
    clerks: usize,
    /// Tickets, each dispatched to a unit.
    #[arg(long, default_value_t = 10_000)]
    tickets: usize,
    /// How long everybody works, in seconds.
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// The time between two lists of one person, in milliseconds.
    #[arg(long, default_value_t = 10_000)]
    pause_ms: u64,
    /// The time between two new tickets, in milliseconds. Each changes the live lists of all agents and of one unit.
    #[arg(long, default_value_t = 5_000)]
    create_every_ms: u64,
    /// Callers that ask the hotline itself, four times a second.
    #[arg(long, default_value_t = 5)]
    callers: usize,
    /// Cargo passes it to every benchmark.
    #[arg(long = "bench", hide = true)]
    _bench: bool,
}

/// Times of one kind.
#[derive(Debug, Default)]
struct Times(Mutex<Vec<Duration>>);

impl Times {
    async fn add(&self, elapsed: Duration) {
        self.0.lock().await.push(elapsed);
    }

    /// How many there are, and the median and the 95th percentile in milliseconds.
    async fn summary(&self) -> (usize, f64, f64) {
        let mut all = self.0.lock().await.clone();
        all.sort_unstable();
        let at = |percent: usize| {
            let place = (all.len() * percent / 100).min(all.len().saturating_sub(1));
            all.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
        };
        (all.len(), at(50), at(95))
    }
}

/// What is measured.
#[derive(Debug, Default)]
struct Measured {
    pages: Times,
    refreshes: Times,
    calls: Times,
    failures: AtomicU64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime.map_err(|error| error.to_string()).and_then(|runtime| runtime.block_on(run(&options)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), String> {
    let begun = Instant::now();
    let office = Office::open(options).await?;
    println!("{} tickets after {:.0} s", options.tickets, begun.elapsed().as_secs_f64());
    let mut browsers = Vec::new();
    for person in office.people() {
        browsers.push((Browser::sign_in(office.console(), person).await?, person.clone()));
    }
    println!("{} people have signed in after {:.0} s", browsers.len(), begun.elapsed().as_secs_f64());
    let measured = Arc::new(Measured::default());
    let end = tokio::time::Instant::now() + Duration::from_secs(options.seconds);
    let mut work = JoinSet::new();
    let pause = Duration::from_millis(options.pause_ms);
    let count = u32::try_from(browsers.len()).map_err(|error| error.to_string())?;
    for (place, (browser, person)) in (0..).zip(browsers) {
        // Everybody begins at another moment of the first pause.
        let first = pause * place / count;
        work.spawn(browse(browser, person, (first, pause, end), Arc::clone(&measured)));
    }
    for place in 0..options.callers {
        work.spawn(call(office.caller(place)?, end, Arc::clone(&measured)));
    }
    let memory = tokio::spawn(office::watch_memory(office.console_process(), SAMPLE_INTERVAL, end));
    office.take_in(options, end).await?;
    while let Some(done) = work.join_next().await {
        done.map_err(|error| error.to_string())?;
    }
    let memory = memory.await.map_err(|error| error.to_string())?;
    judge(&measured, &memory).await
}

/// Somebody with a live list, who opens the list again and again.
async fn browse(
    mut browser: Browser,
    person: Person,
    (first, pause, end): (Duration, Duration, tokio::time::Instant),
    measured: Arc<Measured>,
) {
    let fail = |error: String| {
        if measured.failures.fetch_add(1, Ordering::Relaxed) == 0 {
            eprintln!("{}: {error}", person.name);
        }
    };
    let mut next = tokio::time::Instant::now() + first;
    let mut feed = match browser.open_feed().await {
        Ok(feed) => feed,
        Err(error) => return fail(error),
    };
    while next < end {
        let is_changed = tokio::select! {
            () = sleep_until(next) => false,
            changed = feed.changed() => match changed {
                Ok(()) => true,
                Err(error) => return fail(error),
            },
        };
        let (address, times) = if is_changed {
            // As the script of the page: what changes within a second is read once.
            sleep(Duration::from_secs(1)).await;
            feed.forget();
            ("/tickets?part=1", &measured.refreshes)
        } else {
            next += pause;
            ("/tickets", &measured.pages)
        };
        let begun = Instant::now();
        match browser.read(address).await {
            Ok(()) => times.add(begun.elapsed()).await,
            Err(error) => fail(error),
        }
    }
}

/// Asks the hotline itself for the list behind the page.
async fn call(tickets: Tickets, end: tokio::time::Instant, measured: Arc<Measured>) {
    while tokio::time::Instant::now() < end {
        let mut which = ListTickets::default();
        which.page_size = Some(50);
        let begun = Instant::now();
        match tickets.list_tickets(which).next_page().await {
            Ok(_) => measured.calls.add(begun.elapsed()).await,
            Err(error) => {
                if measured.failures.fetch_add(1, Ordering::Relaxed) == 0 {
                    eprintln!("a call: {error}");
                }
            }
        }
        sleep(Duration::from_millis(250)).await;
    }
}

/// Prints the figures, and compares them with the bars.
async fn judge(measured: &Measured, memory: &[u64]) -> Result<(), String> {
    println!("| what | number | median, ms | p95, ms |\n|---|---|---|---|");
    let (mut page_ms, mut call_ms) = (f64::NAN, f64::NAN);
    let kinds = [
        ("list pages", &measured.pages, Some(&mut page_ms)),
        ("lists read again by the feed", &measured.refreshes, None),
        ("calls of `ListTickets`", &measured.calls, Some(&mut call_ms)),
    ];
    for (name, times, p95) in kinds {
        let (count, median, at_95) = times.summary().await;
        println!("| {name} | {count} | {median:.1} | {at_95:.1} |");
        if let Some(p95) = p95 {
            *p95 = at_95;
        }
    }
    let third = memory.len() / 3;
    let most = |part: &[u64]| part.iter().copied().max().unwrap_or_default();
    let (early, late) = (most(&memory[..third]), most(&memory[memory.len() - third..]));
    let failures = measured.failures.load(Ordering::Relaxed);
    let ratio = page_ms / call_ms;
    println!("\np95 of a page ÷ p95 of the call behind it: {ratio:.2}");
    println!("most memory of the console in the first third: {early} MiB, in the last third: {late} MiB");
    println!("failures: {failures}");
    if failures > 0 {
        return Err(format!("{failures} failures"));
    }
    if ratio.is_nan() || ratio > RATIO_MAX {
        return Err(format!("a page takes more than {RATIO_MAX} times as long as the call behind it"));
    }
    if late * 100 > early * (100 + GROWTH_PERCENT_MAX) {
        return Err(format!("the memory grew by more than {GROWTH_PERCENT_MAX} %"));
    }
    Ok(())
}
