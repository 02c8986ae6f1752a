//! One run: a backlog on a new PostgreSQL database, servers on it, load, kills, and the checks after all timers have
//! fired.

use std::sync::Arc;
use std::time::Duration;

use hotline_server::ticket::Instant;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::backlog::{self, BacklogTicket, Plan};
use crate::database::Database;
use crate::deleted_timers::{self, DeletedTimers};
use crate::fake_clock::{self, FakeClock};
use crate::final_state::FinalState;
use crate::fleet::{Fleet, Launch};
use crate::invariants::Findings;
use crate::load::{Load, LoadResult};
use crate::load_tasks;
use crate::random::Random;
use crate::sql_proxy;
use crate::sql_rewrites::{Protection, SqlRewrites};
use crate::statistics::Statistics;
use crate::support::server::{Options as ServerOptions, Server, Store};

/// The servers of a run.
const REPLICAS: usize = 3;

/// The time of a server's first start on an idle machine.
const START: Duration = Duration::from_millis(600);
/// How often a run that began too late is repeated.
const AGAIN_MAX: u32 = 2;
/// Errors of servers that are shown after a failure.
const ERRORS_SHOWN: usize = 5;
/// Concurrent runs: each has servers, and connections to the one PostgreSQL.
const RUNS_MAX: u32 = 3;
static RUN_SLOTS: Semaphore = Semaphore::const_new(RUNS_MAX as usize);

/// Waits for a slot among the concurrent runs.
pub(crate) async fn run_slot() -> SemaphorePermit<'static> {
    RUN_SLOTS.acquire().await.expect("nobody closes it")
}

/// The size and the faults of a run.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) seed: u64,
    pub(crate) tickets: u32,
    pub(crate) seconds: u32,
    /// The number of groups in which rungs are due; `None` for a natural number.
    pub(crate) groups: Option<u32>,
    pub(crate) has_kills: bool,
    pub(crate) has_load: bool,
    /// Whether timers are deleted while the servers run.
    pub(crate) deletes_timers: bool,
    /// The removed protections.
    pub(crate) off: Vec<Protection>,
    /// How long each commit is delayed.
    pub(crate) commit_pause: Duration,
    /// The wall clock of each server; empty if all are right.
    pub(crate) clocks: Vec<ClockOffset>,
    /// One ticket of the backlog in this many has a task.
    pub(crate) share: usize,
    /// The longest time until all timers have fired after everything is due.
    pub(crate) quiet_max: Duration,
}

/// How many seconds a server's wall clock is ahead of the machine's.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ClockOffset {
    pub(crate) at_first: i64,
    /// From the middle of the run on.
    pub(crate) later: i64,
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) final_state: FinalState,
    pub(crate) findings: Findings,
    pub(crate) statistics: Statistics,
    /// The deleted timers.
    pub(crate) deleted: Option<DeletedTimers>,
    /// The logged errors of the servers.
    pub(crate) errors: Vec<String>,
}

impl Outcome {
    /// The figures, or the violations.
    pub(crate) fn verdict(&self) -> Result<String, String> {
        let Self { findings, statistics, errors, .. } = self;
        if findings.is_empty() {
            return Ok(format!("{statistics}; {} errors logged", errors.len()));
        }
        let shown = errors.iter().take(ERRORS_SHOWN).fold(String::new(), |all, one| all + "\n    " + one);
        Err(format!("{findings}\n  {statistics}\n  {} errors logged{shown}", errors.len()))
    }
}

/// A database with a backlog, and no server on it.
#[derive(Debug)]
struct PreparedDatabase {
    /// It has made the database, its tables and the credentials, and is stopped.
    setup_server: Server,
    database: Database,
    /// The database for servers.
    url: String,
    backlog: Vec<BacklogTicket>,
    plan: Plan,
    /// The changed wall clocks, and their settings.
    clock_offsets: Vec<(FakeClock, ClockOffset)>,
}

impl Scenario {
    /// A small run with load and without any fault.
    pub(crate) fn small(seed: u64, tickets: u32, seconds: u32) -> Self {
        Self {
            seed,
            tickets,
            seconds,
            groups: None,
            has_kills: false,
            has_load: true,
            deletes_timers: false,
            off: Vec::new(),
            commit_pause: Duration::ZERO,
            clocks: Vec::new(),
            share: 8,
            quiet_max: Duration::from_secs(30),
        }
    }

    /// Runs it beside a few others.
    ///
    /// # Errors
    /// If a protection could not be removed.
    pub(crate) async fn run(&self) -> Result<Outcome, String> {
        let _slot = run_slot().await;
        self.run_here().await
    }

    /// Runs it while nothing else runs.
    ///
    /// # Errors
    /// As [`Scenario::run`].
    pub(crate) async fn run_alone(&self) -> Result<Outcome, String> {
        let _slots = RUN_SLOTS.acquire_many(RUNS_MAX).await.expect("nobody closes it");
        self.run_here().await
    }

