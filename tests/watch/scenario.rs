//! One run: servers, writers, readers and faults; then the comparison of what was received with what is stored; then a
//! restore, which every reader must get as a gap.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use hotline_server::platform::Store as Database;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use tokio::task::JoinSet;

use crate::fleet::{Fleet, Killer, Launch};
use crate::options::Options;
use crate::random::Random;
use crate::readers::Reader;
use crate::support::postgres;
use crate::support::server::{Options as ServerOptions, Server, Store, program};
use crate::support::temp_dir::TempDir;
use crate::support::wait;
use crate::switch::Switch;
use crate::validator::{Stored, check_staff, check_that_checks_can_fail, check_unit};
use crate::writers::{self, Clients, UNITS};

const REPLICAS: usize = 2;
/// The pause between two cuts, in milliseconds. A call needs a pause in which it can be answered, also on a machine
/// with other work.
const CUT_PAUSE_MS: (i64, i64) = (300, 2_000);
/// Tickets that a restore loses, and tickets that are written after it.
const LOST: u32 = 5;
/// The injected bug, and commits that are late enough to show it.
const BUG: &str = "bug.number_by_id=return;transaction.commit.before=10%return(delay)";
/// Readers of staff, each with its own connection.
const STAFF_READERS: usize = 3;

/// The size and the faults of a run.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    seed: u64,
    tickets: u32,
    writers: u32,
    /// The faults; none for a run without.
    faults: Option<Faults>,
    has_bug: bool,
}

/// What is done to a run.
#[derive(Debug, Clone, Copy)]
struct Faults {
    /// Cut connections and kills that there are at least.
    cuts_min: u32,
    kills_min: u32,
    /// The lifetime of a server.
    life_ms: (i64, i64),
}

/// Runs blocking code on a separate thread.
pub(crate) async fn blocking<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    let done = tokio::task::spawn_blocking(what).await;
    done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// The servers of a run.
pub(crate) struct Servers {
    pub(crate) setup_server: Arc<Server>,
    pub(crate) fleet: Fleet,
    pub(crate) url: String,
}

impl Servers {
    pub(crate) async fn start(failpoints: Option<&str>) -> Self {
        let setup_server = blocking(|| {
            let mut server = Server::start(Store::Postgres, ServerOptions::default());
            server.kill();
            server
        });
        let setup_server = Arc::new(setup_server.await);
        let url = setup_server.database().expect("it is on PostgreSQL").to_owned();
        let fleet = start_fleet(&setup_server, &url, failpoints).await;
        Self { setup_server, fleet, url }
    }
}

async fn start_fleet(setup_server: &Arc<Server>, url: &str, failpoints: Option<&str>) -> Fleet {
    let mut launch = Launch::on_postgres(url, setup_server.data_dir());
    launch.environment.extend(failpoints.map(|actions| ("FAILPOINTS".to_owned(), actions.to_owned())));
    blocking(move || Fleet::start(vec![launch; REPLICAS])).await
}

impl Scenario {
    /// The run with all faults.
    pub(crate) fn full(options: &Options) -> Self {
        let Options { seed, tickets, writers, .. } = *options;
        let (cuts_min, kills_min) = (options.disconnects, options.kills);
        let faults = Some(Faults { cuts_min, kills_min, life_ms: options.life_ms() });
        Self { seed, tickets, writers, faults, has_bug: false }
    }

    /// A run without faults, in which entries get their positions before their commits.
    pub(crate) const fn with_bug(seed: u64) -> Self {
        Self { seed, tickets: 60, writers: 8, faults: None, has_bug: true }
    }

