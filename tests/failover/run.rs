//! One run: a pair of clusters, a server on both hosts, callers, failovers, and the checks at the end.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use hotline_client::{DevelopmentCredentials, HotlineClient, Role};
use tokio::task::JoinSet;

use crate::TestResult;
use crate::load::{Clients, LOST, Load, Seen, version_of};
use crate::pair::{Loss, Pair, Replication};
use crate::support::postgres::free_port;
use crate::support::process::Process;
use crate::support::server::program;
use crate::support::temp_dir::TempDir;

/// The log of a server that reads lists from a standby.
const LISTS_MOVED: &str = "lists are read from another database host";
/// Callers at the same time.
const CALLERS: usize = 6;
/// Answers between two failovers, and after the last one.
const ANSWERS_BETWEEN: u32 = 150;
/// The longest time without an answer in a sound run, and in one that must fail.
const WAIT_MAX: Duration = Duration::from_mins(1);
const SHORT_WAIT_MAX: Duration = Duration::from_secs(15);
/// The pause between two looks at the load.
const POLL: Duration = Duration::from_millis(50);

/// What a run does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    failovers: u32,
    /// A failpoint of the server.
    bug: Option<&'static str>,
    replication: Replication,
    wait_max: Duration,
}

/// A server process and its data directory.
struct RunningServer {
    process: Process,
    endpoint: String,
    home: TempDir,
}

impl Run {
    /// A run without a bug.
    pub(crate) const fn sound(failovers: u32) -> Self {
        Self { failovers, bug: None, replication: Replication::Synchronous, wait_max: WAIT_MAX }
    }

    /// A run with a bug, which must fail.
    pub(crate) const fn with_bug(bug: &'static str) -> Self {
        Self { failovers: 1, bug: Some(bug), wait_max: SHORT_WAIT_MAX, ..Self::sound(1) }
    }

    /// A run whose primary acknowledges what its standby has not received. It must fail, because tickets are lost.
    pub(crate) const fn without_synchronous_standby() -> Self {
        Self { replication: Replication::Asynchronous, ..Self::sound(1) }
    }

    /// Runs it; returns the figures.
    ///
    /// # Errors
    /// What was lost, done twice, refused or not answered.
    pub(crate) async fn run(self) -> TestResult {
        let pair = blocking(move || Pair::start(self.replication)).await?;
        let url = pair.url();
        let server = blocking(move || RunningServer::start(&url, self.bug)).await?;
        let load = Load::new(server.clients()?, self.wait_max);
        let mut callers: JoinSet<_> = (0..CALLERS).map(|_| load.clone().work()).collect();
        let (pair, outages) = self.fail_over(pair, &load, &mut callers).await?;
        load.close();
        let mut all = Seen::default();
        while let Some(seen) = callers.join_next().await {
            let seen = seen.map_err(|error| error.to_string())??;
            all.tickets.extend(seen.tickets);
            all.repeats += seen.repeats;
            all.longest = all.longest.max(seen.longest);
        }
        check(&all, &load, &pair).await?;
        if !server.process.output().contains(LISTS_MOVED) {
            return Err("no standby has answered lists".to_owned());
        }
        let verified = verify(&pair.url(), server.home.path())?;
        let longest = outages.iter().max().copied().unwrap_or_default();
        Ok(format!(
            "{} failovers, {} tickets, nothing lost or doubled; longest outage {:.1} s, longest answer {:.1} s, \
             {} repeats; {verified}",
            self.failovers,
            all.tickets.len(),
            longest.as_secs_f64(),
            all.longest.as_secs_f64(),
            all.repeats,
        ))
    }

    /// Loses the primary so often; returns how long it took each time until calls were answered again.
    async fn fail_over(
        self,
        mut pair: Pair,
        load: &Load,
        callers: &mut JoinSet<Result<Seen, String>>,
    ) -> Result<(Pair, Vec<Duration>), String> {
        let mut outages = Vec::new();
        for failover in 0..self.failovers {
            wait_for_answers(load, callers, ANSWERS_BETWEEN).await?;
            if self.replication == Replication::Asynchronous {
                // A standby on the same machine has everything within a millisecond, unless it is kept from it.
                pair = blocking(move || {
                    pair.cut_replication();
                    pair
                })
                .await?;
                wait_for_answers(load, callers, ANSWERS_BETWEEN).await?;
            }
            let begun = Instant::now();
            let losing = tokio::task::spawn_blocking(move || {
                pair.fail_over(Loss::of(failover));
                pair
            });
            // Some answers may be on their way still.
            tokio::time::sleep(POLL).await;
            let answers =
                wait_for_answers(load, callers, u32::try_from(CALLERS).unwrap_or(u32::MAX) + 1).await;
            let outage = begun.elapsed();
            pair = losing.await.map_err(|error| error.to_string())?;
            answers?;
            outages.push(outage);
        }
        wait_for_answers(load, callers, ANSWERS_BETWEEN).await?;
        Ok((pair, outages))
    }
}

