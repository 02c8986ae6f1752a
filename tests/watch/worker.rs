//! The worker of a unit under faults: the example of the README as a process. It is killed and started again, while
//! servers are killed and connections are cut. In the end each ticket was handled, and accepted once. Only a kill
//! between the handler and the acceptance may repeat a ticket.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::options::Options;
use crate::random::Random;
use crate::scenario::{Servers, Waiting, blocking, cut, stored};
use crate::support::example;
use crate::support::process::Process;
use crate::support::suite::TestResult;
use crate::support::wait;
use crate::switch::Switch;
use crate::validator::Stored;
use crate::writers::{Clients, UNITS, give};

/// The events of a ticket that was taken in, dispatched and accepted.
const EVENTS: u32 = 3;
/// How often the worker is looked after.
const LOOK_PAUSE: Duration = Duration::from_millis(200);
/// How long the worker has for the rest, once everything was written.
const REST_MAX: Duration = Duration::from_mins(20);
/// Violations that are shown.
const SHOWN_MAX: usize = 5;

/// The worker, and the thread that kills it and starts it again.
struct Worker {
    stop: Sender<()>,
    thread: JoinHandle<()>,
    kills: Arc<AtomicU32>,
    handled: Arc<Mutex<Vec<String>>>,
    may_live: Arc<AtomicBool>,
}

/// How the worker is started.
struct Launch {
    program: PathBuf,
    token: String,
    endpoint: String,
}

impl Launch {
    fn start(&self) -> Process {
        let mut command = Command::new(&self.program);
        command.env("HOTLINE_TOKEN", &self.token).env("HOTLINE_ENDPOINT", &self.endpoint);
        Process::spawn(command)
    }
}

impl Worker {
    /// Starts it; it lives so many milliseconds each time.
    fn start(launch: Launch, mut random: Random, life_ms: (i64, i64)) -> Self {
        let (stop, stopped) = channel();
        let handled = Arc::<Mutex<Vec<String>>>::default();
        let may_live = Arc::new(AtomicBool::new(false));
        let kills = Arc::new(AtomicU32::new(0));
        let (all, goes_on, count) = (Arc::clone(&handled), Arc::clone(&may_live), Arc::clone(&kills));
        let thread = thread::spawn(move || {
            loop {
                let life = random.between(life_ms.0, life_ms.1).unsigned_abs();
                let mut process = launch.start();
                let was_killed = live(&mut process, Duration::from_millis(life), &goes_on, &stopped);
                process.kill();
                process.wait_for_line_or_end(|_| None::<()>);
                let lines = process.output();
                // Its errors are among its lines.
                let numbers = lines.lines().filter_map(|line| Some(line.split_once(": ")?.0));
                let numbers = numbers.filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
                let numbers = numbers.map(str::to_owned);
                all.lock().unwrap_or_else(PoisonError::into_inner).extend(numbers);
                let Some(was_killed) = was_killed else { return };
                count.fetch_add(u32::from(was_killed), Ordering::Relaxed);
            }
        });
        Self { stop, thread, kills, handled, may_live }
    }

    /// Ends it; returns the tickets that it has handled, and how often it was killed before.
    fn end(self) -> (Vec<String>, u32) {
        // A panic of the thread is reported below.
        let _ = self.stop.send(());
        self.thread.join().expect("the worker can be started");
        let handled = self.handled.lock().unwrap_or_else(PoisonError::into_inner);
        (handled.clone(), self.kills.load(Ordering::Relaxed))
    }
}

/// Waits until the worker has lived long enough, or has ended by itself because no server answered; `None` if the test
/// is over.
fn live(process: &mut Process, life: Duration, goes_on: &AtomicBool, stopped: &Receiver<()>) -> Option<bool> {
    let mut lived = Duration::ZERO;
    while lived < life || goes_on.load(Ordering::Relaxed) {
        if stopped.recv_timeout(LOOK_PAUSE) != Err(RecvTimeoutError::Timeout) {
            return None;
        }
        if process.has_ended() {
            return Some(false);
        }
        lived += LOOK_PAUSE;
    }
    Some(true)
}

