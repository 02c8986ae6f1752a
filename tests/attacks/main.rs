//! Measured attacks: the latency of a good client during a flood, stalled connections or guessed credentials.
//!
//! ```sh
//! cargo test -p hotline-server --test attacks                                    # short, with loose bounds
//! cargo test -p hotline-server --test attacks -- --seconds 8 --rounds 5 --strict # the figures of docs/performance.md
//! cargo test -p hotline-server --test attacks -- cancels --calls 100000 --strict # M1 and M2, on PostgreSQL
//! taskset -c 0 cargo test -p hotline-server --test attacks -- --attacker-cpu 1   # on a processor of its own
//! ```
//!
//! The attacker is a separate process with the lowest priority and another address. On a machine with few cores, the
//! measurement should show the server's cost of the attack and not the attacker's own. A separate processor (`taskset`)
//! comes closest to a separate machine. The good client calls at a constant rate before and during the attack. The
//! ratio of its p99 is the median of the rounds, because a p99 over some seconds is only a few stalls of the machine.

mod attacks;
#[path = "../hardening/cancelled_calls.rs"]
mod cancelled_calls;
mod good_client;
mod options;
mod overload;
mod slow_readers;
#[path = ".."]
mod shared {
    #[expect(dead_code, reason = "the stories use what this suite does not")]
    pub(crate) mod support;
}
#[expect(dead_code, reason = "the tests of single frames use what this suite does not")]
#[path = "../hardening/raw_http2.rs"]
mod raw_http2;

use std::fmt::{self, Display, Formatter};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use attacks::{ATTACKS, Attack};
use clap::Parser as _;
use good_client::{GoodClient, Latencies};
use options::{Options, Role};
use shared::support;
use shared::support::postgres;
use shared::support::process::Process;
use shared::support::server::{self, Server, Store};
use shared::support::suite::{self, TestResult};
use tokio::runtime::Runtime;

/// The largest ratio of the p99 under attack.
const RATIO_MAX: f64 = 2.0;
/// The limit of the suite, which runs beside other suites on machines with few cores. There the p99 of a second's calls
/// is one stall of the machine. A server that an attack really stops exceeds this limit all the same.
const LOOSE_P99_MAX: Duration = Duration::from_secs(2);
/// The machine's page size, in KiB.
const PAGE_KIB: u64 = 4;
/// More memory than the server needs for anything that is tried here, in MiB; an idle debug build has 60.
const MEMORY_MAX_MIB: u64 = 256;

/// How much the server may grow because nobody reads its responses, in MiB. The suite runs a debug build, whose tasks
/// are several times larger.
const GROWTH_MAX_MIB: u64 = 64;
const LOOSE_GROWTH_MAX_MIB: u64 = 128;
/// The interval between two samples of the server's memory.
const SAMPLE: Duration = Duration::from_millis(50);

/// The server's peak memory, in MiB; 0 if the machine does not report it.
fn memory_mib(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process_id()));
    let status = status.unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    most.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// The server's present memory, in MiB; 0 if the machine does not report it.
fn resident_mib(process: u32) -> u64 {
    let statm = std::fs::read_to_string(format!("/proc/{process}/statm")).unwrap_or_default();
    let pages = statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * PAGE_KIB / 1024
}

/// Runs something, and samples the server's peak memory meanwhile.
fn sampled<T>(process: u32, run: impl FnOnce() -> T) -> (T, u64) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let sampling = scope.spawn(|| {
            let mut most = 0;
            while !is_over.load(Ordering::Relaxed) {
                most = most.max(resident_mib(process));
                thread::sleep(SAMPLE);
            }
            most
        });
        let outcome = run();
        is_over.store(true, Ordering::Relaxed);
        (outcome, sampling.join().expect("it only looks"))
    })
}

/// Starts the attacker and waits until it has begun.
fn begin(attack: &Attack, server: &Server, options: &Options) -> Process {
    let program = std::env::current_exe().expect("a process knows its program");
    let mut command = Command::new("nice");
    command.args(["-n", "19"]);
    if let Some(cpu) = options.attacker_cpu {
        command.args(["taskset", "-c"]).arg(cpu.to_string());
    }
    command.arg(program).args(["attacker", attack.name, server.address()]);
    command.arg(server.token("dispatcher")).arg((options.seconds + 1).to_string());
    let attacker = Process::spawn(command);
    attacker.wait_for_line("its beginning", |line| (line == "begun").then_some(()));
    attacker
}

/// A quiet and an attacked measurement.
struct Round {
    quiet: Latencies,
    under: Latencies,
    tally: String,
    /// By how much the server grew under attack, in MiB.
    growth: u64,
}

