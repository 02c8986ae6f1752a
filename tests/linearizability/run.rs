//! One run: servers on a new database, batches of tickets that clients work on during faults, and the check of each
//! ticket's history.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio::task::{JoinSet, spawn_blocking};

use crate::checker::{self, History, Verdict};
use crate::clients;
use crate::cluster::{Cluster, FaultInjector, Faults};
use crate::fleet::Launch;
use crate::injected_bugs::{InjectedBug, REVERTING_TRIGGER};
use crate::random::Trace;
use crate::recorder::{Record, RunContext};
use crate::report;
use crate::rpc_attempt::Tokens;
use crate::support::postgres;
use crate::support::server::{Options as ServerOptions, Server, Store};
use crate::ticket_model::SequentialTicket;

/// Concurrent tickets.
const BATCH: usize = 25;
/// Servers on one PostgreSQL.
const SERVERS: usize = 2;
/// Pairs of (operations done, state) that the check of one history may visit.
const PAIRS_MAX: usize = 100_000;
/// Errors of servers that are shown after a failure.
const ERRORS_SHOWN: usize = 5;

/// The database of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    /// One server on a file.
    Sqlite,
    /// Several servers on one database.
    Postgres,
}

impl Database {
    pub(crate) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// The size and the faults of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) database: Database,
    pub(crate) seed: u64,
    pub(crate) histories: usize,
    pub(crate) has_faults: bool,
    pub(crate) inject: Option<InjectedBug>,
}

/// The results of a run.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    histories: usize,
    operations: usize,
    unknown: usize,
    refused: usize,
    /// The most pairs that a check visited.
    pairs: usize,
    faults: Faults,
    seconds: f64,
    /// Violations, one for each ticket.
    pub(crate) violations: Vec<String>,
    /// Errors that servers have logged.
    errors: Vec<String>,
}

impl Display for Findings {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            histories,
            operations,
            unknown,
            refused,
            pairs,
            faults: Faults { kills, cuts },
            seconds,
            ..
        } = self;
        write!(
            f,
            "{histories} histories in {seconds:.1} s, {operations} operations ({refused} refused, {unknown} \
             of unknown outcome), {kills} kills, {cuts} cuts, {pairs} pairs in the hardest check, {} violations",
            self.violations.len()
        )
    }
}

impl Findings {
    /// The figures, or the violations.
    pub(crate) fn verdict(&self) -> Result<String, String> {
        if self.violations.is_empty() {
            return Ok(self.to_string());
        }
        let shown =
            self.errors.iter().take(ERRORS_SHOWN).fold(String::new(), |all, one| all + "\n    " + one);
        let first = &self.violations[0];
        Err(format!("{self}\n{first}\n  {} errors logged{shown}", self.errors.len()))
    }

    fn add(&mut self, history: &History<SequentialTicket>) {
        self.histories += 1;
        self.operations += history.len();
        self.unknown += history.iter().filter(|operation| operation.answer.is_none()).count();
        let is_refused =
            |answer: &crate::ticket_model::Answer| matches!(answer, crate::ticket_model::Answer::Refused(_));
        self.refused +=
            history.iter().filter(|operation| operation.answer.as_ref().is_some_and(is_refused)).count();
    }
}

