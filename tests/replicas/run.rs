//! One run: a backlog on a fresh PostgreSQL database, servers on it, clerks, kills, and the checks when the timers are
//! quiet.

use std::sync::Arc;
use std::time::Duration;

use hotline_server::ticket::Instant;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::backlog::{self, Laid, Plan};
use crate::database::Database;
use crate::deleted_timers::{self, Lost};
use crate::fake_clock::{self, WallClock};
use crate::final_state::Evidence;
use crate::fleet::{Fleet, Launch};
use crate::invariants::Findings;
use crate::load::{Experience, Office};
use crate::load_tasks;
use crate::random::Random;
use crate::sql_proxy;
use crate::sql_rewrites::{Protection, Rules};
use crate::statistics::Figures;
use crate::support::server::{Options as ServerOptions, Server, Store};

/// The servers of a run.
const REPLICAS: usize = 3;

/// What the first start of a server takes on an idle machine.
const START: Duration = Duration::from_millis(600);
/// How often a run that began too late is begun again.
const AGAIN_MAX: u32 = 2;
/// Errors of servers that are shown where something is wrong.
const ERRORS_SHOWN: usize = 5;
/// Runs at once: each has servers, and connections to the one PostgreSQL.
const RUNS_MAX: u32 = 6;
static PLACES: Semaphore = Semaphore::const_new(RUNS_MAX as usize);

/// Waits for a place among the runs at once.
pub(crate) async fn place() -> SemaphorePermit<'static> {
    PLACES.acquire().await.expect("nobody closes it")
}

/// The size and the hazards of a run.
#[derive(Debug, Clone)]
pub(crate) struct Trial {
    pub(crate) seed: u64,
    pub(crate) tickets: u32,
    pub(crate) seconds: u32,
    /// In how many groups rungs fall due; none for as many as look natural.
    pub(crate) groups: Option<u32>,
    pub(crate) has_kills: bool,
    pub(crate) has_clerks: bool,
    /// Whether timers vanish while the servers run.
    pub(crate) loses_timers: bool,
    /// What is taken away.
    pub(crate) off: Vec<Protection>,
    /// How long each commit is held back on its way.
    pub(crate) commit_pause: Duration,
    /// The wall clock of each server; all are right where none is named.
    pub(crate) clocks: Vec<Wall>,
    /// One ticket of the backlog in so many is worked on.
    pub(crate) share: usize,
    /// How long the timers may take to be quiet once everything is due.
    pub(crate) quiet_max: Duration,
}

/// How many seconds a server's wall clock is ahead of the machine's.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wall {
    pub(crate) at_first: i64,
    /// From the middle of the run on.
    pub(crate) later: i64,
}

/// What a run has shown.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) evidence: Evidence,
    pub(crate) findings: Findings,
    pub(crate) figures: Figures,
    /// The timers that vanished.
    pub(crate) lost: Option<Lost>,
    /// The errors that servers have logged.
    pub(crate) errors: Vec<String>,
}

impl Outcome {
    /// The figures, or what is wrong.
    pub(crate) fn verdict(&self) -> Result<String, String> {
        let Self { findings, figures, errors, .. } = self;
        if findings.is_empty() {
            return Ok(format!("{figures}; {} errors logged", errors.len()));
        }
        let shown = errors.iter().take(ERRORS_SHOWN).fold(String::new(), |all, one| all + "\n    " + one);
        Err(format!("{findings}\n  {figures}\n  {} errors logged{shown}", errors.len()))
    }
}

/// A database with a backlog, and no server on it.
#[derive(Debug)]
struct Ground {
    /// It has made the database, its tables and the credentials, and does not run.
    house: Server,
    database: Database,
    /// The database for servers.
    url: String,
    backlog: Vec<Laid>,
    plan: Plan,
    /// The wall clocks that were set, and to what.
    walls: Vec<(WallClock, Wall)>,
}