impl Round {
    fn take(
        attack: &Attack,
        server: &Server,
        good: &GoodClient,
        options: &Options,
        runtime: &Runtime,
    ) -> Self {
        let time = Duration::from_secs(u64::from(options.seconds));
        let process = server.process_id();
        let (quiet, before) = sampled(process, || good.call_for(time, runtime));
        let ((under, tally), most) = sampled(process, || {
            let mut attacker = begin(attack, server, options);
            let under = good.call_for(time, runtime);
            attacker.wait();
            (under, attacker.output().lines().last().unwrap_or_default().to_owned())
        });
        Self { quiet, under, tally, growth: most.saturating_sub(before) }
    }

    /// How many requests the attacker sent; none if it reported nothing.
    fn requests_sent(&self) -> u64 {
        self.tally.split_whitespace().next().and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    fn ratio(&self) -> f64 {
        self.under.p99().as_secs_f64() / self.quiet.p99().as_secs_f64()
    }
}

impl Display for Round {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { quiet, under, tally, growth } = self;
        write!(f, "{tally}; p50/p99 ms: quiet {quiet}, attacked {under}, ratio of p99 {:.2}", self.ratio())?;
        write!(f, ", {growth} MiB more")
    }
}

/// One attack, on its own server.
fn measure_attack(attack: &Attack, options: &Options, runtime: &Runtime) -> TestResult {
    let server = Server::start(Store::Sqlite, server::Options::default());
    let good = GoodClient::of(&server, runtime);
    if attack.has_lists {
        good.store_long_tickets(runtime);
    }
    // The first calls warm caches and connections.
    good.call_for(Duration::from_secs(u64::from(options.seconds)) / 4, runtime);
    let rounds = (0..options.rounds).map(|_| Round::take(attack, &server, &good, options, runtime));
    let rounds: Vec<Round> = rounds.collect();
    let mut ratios: Vec<f64> = rounds.iter().map(Round::ratio).collect();
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[ratios.len() / 2];
    let memory = memory_mib(&server);
    let mut figures: Vec<String> = rounds.iter().map(ToString::to_string).collect();
    if rounds.len() > 1 {
        figures.push(format!("median ratio {ratio:.2} of {ratios:.2?}"));
    }
    figures.push(format!("server at most {memory} MiB"));
    let figures = figures.join("\n    ");
    let is_calm = !server.output().contains("panicked");
    if !is_calm {
        return Err(format!("the server panicked: {}", server.output()));
    }
    if rounds.iter().any(|round| round.requests_sent() == 0) {
        return Err(format!("it was no attack: nothing was sent\n    {figures}"));
    }
    let is_loosely_fast = |round: &Round| round.under.p99() <= LOOSE_P99_MAX;
    let is_fast = if options.strict { ratio <= RATIO_MAX } else { rounds.iter().all(is_loosely_fast) };
    let growth_max = if options.strict { GROWTH_MAX_MIB } else { LOOSE_GROWTH_MAX_MIB };
    let is_small = !attack.is_slow_reader || rounds.iter().all(|round| round.growth <= growth_max);
    let is_good =
        is_fast && is_small && rounds.iter().all(|round| round.under.failed == 0) && memory <= MEMORY_MAX_MIB;
    if is_good { Ok(figures) } else { Err(figures) }
}

fn on_postgres(options: &Options, runtime: &Runtime) -> TestResult {
    let Some(cluster) = postgres::shared() else { return Ok("NOT RUN: there is no PostgreSQL".to_owned()) };
    let server = Server::start(Store::Postgres, server::Options::default());
    runtime.block_on(cancelled_calls::hang_up(&server, cluster, options.calls))
}

/// Runs the selected attacks; returns how many failed.
fn run_all(options: &Options) -> usize {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime can be made");
    let mut verdicts: Vec<(&str, TestResult)> = Vec::new();
    for attack in ATTACKS.iter().filter(|attack| options.tests.wants(attack.name)) {
        verdicts.push((attack.name, measure_attack(attack, options, &runtime)));
        print_verdict(verdicts.last());
    }
    // The suite has a short version of it, and a rate needs an idle machine.
    if options.strict && options.tests.wants("cancels") {
        verdicts.push(("cancels", on_postgres(options, &runtime)));
        print_verdict(verdicts.last());
    }
    if options.strict && options.tests.wants("overload") {
        verdicts.push(("overload", runtime.block_on(overload::measure(options.seconds))));
        print_verdict(verdicts.last());
    }
    verdicts.iter().filter(|(_, verdict)| verdict.is_err()).count()
}

fn print_verdict(last: Option<&(&str, TestResult)>) {
    match last {
        Some((name, Ok(figures))) => println!("attack {name} ... ok: {figures}"),
        Some((name, Err(what))) => println!("attack {name} ... FAILED: {what}"),
        None => {}
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(Role::Attacker { name, address, token, seconds }) = &options.role {
        println!("{}", attacks::run(name, address, token, Duration::from_secs(*seconds)));
        return ExitCode::SUCCESS;
    }
    if options.tests.list {
        let wanted = ATTACKS.iter().filter(|attack| options.tests.wants(attack.name));
        return suite::list(wanted.map(|attack| attack.name));
    }
    if run_all(&options) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
