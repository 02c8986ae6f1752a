//! One cell of the matrix: a failpoint, a kind of fault and a database.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hotline_server::platform::failpoint::{FAILPOINTS, KINDS};
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;

use crate::faulty_server::{self, FaultyServer};
use crate::invariants::{self, StoredState};
use crate::options::Options;
use crate::support::server::{Server, Store, program};
use crate::support::temp_dir::TempDir;
use crate::support::wait::Pauses;
use crate::{TestResult, workload};

/// The interval between two checks whether the server has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// The longest wait for the rotation of keys and the next checkpoint.
const WAIT_MAX: Duration = Duration::from_secs(40);
/// Failpoints that a server reaches before it serves.
const AT_START: [&str; 2] = ["migration.step", "vault.register_keys"];

/// The fault, its place and the database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MatrixCell {
    pub(crate) place: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) store: Store,
    /// Decides at which pass of the failpoint the fault is injected, and how the server ends.
    pub(crate) random: u64,
}

impl std::fmt::Display for MatrixCell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {:?}", self.place, self.kind, self.store)
    }
}

impl MatrixCell {
    /// The configuration of the failpoint: pass some times, then inject.
    fn actions(&self) -> String {
        let period = match self.place {
            "transaction.statement.before" | "transaction.statement.after" => 60,
            "transaction.acquire" => 12,
            place if place.starts_with("transaction.rollback.") => 2,
            place if place.starts_with("transaction.") => 12,
            "request.look_up" | "request.record" | "audit.record" => 2,
            place if place.starts_with("ledger.") => 6,
            _ => 1,
        };
        let passed = self.random % period;
        let times = match self.kind {
            "abort" => 1,
            _ => 3,
        };
        let pass = if passed == 0 { String::new() } else { format!("{passed}*off->") };
        format!("{}={pass}{times}*return({})", self.place, self.kind)
    }

    /// Runs the work with the fault, restarts the server, and compares its state with a run without a fault.
    pub(crate) async fn run(self, expected: &StoredState) -> Result<(), String> {
        let faulty = spawn_blocking(move || self.open()).await.map_err(|error| error.to_string())??;
        let (mut faulty, acknowledged) = self.work(faulty).await?;
        let said = faulty.server.said();
        if !said.lines().any(|line| line.contains("failpoint hit") && line.contains(self.place)) {
            return Err(format!("no request and no job reached the place; it said:\n{said}"));
        }
        let ends_at_once = self.random.is_multiple_of(2);
        let faulty = spawn_blocking(move || {
            if !ends_at_once {
                faulty.server.terminate();
            }
            faulty.server.restart();
            faulty
        });
        let faulty = faulty.await.map_err(|error| error.to_string())?;
        let clients = faulty.clients();
        invariants::acknowledged(&clients, &acknowledged).await?;
        // The simulated clock of a restarted server begins again; timers that were due before are due now.
        let stored_state = invariants::stored_state(&clients).await?;
        let differences = expected.differences(&stored_state);
        if !differences.is_empty() {
            return Err(format!(
                "{}\nthe server had said:\n{}",
                differences.join("\n"),
                faulty.server.said()
            ));
        }
        if self.place.starts_with("checkpoint.") {
            let mut pauses = Pauses::within(WAIT_MAX);
            while invariants::exported(faulty.exported.path()) == 0 {
                if !pauses.next().await {
                    return Err("no checkpoint was exported".to_owned());
                }
            }
        }
        spawn_blocking(move || invariants::verify(&faulty)).await.map_err(|error| error.to_string())?
    }

    /// A server with the fault configured: while it runs, or from its start if the failpoint is only reached there.
    fn open(self) -> Result<FaultyServer, String> {
        if !AT_START.contains(&self.place) {
            let mut faulty = FaultyServer::open(self.store);
            faulty.server.set_failpoint(&self.actions());
            return Ok(faulty);
        }
        let exported = TempDir::new("checkpoints");
        let options = faulty_server::options(&exported);
        // A start that waits for its database would try again, after the fault.
        let faulty =
            options.clone().set("database_wait_seconds", "0").variable("FAILPOINTS", &self.actions());
        let (server, failure) = Server::start_after_fault(self.store, &faulty, options);
        if failure.is_none() && self.kind != "delay" {
            return Err("the server started in spite of the fault".to_owned());
        }
        Ok(FaultyServer { server, exported })
    }