impl Trial {
    /// A small run with clerks and without any hazard.
    pub(crate) fn small(seed: u64, tickets: u32, seconds: u32) -> Self {
        Self {
            seed,
            tickets,
            seconds,
            groups: None,
            has_kills: false,
            has_clerks: true,
            loses_timers: false,
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
    /// Where a protection could not be taken away.
    pub(crate) async fn run(&self) -> Result<Outcome, String> {
        let _place = place().await;
        self.run_here().await
    }

    /// Runs it while nothing else runs.
    ///
    /// # Errors
    /// As [`Trial::run`].
    pub(crate) async fn run_alone(&self) -> Result<Outcome, String> {
        let _places = PLACES.acquire_many(RUNS_MAX).await.expect("nobody closes it");
        self.run_here().await
    }

    async fn run_here(&self) -> Result<Outcome, String> {
        let rules = Arc::new(Rules::without(&self.off, self.commit_pause));
        let (ground, fleet, begun_at) = self.begin(&rules).await;
        let Ground { database, backlog, plan, .. } = &ground;
        let window = &database.window;

        let reaper = self.has_kills.then(|| fleet.reap(self.seed));
        let office = Office::open(&fleet.endpoints(), &ground.house);
        let clerks = self.has_clerks.then(|| {
            let errands = load_tasks::draw(backlog, begun_at, self.share, &mut Random::part(self.seed, 20));
            tokio::spawn(office.clone().work(errands))
        });
        let mut lost = None;
        if self.loses_timers {
            lost = Some(deleted_timers::lose(window, backlog).await?);
        }
        window.wait_until(plan.middle()).await;
        for (clock, wall) in &ground.walls {
            clock.set(wall.later);
        }
        window.wait_until(plan.until).await;
        office.close();
        let seen = match clerks {
            Some(clerks) => clerks.await.expect("the clerks come home"),
            None => Experience::default(),
        };
        let mut kills = 0;
        if let Some(reaper) = reaper {
            kills = blocking(|| reaper.stop()).await;
        }
        if let Some(lost) = &lost {
            deleted_timers::wait_for_repair(window, lost).await;
        }
        let quiet_after = window.wait_for_quiet(plan.until, self.quiet_max).await;
        let errors = blocking(move || fleet.end()).await;
        if let Some(idle) = rules.idle() {
            return Err(idle);
        }

        let commands = seen.deeds.len();
        let evidence = Evidence::gather(database, backlog, begun_at, seen).await;
        let findings = Findings::of(&evidence);
        let figures = Figures::of(&evidence, kills, commands, quiet_after);
        database.store.close().await;
        Ok(Outcome { evidence, findings, figures, lost, errors })
    }

    /// Makes everything ready and starts the servers. A machine that is so busy that much of the backlog falls due before
    /// they run would show little: it is given twice the time, and does it again.
    async fn begin(&self, rules: &Arc<Rules>) -> (Ground, Fleet, Instant) {
        for time in 0.. {
            let mut ground = self.prepare(rules, 1 << time).await;
            let launches = self.launches(&mut ground);
            let fleet = blocking(move || Fleet::start(launches)).await;
            let begun_at = ground.database.window.now().await;
            let Plan { from, until, .. } = ground.plan;
            if time == AGAIN_MAX || begun_at < from + (until - from) / 4 {
                return (ground, fleet, begun_at);
            }
            blocking(move || fleet.end()).await;
        }
        unreachable!("the last time is taken as it is")
    }

    /// The servers, each with its wall clock.
    fn launches(&self, ground: &mut Ground) -> Vec<Launch> {
        let home = ground.house.data_dir();
        let mut launches = vec![Launch::on_postgres(&ground.url, home); REPLICAS];
        for (place, (launch, wall)) in launches.iter_mut().zip(&self.clocks).enumerate() {
            let library = fake_clock::library().expect("who sets clocks has looked for the library");
            let clock = WallClock::new(home, &place.to_string(), wall.at_first);
            launch.environment = clock.environment(library);
            ground.walls.push((clock, *wall));
        }
        launches
    }

    /// Makes the database and the backlog, and takes away what is to be taken away.
    async fn prepare(&self, rules: &Arc<Rules>, patience: i32) -> Ground {
        let (house, slowness) = prepare_house(Store::Postgres).await;
        let url = house.database().expect("it is on PostgreSQL").to_owned();
        let database = Database::postgres(&url).await;
        let now = database.window.now().await;
        let plan = Plan::from(now, slowness * patience, self.tickets, self.seconds, self.groups);
        let backlog = backlog::lay(&database, &plan, &mut Random::part(self.seed, 1)).await;
        database.install_witness().await;
        for statement in self.off.iter().filter_map(|protection| protection.dropped()) {
            database.window.execute(statement).await;
        }
        let url = if rules.is_empty() { url } else { sql_proxy::start(&url, rules) };
        Ground { house, database, url, backlog, plan, walls: Vec::new() }
    }
}

/// Starts a server on an empty database, which makes the tables and the credentials, and ends it; answers how many times
/// as slow as an idle machine this one is just now.
pub(crate) async fn prepare_house(store: Store) -> (Server, i32) {
    blocking(move || {
        let begun = std::time::Instant::now();
        let mut house = Server::start(store, ServerOptions::default());
        let slowness = begun.elapsed().as_millis().div_ceil(START.as_millis());
        house.kill();
        (house, i32::try_from(slowness).expect("a server starts in bounded time"))
    })
    .await
}

/// Runs what blocks, where it holds up nobody.
pub(crate) async fn blocking<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    let done = tokio::task::spawn_blocking(what).await;
    done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