    /// Runs it.
    ///
    /// # Errors
    /// What was missed, repeated or out of order.
    pub(crate) async fn run(&self) -> Result<String, String> {
        check_that_checks_can_fail()?;
        let Servers { setup_server, fleet, url } = Servers::start(self.has_bug.then_some(BUG)).await;
        let switch = Switch::to(&fleet.endpoints()).await;
        let clients = Clients::of(&switch.endpoint(), &setup_server);
        let mut readers = Vec::new();
        for place in 0..STAFF_READERS {
            // A connection of its own.
            let supervisor = Clients::of(&switch.endpoint(), &setup_server).supervisor;
            readers.push(Reader::start(&format!("staff {place}"), &supervisor).await);
        }
        for (unit, tickets) in UNITS.iter().zip(&clients.units) {
            readers.push(Reader::start(unit, tickets).await);
        }
        let killer = self.faults.map(|faults| fleet.start_killing_after(self.seed, faults.life_ms));
        let is_over = Arc::new(AtomicBool::new(false));
        let cuts = Arc::new(AtomicU32::new(0));
        let cutter = self
            .faults
            .map(|_| tokio::spawn(cut(switch.clone(), self.seed, Arc::clone(&is_over), Arc::clone(&cuts))));
        let has_enough = |begun: u32| {
            let is_hurt = |faults: Faults| {
                let kills = killer.as_ref().map_or(0, Killer::kills);
                cuts.load(Ordering::Relaxed) >= faults.cuts_min && kills >= faults.kills_min
            };
            begun >= self.tickets && self.faults.is_none_or(is_hurt)
        };
        self.write(&clients, has_enough).await?;
        is_over.store(true, Ordering::Relaxed);
        if let Some(cutter) = cutter {
            cutter.await.map_err(|error| error.to_string())?;
        }
        let kills = match killer {
            Some(killer) => blocking(move || killer.stop()).await,
            None => 0,
        };
        let stored = stored(&url).await;
        compare(&mut readers, &stored).await?;
        let events: u32 = stored.events.values().sum();
        let mut figures =
            format!("{events} events, {} cut connections, {kills} kills", cuts.load(Ordering::Relaxed));
        if self.faults.is_some() {
            restore(&setup_server, fleet, &url, &switch, &clients, &mut readers).await?;
            figures.push_str(", 1 restore");
        } else {
            blocking(move || fleet.end()).await;
        }
        Ok(format!("{figures}: nothing missed, repeated or out of order for {} readers", readers.len()))
    }

    /// Writes the tickets, and more until there were enough faults.
    async fn write(&self, clients: &Clients, has_enough: impl Fn(u32) -> bool) -> Result<(), String> {
        let mut running = JoinSet::new();
        let mut begun = 0;
        loop {
            while !has_enough(begun) && running.len() < self.writers as usize {
                let (clients, place) = (clients.clone(), begun);
                running.spawn(async move { writers::write(&clients, place).await });
                begun += 1;
            }
            match running.join_next().await {
                Some(Ok(Ok(_))) => {}
                Some(Ok(Err(error))) => return Err(format!("a writer failed: {error:?}")),
                Some(Err(error)) => return Err(format!("a writer panicked: {error}")),
                None => return Ok(()),
            }
        }
    }
}

/// Cuts connections until the run is over.
pub(crate) async fn cut(switch: Switch, seed: u64, is_over: Arc<AtomicBool>, cuts: Arc<AtomicU32>) {
    let mut random = Random::part(seed, 7);
    while !is_over.load(Ordering::Relaxed) {
        let pause = random.between(CUT_PAUSE_MS.0, CUT_PAUSE_MS.1).unsigned_abs();
        tokio::time::sleep(Duration::from_millis(pause)).await;
        cuts.fetch_add(switch.cut(), Ordering::Relaxed);
    }
}

/// A connection that counts the tickets that no unit has accepted yet. It costs the servers beside it little.
pub(crate) struct Waiting(Database);

impl Waiting {
    pub(crate) async fn open(url: &str) -> Self {
        Self(Database::open_postgres(url, 1).await.expect("the database can be opened"))
    }

    pub(crate) async fn count(&self) -> i64 {
        let sql = "SELECT count(*) FROM ticket WHERE is_open AND state IN ('RECEIVED', 'DISPATCHED')";
        let counted = Statement::from_string(DbBackend::Postgres, sql);
        let row = self.0.reader().query_one_raw(counted).await.expect("tickets can be counted");
        row.and_then(|row| row.try_get_by_index(0).ok()).expect("a count")
    }
}

