//! The machine of the servers: an executor with one thread, the database's file, and the ways in which servers can end.
//! A server that dies loses its tasks. If everything is killed, the next start uses a copy of the files at that moment,
//! as after `SIGKILL`.

use std::fs;
use std::path::{Path, PathBuf};

use hotline_server::platform::Store;
use tokio::runtime::{Builder, Runtime};

use super::pause_points::{PausePoint, PausePoints};
use crate::temp_dir::TempDir;

/// Linux's file system in memory. No file here must outlive the machine, so nothing has to wait for a disk.
const IN_MEMORY: &str = "/dev/shm";
/// The name of the database's file.
const FILE: &str = "hotline.sqlite";
/// The suffix of its log, which holds commits that are not yet in the file.
const LOG: &str = "-wal";

/// An executor, a folder, and the open store in it.
#[derive(Debug)]
pub(super) struct Machine {
    folder: TempDir,
    /// How often everything was killed; each start has its own folder.
    kills: u32,
    /// Whether a kill loses the log; an injected bug.
    is_forgetful: bool,
    runtime: Runtime,
    store: Option<Store>,
    pause_points: PausePoints,
}

fn folder() -> TempDir {
    let in_memory = Path::new(IN_MEMORY);
    if in_memory.is_dir() { TempDir::under(in_memory, "city") } else { TempDir::new("city") }
}

fn runtime() -> Result<Runtime, String> {
    Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(drop).map_err(|error| format!("{}: {error}", from.display()))
}

/// The file beside another one, with this suffix.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

impl Machine {
    /// A machine with an empty folder.
    pub(super) fn new(is_forgetful: bool) -> Result<Self, String> {
        let machine = Self {
            folder: folder(),
            kills: 0,
            is_forgetful,
            runtime: runtime()?,
            store: None,
            pause_points: PausePoints::default(),
        };
        machine.make_folder()?;
        Ok(machine)
    }

    /// A machine whose file is a copy of another one's, which is shut down.
    pub(super) fn like(other: &Self, is_forgetful: bool) -> Result<Self, String> {
        let machine = Self::new(is_forgetful)?;
        copy(&other.path(), &machine.path())?;
        Ok(machine)
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join(self.kills.to_string())
    }

    fn path(&self) -> PathBuf {
        self.home().join(FILE)
    }

    fn make_folder(&self) -> Result<(), String> {
        fs::create_dir(self.home()).map_err(|error| error.to_string())
    }

    /// The store, opened if necessary.
    pub(super) fn store(&mut self) -> Result<Store, String> {
        if let Some(store) = &self.store {
            return Ok(store.clone());
        }
        let opened = self.runtime.block_on(Store::open_sqlite(&self.path()));
        let store = opened.map_err(|fault| fault.to_string())?;
        self.store = Some(store.clone());
        Ok(store)
    }

    /// Runs a call to its end.
    pub(super) fn run<T>(&self, call: impl Future<Output = T>) -> T {
        self.runtime.block_on(call)
    }

    /// Runs a call to a point, or to its end if it does not get there. At the point the call is dropped. Its started
    /// work is paused until [`Machine::hang_up`], [`Machine::die`] or [`Machine::kill`].
    pub(super) fn run_until<T>(
        &mut self,
        point: PausePoint,
        call: impl Future<Output = T>,
    ) -> Result<Option<T>, String> {
        let store = self.store()?;
        self.runtime.block_on(self.pause_points.watch(&store))?;
        self.pause_points.arm(point);
        let pause_points = &self.pause_points;
        let outcome = self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = pause_points.reached() => None,
                outcome = call => Some(outcome),
            }
        });
        self.pause_points.disarm();
        Ok(outcome)
    }

    /// The caller has disconnected; its started work continues, and has ended when this returns.
    pub(super) fn hang_up(&mut self) -> Result<(), String> {
        self.pause_points.let_go();
        let store = self.store()?;
        let pool = store.migrating().get_sqlite_connection_pool();
        // There is one writing connection, and it is given out in the order of requests.
        self.runtime.block_on(async { pool.acquire().await.map(drop) }).map_err(|error| error.to_string())
    }

    /// The server dies: its tasks end at their present point, and so does the connection that they wrote on.
    pub(super) fn die(&mut self) -> Result<(), String> {
        self.runtime = runtime()?;
        self.pause_points.let_go();
        self.pause_points.wait_for_the_end();
        Ok(())
    }

    /// Everything is killed in the middle of its work. All stores of servers must be dropped before.
    pub(super) fn kill(&mut self) -> Result<(), String> {
        let (before, gone) = (self.path(), self.home());
        self.kills += 1;
        self.make_folder()?;
        copy(&before, &self.path())?;
        let log = beside(&before, LOG);
        if log.exists() && !self.is_forgetful {
            copy(&log, &beside(&self.path(), LOG))?;
        }
        self.store = None;
        self.die()?;
        // SQLite may still use the readers' files; the folder is removed with the machine in any case.
        let _ = fs::remove_dir_all(gone);
        Ok(())
    }

    /// Shuts the store down, like a server that is asked to end.
    pub(super) fn shut_down(&mut self) {
        if let Some(store) = self.store.take() {
            self.runtime.block_on(store.close());
            drop(store);
            self.pause_points.wait_for_the_end();
        }
    }
}