    /// Does the work, and restarts the server if the fault ends it.
    async fn work(
        self,
        mut faulty: FaultyServer,
    ) -> Result<(FaultyServer, Vec<workload::Acknowledged>), String> {
        let mut working = tokio::spawn(workload::do_all(faulty.clients()));
        let acknowledged = loop {
            if let Ok(done) = timeout(POLL_INTERVAL, &mut working).await {
                break done.map_err(|error| error.to_string()).flatten();
            }
            let restarted = spawn_blocking(move || {
                faulty.restart_if_ended();
                faulty
            });
            faulty = restarted.await.map_err(|error| error.to_string())?;
        };
        let acknowledged = acknowledged
            .map_err(|error| format!("{error}\nthe server had said:\n{}", faulty.server.said()))?;
        if self.place.starts_with("vault.") {
            faulty = self.rotate_keys(faulty).await?;
        }
        if self.place.starts_with("checkpoint.") {
            // The state is checked afterwards, whether the fault was logged in time or not.
            let mut pauses = Pauses::within(WAIT_MAX);
            while !faulty.server.said().contains("failpoint hit") && pauses.next().await {
                faulty.restart_if_ended();
            }
        }
        Ok((faulty, acknowledged))
    }

    /// Re-encrypts the identities under a new key.
    async fn rotate_keys(self, mut faulty: FaultyServer) -> Result<FaultyServer, String> {
        let home = faulty.server.data_dir().to_owned();
        for more in [&[][..], &["--activate", "2"][..]] {
            let mut command = program();
            command.arg("vault-key").arg("--data-dir").arg(&home).args(more);
            let output = command.output().map_err(|error| error.to_string())?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned());
            }
        }
        let mut pauses = Pauses::within(WAIT_MAX);
        while !faulty.server.output().contains("identities re-encrypted") {
            if !pauses.next().await {
                return Err(format!("the identities were not encrypted again:\n{}", faulty.server.said()));
            }
            faulty.restart_if_ended();
        }
        Ok(faulty)
    }
}

/// The stored state without a fault.
pub(crate) async fn without_fault(store: Store) -> Result<StoredState, String> {
    let faulty =
        spawn_blocking(move || FaultyServer::open(store)).await.map_err(|error| error.to_string())?;
    let clients = faulty.clients();
    workload::do_all(clients.clone()).await?;
    invariants::stored_state(&clients).await
}

/// The cells to run: one for each failpoint, or the whole matrix.
fn cells(options: &Options) -> Vec<MatrixCell> {
    let stores = Store::every();
    let is_wanted = |cell: &MatrixCell| {
        options.failpoint.as_deref().is_none_or(|place| cell.place.contains(place))
            && options.kind.as_deref().is_none_or(|kind| cell.kind == kind)
            && options.database.is_none_or(|store| cell.store == store)
    };
    let mut cells = Vec::new();
    for (row, place) in FAILPOINTS.into_iter().enumerate() {
        let random = |column: usize| {
            let mixed = (options.seed ^ (row * 64 + column) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            mixed >> 40
        };
        let all = KINDS.into_iter().flat_map(|kind| stores.iter().map(move |store| (kind, *store)));
        let all = all.enumerate().map(|(column, (kind, store))| MatrixCell {
            place,
            kind,
            store,
            random: random(column),
        });
        let all: Vec<_> = all.filter(is_wanted).collect();
        if options.matrix || options.failpoint.is_some() {
            cells.extend(all);
        } else if !all.is_empty() {
            // Over all failpoints, every kind is combined with every database.
            cells.push(all[row % all.len()]);
        }
    }
    cells
}

/// Runs the cells, several at once.
pub(crate) async fn run_all(options: Options) -> TestResult {
    let mut expected = HashMap::new();
    for store in Store::every() {
        expected.insert(store, without_fault(store).await?);
    }
    let (expected, permits) = (Arc::new(expected), Arc::new(Semaphore::new(options.concurrency)));
    let mut running = JoinSet::new();
    let cells = cells(&options);
    let count = cells.len();
    for cell in cells {
        let (expected, permits) = (Arc::clone(&expected), Arc::clone(&permits));
        running.spawn(async move {
            let _permit = permits.acquire().await.map_err(|error| error.to_string())?;
            let begun = Instant::now();
            let outcome = cell.run(&expected[&cell.store]).await;
            println!(
                "  {cell}: {} ({:.1} s)",
                if outcome.is_ok() { "held" } else { "FAILED" },
                begun.elapsed().as_secs_f64()
            );
            outcome.map_err(|what| format!("{cell}: {what}"))
        });
    }
    let mut failures = Vec::new();
    while let Some(ended) = running.join_next().await {
        failures.extend(ended.map_err(|error| error.to_string()).flatten().err());
    }
    if failures.is_empty() { Ok(format!("{count} cells held")) } else { Err(failures.join("\n\n")) }
}