impl Run {
    /// Runs it.
    pub(crate) async fn run(self) -> Findings {
        let begun = Instant::now();
        let (context, launches) = spawn_blocking(move || self.prepare()).await.expect("a server starts");
        let cluster = Arc::new(Cluster::start(launches).await);
        self.install_trigger(&context).await;
        let everybody = Arc::new(RunContext {
            cluster: Arc::clone(&cluster),
            tokens: Tokens::of(&context.server),
            has_faults: self.has_faults,
            inject: self.inject,
        });
        let injector = self.has_faults.then(|| FaultInjector::begin(&cluster, self.seed));
        let mut findings = Findings::default();
        let tickets: Vec<usize> = (0..self.histories).collect();
        for batch in tickets.chunks(BATCH) {
            let mut working: JoinSet<(usize, Record)> = JoinSet::new();
            for ticket in batch.iter().copied() {
                let everybody = Arc::clone(&everybody);
                let seed = self.seed_of(ticket);
                let reference = format!("{}-{ticket}", self.seed);
                working.spawn(async move { (ticket, clients::work(everybody, reference, seed).await) });
            }
            while let Some(worked) = working.join_next().await {
                let (ticket, record) = worked.expect("clients do not panic");
                findings.add(&record.operations);
                let result = spawn_blocking(move || self.judge(ticket, &record)).await;
                let (violation, pairs) = result.expect("the checker does not panic");
                findings.violations.extend(violation);
                findings.pairs = findings.pairs.max(pairs);
            }
        }
        if let Some(injector) = injector {
            findings.faults = injector.end().await;
        }
        findings.errors = cluster.end().await;
        findings.seconds = begun.elapsed().as_secs_f64();
        // Dropping it searches the server's files, which blocks.
        let _ = spawn_blocking(move || drop(context)).await;
        findings
    }

    /// A stopped server that has made the credentials, and the launches of the run.
    fn prepare(self) -> (PreparedRun, Vec<Launch>) {
        let mut server = Server::start(Store::Sqlite, ServerOptions::default());
        server.kill();
        match self.database {
            Database::Sqlite => {
                let launch = Launch::on_sqlite(server.data_dir());
                (PreparedRun { server, database: None }, vec![launch])
            }
            Database::Postgres => {
                let database = postgres::shared().expect("PostgreSQL is installed").database();
                let launch = Launch::on_postgres(&database, server.data_dir());
                (PreparedRun { server, database: Some(database) }, vec![launch; SERVERS])
            }
        }
    }

    async fn install_trigger(self, prepared: &PreparedRun) {
        if self.inject != Some(InjectedBug::RevertedRow) {
            return;
        }
        let database = prepared.database.clone().expect("the trigger is PostgreSQL's");
        let installed = spawn_blocking(move || {
            postgres::shared().expect("it is installed").psql(&database, REVERTING_TRIGGER)
        });
        installed.await.expect("the trigger can be installed");
    }

    /// The violation of a ticket, if any, and how many pairs its check visited.
    fn judge(self, ticket: usize, record: &Record) -> (Option<String>, usize) {
        let history = &record.operations;
        let (verdict, pairs) = checker::check_and_count(&SequentialTicket, history, PAIRS_MAX);
        let why = match verdict {
            _ if !record.oddities.is_empty() => {
                format!("answers that nothing explains: {:?}", record.oddities)
            }
            _ if record.numbers.len() > 1 => format!("one source has several tickets: {:?}", record.numbers),
            Verdict::Linearizable => return (None, pairs),
            Verdict::Undecided => format!("undecided after {PAIRS_MAX} pairs"),
            Verdict::NotLinearizable { .. } => "no order of the operations explains the answers".to_owned(),
        };
        let small = checker::shrink(&SequentialTicket, history, PAIRS_MAX);
        let title = format!("{}, seed {}, ticket {ticket}: {why}", self.database.name(), self.seed);
        let short = report::text(&title, &small, PAIRS_MAX);
        let file = self.file(ticket);
        let whole = report::text("the whole history:", history, PAIRS_MAX);
        let kept = match fs::write(&file, format!("{short}\n{whole}")) {
            Ok(()) => format!("{short}  kept in {}", file.display()),
            Err(error) => format!("{short}  not kept in {}: {error}", file.display()),
        };
        (Some(kept), pairs)
    }

    /// A seed for one ticket.
    fn seed_of(self, ticket: usize) -> u64 {
        let mut mixed = Trace::default();
        for part in [self.seed, ticket as u64] {
            // Hashing does not fail.
            let _ = mixed.write_all(&part.to_le_bytes());
        }
        mixed.0
    }

    fn file(self, ticket: usize) -> PathBuf {
        let bug = self.inject.map(|bug| format!("-{}", bug.name())).unwrap_or_default();
        let name = format!("linearizability-{}{bug}-{}-{ticket}.txt", self.database.name(), self.seed);
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
    }
}

/// The prepared files and databases of a run.
struct PreparedRun {
    server: Server,
    database: Option<String>,
}