/// Waits until so many more requests were answered.
///
/// # Errors
/// If a caller has ended.
async fn wait_for_answers(
    load: &Load,
    callers: &mut JoinSet<Result<Seen, String>>,
    more: u32,
) -> Result<(), String> {
    let before = load.answers();
    while load.answers() < before + more {
        if let Some(ended) = callers.try_join_next() {
            ended.map_err(|error| error.to_string())??;
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

/// Checks that each acknowledged ticket is there once, in the acknowledged version or a later one, and no other ticket.
async fn check(all: &Seen, load: &Load, pair: &Pair) -> Result<(), String> {
    for (number, version) in &all.tickets {
        let read = load.clients.dispatcher.tickets().get_ticket(number).await;
        let read = read.map_err(|error| format!("the acknowledged ticket {number} {LOST}: {error:?}"))?;
        if version_of(&read.etag)? < *version {
            return Err(format!("{number} was acknowledged in version {version}, and has {}", read.etag));
        }
    }
    let numbers: HashSet<_> = all.tickets.iter().map(|(number, _)| number).collect();
    if numbers.len() != all.tickets.len() {
        return Err(format!("{} tickets have {} numbers", all.tickets.len(), numbers.len()));
    }
    let stored = pair.count("SELECT count(*) FROM ticket");
    if usize::try_from(stored).ok() != Some(all.tickets.len()) {
        return Err(format!("{} requests made {stored} tickets", all.tickets.len()));
    }
    let unlike = "SELECT count(*) FROM ticket AS t WHERE t.version <> \
                  (SELECT count(*) FROM ticket_event AS e WHERE e.ticket_number = t.number)";
    match pair.count(unlike) {
        0 => Ok(()),
        unlike => Err(format!("{unlike} tickets have other events than their version says")),
    }
}

impl RunningServer {
    fn start(url: &str, bug: Option<&str>) -> Self {
        let home = TempDir::new("failover-server");
        let address = format!("127.0.0.1:{}", free_port());
        let mut command = program();
        command.args(["serve", "--listen", &address, "--database", url, "--data-dir"]).arg(home.path());
        command.args(["--set", "database_readers=standby"]);
        command.current_dir(home.path()).envs(bug.map(|bug| ("FAILPOINTS", bug)));
        let process = Process::spawn(command);
        process.wait_for_line("telling its address", |line| line.starts_with("listening on").then_some(()));
        Self { process, endpoint: format!("http://{address}"), home }
    }

    fn clients(&self) -> Result<Clients, String> {
        let file = self.home.path().join("development-credentials.toml");
        let credentials = DevelopmentCredentials::read(file).map_err(|error| error.to_string())?;
        let anybody = HotlineClient::builder().endpoint(&self.endpoint).deadline(Duration::from_secs(30));
        let anybody = anybody.connect_lazy().map_err(|error| error.to_string())?;
        let client = |role| {
            let token = credentials.for_role(role).map_err(|error| error.to_string())?;
            anybody.with_token(token).map_err(|error| error.to_string())
        };
        Ok(Clients { agent: client(Role::Agent)?, dispatcher: client(Role::Dispatcher)? })
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the server said:\n{}", self.process.output());
        }
    }
}

/// Verifies the whole audit log with the program.
fn verify(url: &str, home: &Path) -> TestResult {
    let mut command = program();
    command.args(["verify", "--database", url, "--data-dir"]).arg(home).current_dir(home);
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok("the audit log is sound".to_owned());
    }
    Err(format!("the audit log is not sound: {}", String::from_utf8_lossy(&output.stdout)))
}

/// Runs what blocks on a thread of its own.
async fn blocking<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(what).await.map_err(|error| error.to_string())
}
