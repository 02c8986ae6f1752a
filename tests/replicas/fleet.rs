//! Several real server processes on one database, and their killer: SIGKILL at random moments from the seed, and a
//! restart at the old address.

use std::net::TcpListener;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::random::Random;
use crate::support::process::Process;
use crate::support::server::program;

/// The lifetime of a server before it is killed, in milliseconds: minimum and maximum.
const LIFE: (i64, i64) = (300, 1_800);
/// How long it stays down.
const DOWN: (i64, i64) = (0, 400);
/// Ports outside the range that systems assign.
const PORTS: Range<u16> = 20_000..30_000;

/// The start parameters of a server.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// Flags beside the address.
    pub(crate) flags: Vec<String>,
    /// Variables of its environment.
    pub(crate) environment: Vec<(String, String)>,
    /// Its working directory.
    pub(crate) home: PathBuf,
}

impl Launch {
    /// On PostgreSQL, with the credentials and keys that another server has made.
    pub(crate) fn on_postgres(url: &str, setup_server: &Path) -> Self {
        let of_house = |key: &str, file: &str| format!("{key}={}", setup_server.join(file).display());
        let credentials = of_house("access.credentials", "credentials.toml");
        let keys = of_house("vault.keys", "vault-keys.toml");
        let signing = of_house("audit_log.signing_key", "signing-key.pem");
        let flags = ["--database", url, "--set", &credentials, "--set", &keys, "--set", &signing]
            .map(str::to_owned)
            .to_vec();
        Self { flags, environment: Vec::new(), home: setup_server.to_owned() }
    }

    /// On the file of another server, with its credentials.
    pub(crate) fn on_sqlite(setup_server: &Path) -> Self {
        let flags = vec!["--data-dir".to_owned(), setup_server.display().to_string()];
        Self { flags, environment: Vec::new(), home: setup_server.to_owned() }
    }

    fn start(&self, address: &str) -> Process {
        let mut command = program();
        command.args(["serve", "--listen", address]).args(&self.flags).current_dir(&self.home);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let process = Process::spawn(command);
        process.wait_for_line("telling its address", |line| {
            line.starts_with("listening on http://").then_some(())
        });
        process
    }
}

/// A free address. A server keeps it while it is down, so its port is outside the range that the system assigns, and is
/// not used again in this process.
fn free_address() -> String {
    static TAKEN_PORTS: AtomicU16 = AtomicU16::new(0);
    let span = PORTS.end - PORTS.start;
    // Two test processes start at different ports.
    let first = u16::try_from(std::process::id() % u32::from(span)).expect("less than the span");
    loop {
        let next = first.wrapping_add(TAKEN_PORTS.fetch_add(1, Ordering::Relaxed)) % span;
        let address = format!("127.0.0.1:{}", PORTS.start + next);
        if TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
}

/// A server that can be killed and restarted.
#[derive(Debug)]
pub(crate) struct Replica {
    process: Process,
    address: String,
    launch: Launch,
    /// Its logged errors before the last restart.
    errors: Vec<String>,
}

impl Replica {
    /// Starts it and waits until it listens.
    pub(crate) fn start(launch: Launch) -> Self {
        let address = free_address();
        Self { process: launch.start(&address), address, launch, errors: Vec::new() }
    }

    /// Kills it (SIGKILL).
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Restarts it at its address, and waits until it listens.
    pub(crate) fn restart(&mut self) {
        self.process.kill();
        self.errors = self.errors();
        self.process = self.launch.start(&self.address);
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All its logged errors.
    pub(crate) fn errors(&self) -> Vec<String> {
        let said = self.process.output();
        let errors = said.lines().filter(|line| line.contains(" ERROR ") || line.contains("panicked"));
        self.errors.iter().cloned().chain(errors.map(str::to_owned)).collect()
    }
}

/// The servers of a run.
#[derive(Debug)]
pub(crate) struct Fleet {
    replicas: Vec<Arc<Mutex<Replica>>>,
}

impl Fleet {
    /// Starts the servers concurrently and waits until all of them listen.
    pub(crate) fn start(launches: Vec<Launch>) -> Self {
        let starting: Vec<_> =
            launches.into_iter().map(|launch| thread::spawn(|| Replica::start(launch))).collect();
        let started = starting.into_iter().map(|start| start.join().expect("a server starts"));
        Self { replicas: started.map(|replica| Arc::new(Mutex::new(replica))).collect() }
    }

    /// Their addresses.
    pub(crate) fn endpoints(&self) -> Vec<String> {
        self.each(|replica| replica.endpoint())
    }

    /// Ends all of them; returns their logged errors.
    pub(crate) fn end(&self) -> Vec<String> {
        self.each(Replica::kill);
        self.each(|replica| replica.errors()).concat()
    }

    fn each<T>(&self, mut what: impl FnMut(&mut Replica) -> T) -> Vec<T> {
        self.replicas
            .iter()
            .map(|replica| what(&mut replica.lock().unwrap_or_else(PoisonError::into_inner)))
            .collect()
    }

    /// Kills and restarts each of them, until [`Killer::stop`].
    pub(crate) fn start_killing(&self, seed: u64) -> Killer {
        self.start_killing_after(seed, LIFE)
    }

    /// The same, with the shortest and the longest lifetime of a server in milliseconds.
    pub(crate) fn start_killing_after(&self, seed: u64, life: (i64, i64)) -> Killer {
        let kills = Arc::<AtomicU32>::default();
        let kill_and_restart = |(place, replica): (u64, &Arc<Mutex<Replica>>)| {
            let (stop, stopped) = channel();
            let (replica, random) = (Arc::clone(replica), Random::part(seed, 100 + place));
            let kills = Arc::clone(&kills);
            (stop, thread::spawn(move || kill_and_restart(&replica, random, life, &stopped, &kills)))
        };
        let hunts = (0..).zip(&self.replicas).map(kill_and_restart).collect();
        Killer { hunts, kills }
    }
}

/// The killer of a fleet's servers.
#[derive(Debug)]
pub(crate) struct Killer {
    hunts: Vec<(Sender<()>, JoinHandle<()>)>,
    kills: Arc<AtomicU32>,
}

impl Killer {
    /// How often a server was killed so far.
    pub(crate) fn kills(&self) -> u32 {
        self.kills.load(Ordering::Relaxed)
    }

    /// Stops; returns how often a server was killed. All of them run then.
    pub(crate) fn stop(mut self) -> u32 {
        for (stop, _) in &self.hunts {
            // A panic of the killer is reported below.
            let _ = stop.send(());
        }
        for (_, kill_and_restart) in std::mem::take(&mut self.hunts) {
            kill_and_restart.join().expect("a server starts again");
        }
        self.kills()
    }
}

/// Kills one server again and again, and counts it. It runs at the end, unless the run was aborted.
fn kill_and_restart(
    replica: &Mutex<Replica>,
    mut random: Random,
    life: (i64, i64),
    stopped: &Receiver<()>,
    kills: &AtomicU32,
) {
    let mut wait = |(from, to): (i64, i64)| {
        stopped.recv_timeout(Duration::from_millis(random.between(from, to).unsigned_abs()))
    };
    while wait(life) == Err(RecvTimeoutError::Timeout) {
        let mut replica = replica.lock().unwrap_or_else(PoisonError::into_inner);
        replica.kill();
        kills.fetch_add(1, Ordering::Relaxed);
        let down = wait(DOWN);
        if down == Err(RecvTimeoutError::Disconnected) {
            break;
        }
        replica.restart();
        if down.is_ok() {
            break;
        }
    }
}