/// Checks that each stored ticket was handled and accepted, and that only kills have repeated one.
fn check(handled: &[String], kills: u32, stored: &Stored) -> Result<u32, String> {
    let mut times = BTreeMap::<&str, u32>::new();
    for number in handled {
        *times.entry(number).or_default() += 1;
    }
    let mut wrong = Vec::new();
    for (ticket, events) in &stored.events {
        if *events != EVENTS {
            wrong.push(format!("{ticket}: has {events} events, and not {EVENTS}"));
        }
        if !times.contains_key(ticket.as_str()) {
            wrong.push(format!("{ticket}: was not handled"));
        }
    }
    wrong.extend(
        times
            .keys()
            .filter(|ticket| !stored.events.contains_key(**ticket))
            .map(|one| format!("{one}: unknown")),
    );
    let repeated = times.values().map(|times| times - 1).sum();
    if repeated > kills {
        wrong.push(format!("{repeated} tickets were handled again after {kills} kills"));
    }
    if wrong.is_empty() {
        return Ok(repeated);
    }
    let count = wrong.len();
    wrong.truncate(SHOWN_MAX);
    Err(format!("{count} violations:\n  {}", wrong.join("\n  ")))
}

/// Shows that the check can fail.
fn check_that_it_can_fail() -> Result<(), String> {
    let stored = |events: u32| Stored {
        events: BTreeMap::from([("1".to_owned(), events), ("2".to_owned(), EVENTS)]),
        ..Stored::default()
    };
    for (handled, kills, events, is_valid) in [
        (&["1", "2"][..], 0, EVENTS, true),
        (&["1", "2", "1"], 1, EVENTS, true),
        (&["1", "2", "1"], 0, EVENTS, false),
        (&["1"], 0, EVENTS, false),
        (&["1", "2", "3"], 0, EVENTS, false),
        (&["1", "2"], 0, EVENTS - 1, false),
    ] {
        let handled: Vec<String> = handled.iter().map(|number| (*number).to_owned()).collect();
        if check(&handled, kills, &stored(events)).is_ok() != is_valid {
            return Err(format!("the check of the worker judges {handled:?} wrongly"));
        }
    }
    Ok(())
}

/// Runs it.
pub(crate) async fn run(options: Options) -> TestResult {
    check_that_it_can_fail()?;
    let program = blocking(|| example::program("unit_worker")).await;
    let Servers { setup_server, fleet, url } = Servers::start(None).await;
    let switch = Switch::to(&fleet.endpoints()).await;
    let clients = Clients::of(&switch.endpoint(), &setup_server);
    let launch = Launch { program, token: setup_server.unit_token(UNITS[0]), endpoint: switch.endpoint() };
    let worker = Worker::start(launch, Random::part(options.seed, 8), options.life_ms());
    let killer = fleet.start_killing_after(options.seed, options.life_ms());
    let (is_over, cuts) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let cutter = tokio::spawn(cut(switch.clone(), options.seed, Arc::clone(&is_over), Arc::clone(&cuts)));
    let mut running = JoinSet::new();
    let mut begun = 0;
    let has_enough_faults = || {
        let kills = killer.kills().min(worker.kills.load(Ordering::Relaxed));
        cuts.load(Ordering::Relaxed) >= options.disconnects && kills >= options.kills
    };
    while begun < options.tickets || !has_enough_faults() {
        while running.len() < options.writers as usize {
            let clients = clients.clone();
            running.spawn(async move { give(&clients, UNITS[0]).await });
            begun += 1;
        }
        let given = running.join_next().await.ok_or("no writer runs")?;
        given.map_err(|error| error.to_string())?.map_err(|error| format!("a writer failed: {error:?}"))?;
    }
    for given in running.join_all().await {
        given.map_err(|error| format!("a writer failed: {error:?}"))?;
    }
    is_over.store(true, Ordering::Relaxed);
    cutter.await.map_err(|error| error.to_string())?;
    let server_kills = blocking(move || killer.stop()).await;
    // The faults are over, and the worker does the rest.
    worker.may_live.store(true, Ordering::Relaxed);
    let waiting = Waiting::open(&url).await;
    wait::find_within(REST_MAX, async || (waiting.count().await == 0).then_some(())).await;
    let (handled, kills) = blocking(move || worker.end()).await;
    let stored = stored(&url).await;
    blocking(move || fleet.end()).await;
    let repeated = check(&handled, kills, &stored)?;
    Ok(format!(
        "{} tickets, {} cut connections, {server_kills} kills of servers, {kills} kills of the worker: each ticket \
         handled and accepted; {repeated} handled again after a kill",
        stored.events.len(),
        cuts.load(Ordering::Relaxed)
    ))
}