/// What is stored, read beside the servers.
pub(crate) async fn stored(url: &str) -> Stored {
    let database = Database::open_postgres(url, 2).await.expect("the database can be opened");
    let db = database.reader();
    let query = async |sql: &str| {
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        db.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    let text =
        |row: &sea_orm::QueryResult, place: usize| -> String { row.try_get_by_index(place).expect("a text") };
    let count = |row: &sea_orm::QueryResult, place: usize| -> u32 {
        u32::try_from(row.try_get_by_index::<i64>(place).expect("a count")).expect("a small count")
    };
    let number = "lpad(ticket_number::text, 13, '0')";
    let events = query(&format!("SELECT {number}, count(*) FROM ticket_event GROUP BY 1")).await;
    let leads =
        query("SELECT lpad(number::text, 13, '0'), lead_unit FROM ticket WHERE lead_unit IS NOT NULL").await;
    let departures =
        query(&format!("SELECT unit, {number}, count(*) FROM ticket_departure GROUP BY 1, 2")).await;
    let stored = Stored {
        events: events.iter().map(|row| (text(row, 0), count(row, 1))).collect(),
        leads: leads.iter().map(|row| (text(row, 0), text(row, 1))).collect(),
        departures: departures.iter().map(|row| ((text(row, 0), text(row, 1)), count(row, 2))).collect(),
    };
    database.close().await;
    stored
}

/// Waits until every reader has received what is stored, and checks it then.
async fn compare(readers: &mut [Reader], stored: &Stored) -> Result<(), String> {
    for reader in readers {
        let check = |reader: &Reader| {
            let received = reader.received();
            match UNITS.iter().find(|unit| **unit == reader.name) {
                Some(unit) => check_unit(unit, &received, stored),
                None => check_staff(&received, stored),
            }
        };
        let is_valid = async || check(reader).is_ok().then_some(());
        if wait::find_within(Duration::from_secs(20), is_valid).await.is_none() {
            let wrong = check(reader).err().unwrap_or_default();
            let failure = reader.failure().await.map(|error| format!("\n  it ended: {error}"));
            return Err(format!("{}: {wrong}{}", reader.name, failure.unwrap_or_default()));
        }
    }
    Ok(())
}

/// Restores a backup that lacks the last tickets. Every reader gets a gap, a snapshot, and everything that follows.
async fn restore(
    setup_server: &Arc<Server>,
    fleet: Fleet,
    url: &str,
    switch: &Switch,
    clients: &Clients,
    readers: &mut [Reader],
) -> Result<(), String> {
    let aside = TempDir::new("watch-backup");
    let backup = aside.path().join("hotline.backup");
    let (from, to) = (url.to_owned(), backup.clone());
    blocking(move || postgres::shared().expect("it is running").dump(&from, &to)).await;
    let before = stored(url).await;
    for place in 0..LOST {
        writers::write(clients, place).await.map_err(|error| format!("{error:?}"))?;
    }
    compare(readers, &stored(url).await).await?;
    blocking(move || fleet.end()).await;

    let from = backup.clone();
    let restored = blocking(move || postgres::shared().expect("it is running").restore(&from)).await;
    let launch = Launch::on_postgres(&restored, setup_server.data_dir());
    blocking(move || {
        let mut command = program();
        command.args(["restore", "--in-place", "--by", "ops.wang", "--reason", "disk lost"]);
        let output = command.args(&launch.flags).current_dir(&launch.home).output();
        let output = output.expect("the program can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    })
    .await;
    let fleet = start_fleet(setup_server, &restored, None).await;
    switch.connect_to(&fleet.endpoints());
    for reader in readers.iter() {
        let has_gap = async || {
            let received = reader.received();
            (received.gaps == 1 && received.snapshot.is_some()).then_some(())
        };
        if wait::find_within(wait::WAIT_MAX, has_gap).await.is_none() {
            return Err(format!(
                "{}: was not told of the restore: {:?}",
                reader.name,
                reader.received().gaps
            ));
        }
    }
    for place in 0..LOST {
        writers::write(clients, place).await.map_err(|error| format!("{error:?}"))?;
    }
    let after = stored(&restored).await;
    let new = Stored {
        events: after.events.into_iter().filter(|(ticket, _)| !before.events.contains_key(ticket)).collect(),
        leads: after.leads.into_iter().filter(|(ticket, _)| !before.leads.contains_key(ticket)).collect(),
        departures: after
            .departures
            .into_iter()
            .filter(|(key, _)| !before.departures.contains_key(key))
            .collect(),
    };
    let verdict = compare(readers, &new).await;
    blocking(move || fleet.end()).await;
    verdict
}