    async fn run_here(&self) -> Result<Outcome, String> {
        let rewrites = Arc::new(SqlRewrites::without(&self.off, self.commit_pause));
        let (prepared, fleet, begun_at) = self.begin(&rewrites).await;
        let PreparedDatabase { database, backlog, plan, .. } = &prepared;
        let observer = &database.observer;

        let killer = self.has_kills.then(|| fleet.start_killing(self.seed));
        let load = Load::open(&fleet.endpoints(), &prepared.setup_server);
        let clients = self.has_load.then(|| {
            let tasks = load_tasks::draw(backlog, begun_at, self.share, &mut Random::part(self.seed, 20));
            tokio::spawn(load.clone().work(tasks))
        });
        let mut deleted = None;
        if self.deletes_timers {
            deleted = Some(deleted_timers::delete_some(observer, backlog).await?);
        }
        observer.wait_until(plan.middle()).await;
        for (clock, offset) in &prepared.clock_offsets {
            clock.set(offset.later);
        }
        observer.wait_until(plan.until).await;
        load.close();
        let seen = match clients {
            Some(clients) => clients.await.expect("the clerks come home"),
            None => LoadResult::default(),
        };
        let mut kills = 0;
        if let Some(killer) = killer {
            kills = blocking(|| killer.stop()).await;
        }
        if let Some(deleted) = &deleted {
            deleted_timers::wait_for_repair(observer, deleted).await;
        }
        let quiet_after = observer.wait_for_quiet(plan.until, self.quiet_max).await;
        let errors = blocking(move || fleet.end()).await;
        if let Some(unused) = rewrites.unused() {
            return Err(unused);
        }

        let commands = seen.acknowledged.len();
        let final_state = FinalState::gather(database, backlog, begun_at, seen).await;
        let findings = Findings::of(&final_state);
        let statistics = Statistics::of(&final_state, kills, commands, quiet_after);
        database.store.close().await;
        Ok(Outcome { final_state, findings, statistics, deleted, errors })
    }

    /// Prepares everything and starts the servers. If the machine is so busy that much of the backlog is due before
    /// they run, the run would show little. It is then repeated with twice the time.
    async fn begin(&self, rewrites: &Arc<SqlRewrites>) -> (PreparedDatabase, Fleet, Instant) {
        for time in 0.. {
            let mut prepared = self.prepare(rewrites, 1 << time).await;
            let launches = self.launches(&mut prepared);
            let fleet = blocking(move || Fleet::start(launches)).await;
            let begun_at = prepared.database.observer.now().await;
            let Plan { from, until, .. } = prepared.plan;
            if time == AGAIN_MAX || begun_at < from + (until - from) / 4 {
                return (prepared, fleet, begun_at);
            }
            blocking(move || fleet.end()).await;
        }
        unreachable!("the last time is taken as it is")
    }

    /// The servers, each with its wall clock.
    fn launches(&self, prepared: &mut PreparedDatabase) -> Vec<Launch> {
        let home = prepared.setup_server.data_dir();
        let mut launches = vec![Launch::on_postgres(&prepared.url, home); REPLICAS];
        for (run_slot, (launch, offset)) in launches.iter_mut().zip(&self.clocks).enumerate() {
            let library = fake_clock::library().expect("who sets clocks has looked for the library");
            let clock = FakeClock::new(home, &run_slot.to_string(), offset.at_first);
            launch.environment = clock.environment(library);
            prepared.clock_offsets.push((clock, *offset));
        }
        launches
    }

    /// Makes the database and the backlog, and removes the selected protections.
    async fn prepare(&self, rewrites: &Arc<SqlRewrites>, patience: i32) -> PreparedDatabase {
        let (setup_server, slowness) = prepare_database(Store::Postgres).await;
        let url = setup_server.database().expect("it is on PostgreSQL").to_owned();
        let database = Database::postgres(&url).await;
        let now = database.observer.now().await;
        let plan = Plan::from(now, slowness * patience, self.tickets, self.seconds, self.groups);
        let backlog = backlog::fill(&database, &plan, &mut Random::part(self.seed, 1)).await;
        database.install_witness().await;
        for statement in self.off.iter().filter_map(|protection| protection.dropped()) {
            database.observer.execute(statement).await;
        }
        let url = if rewrites.is_empty() { url } else { sql_proxy::start(&url, rewrites) };
        PreparedDatabase { setup_server, database, url, backlog, plan, clock_offsets: Vec::new() }
    }
}

/// Starts a server on an empty database, which makes the tables and the credentials, and ends it. Returns how many
/// times slower than an idle machine this one is now.
pub(crate) async fn prepare_database(store: Store) -> (Server, i32) {
    blocking(move || {
        let begun = std::time::Instant::now();
        let mut setup_server = Server::start(store, ServerOptions::default());
        let slowness = begun.elapsed().as_millis().div_ceil(START.as_millis());
        setup_server.kill();
        (setup_server, i32::try_from(slowness).expect("a server starts in bounded time"))
    })
    .await
}

/// Runs blocking code on a separate thread.
pub(crate) async fn blocking<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    let done = tokio::task::spawn_blocking(what).await;
    done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
