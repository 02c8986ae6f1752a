//! A real server process: started, killed, restarted and ended, as by an operator or an accident.
//!
//! When it is dropped, it is killed, all that it wrote is searched for callers, and its data directory is removed. A
//! restarted server has its old address, so that clients find it again.
//!
//! These calls block. A story whose own connections must receive the server's GOAWAY frame must call
//! [`Server::terminate`] where its runtime continues meanwhile: on a multi-threaded runtime, or from `spawn_blocking`.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, SystemTime};
use std::{fs, thread};

use super::canary::{self, SearchedOutput};
use super::credentials::{self, Credential};
pub(crate) use super::launch::{Options, program};
use super::launch::{command_on, launch, try_launch};
use super::process::Process;
use super::temp_dir::TempDir;
use super::{migrated_database, postgres};

/// The store of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub(crate) enum Store {
    /// A file in the data directory.
    Sqlite,
    /// A separate database in the cluster of this test process.
    Postgres,
}

impl Store {
    /// The stores to run a story on: both, or only `SQLite` on a developer's machine without `PostgreSQL`, which is
    /// reported.
    pub(crate) fn every() -> Vec<Self> {
        let postgres = postgres::shared().map(|_| Self::Postgres);
        [Self::Sqlite].into_iter().chain(postgres).collect()
    }
}

/// A server process with a data directory of its own.
#[derive(Debug)]
pub(crate) struct Server {
    process: Process,
    /// `http` or `https`.
    scheme: String,
    /// `127.0.0.1:PORT`
    address: String,
    database: Option<String>,
    options: Options,
    first_start: FirstStart,
    /// Its output before it was restarted.
    said_before: String,
    /// Last, so that it is dropped after the process has ended.
    home: TempDir,
}

/// When a server was started for the first time.
#[derive(Debug)]
struct FirstStart {
    at: SystemTime,
    /// The length that the cluster's log had then.
    log_before: u64,
}

impl FirstStart {
    fn of(database: Option<&str>, home: &TempDir) -> Self {
        let cluster = database.and_then(|_| postgres::shared());
        // By the file system's own clock, with which its files are compared.
        let made = fs::metadata(home.path()).and_then(|about| about.modified());
        let at = made.expect("the directory is there") - Duration::from_secs(2);
        Self { at, log_before: cluster.map_or(0, |cluster| cluster.log().1) }
    }
}

/// The URL of a new database whose statements are all in the cluster's log: one in which the migrations have run, or an
/// empty one.
fn watched_database(is_migrated: bool) -> String {
    let cluster = postgres::shared().expect("PostgreSQL is installed");
    let database = if is_migrated { migrated_database::create(cluster) } else { cluster.database() };
    cluster.watch(&database);
    database
}

impl Server {
    /// Starts a server on a new store and waits until it listens.
    pub(crate) fn start(store: Store, options: Options) -> Self {
        let database = match store {
            Store::Sqlite => None,
            Store::Postgres => Some(watched_database(!options.is_in_service())),
        };
        Self::open(database, options)
    }

    /// Starts a server on an empty store with `faulty` options. If it ends instead of listening, starts it again with
    /// other options; returns its first output.
    pub(crate) fn start_after_fault(
        store: Store,
        faulty: &Options,
        options: Options,
    ) -> (Self, Option<String>) {
        let database = match store {
            Store::Sqlite => None,
            Store::Postgres => Some(watched_database(false)),
        };
        let home = TempDir::new("server");
        let first_start = FirstStart::of(database.as_deref(), &home);
        match try_launch("127.0.0.1:0", database.as_deref(), faulty, home.path()) {
            Ok(launched) => (Self::of(database, options, home, first_start, launched), None),
            Err(said) => {
                let launched = launch("127.0.0.1:0", database.as_deref(), &options, home.path());
                let mut server = Self::of(database, options, home, first_start, launched);
                server.said_before.clone_from(&said);
                (server, Some(said))
            }
        }
    }

    /// Starts a server on `SQLite` in an existing directory.
    pub(crate) fn start_in(home: TempDir, options: Options) -> Self {
        let first_start = FirstStart::of(None, &home);
        let launched = launch("127.0.0.1:0", None, &options, home.path());
        Self::of(None, options, home, first_start, launched)
    }

    /// Starts a server on an existing database, or on its own file.
    fn open(database: Option<String>, options: Options) -> Self {
        let home = TempDir::new("server");
        let first_start = FirstStart::of(database.as_deref(), &home);
        if options.is_in_service() {
            let founded = command_on("migrate", database.as_deref(), &options, home.path()).output();
            let founded = founded.expect("the program can be run");
            assert!(founded.status.success(), "{}", String::from_utf8_lossy(&founded.stderr));
        }
        let launched = launch("127.0.0.1:0", database.as_deref(), &options, home.path());
        Self::of(database, options, home, first_start, launched)
    }

    fn of(
        database: Option<String>,
        options: Options,
        home: TempDir,
        first_start: FirstStart,
        (process, scheme, address): (Process, String, String),
    ) -> Self {
        Self { process, scheme, address, database, options, first_start, said_before: String::new(), home }
    }

    /// Another server on the same PostgreSQL database, with the same keys and options, and its own development
    /// credentials.
    pub(crate) fn beside(&self) -> Self {
        let database = self.database.clone();
        assert!(database.is_some(), "SQLite has one server");
        let keys = self.data_dir().join("vault-keys.toml");
        let options = self.options.clone().set("vault.keys", &format!("{:?}", keys.display().to_string()));
        Self::open(database, options)
    }

    /// Runs a command of the program on this server's data; returns its exit status and output.
    pub(crate) fn run(&self, command: &[&str]) -> (Option<i32>, String) {
        let (name, arguments) = command.split_first().expect("a command has a name");
        let mut command = command_on(name, self.database.as_deref(), &self.options, self.home.path());
        let output = command.args(arguments).stdin(Stdio::null()).output().expect("the program can be run");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), said + &String::from_utf8_lossy(&output.stderr))
    }

    /// Starts the server on its data, which it must refuse; returns its message.
    pub(crate) fn refused_start(&self) -> String {
        let mut command = command_on("serve", self.database.as_deref(), &self.options, self.home.path());
        command.args(["--listen", "127.0.0.1:0"]);
        let mut process = Process::spawn(command);
        let status = process.wait();
        let said = process.output();
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(!said.contains("listening on"), "{said}");
        said
    }

    /// Waits until the process has ended by itself; returns its exit status.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.process.wait()
    }

    /// Lets it serve another PostgreSQL database from its next start on.
    pub(crate) fn move_to(&mut self, database: String) {
        self.database = Some(database);
    }

    /// The address for clients: `http://127.0.0.1:PORT`, or `https` if it has a certificate.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Its listening address: `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Its process id.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The data directory.
    pub(crate) fn data_dir(&self) -> &Path {
        self.home.path()
    }

    /// The URL of the database; `None` on `SQLite`.
    pub(crate) fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// The token of the first development credential with this role and the fewest others.
    pub(crate) fn token(&self, role: &str) -> String {
        self.find_token(role, |credential| credential.roles.iter().any(|held| held == role))
    }

    /// The token of a credential that acts for this unit.
    pub(crate) fn unit_token(&self, unit: &str) -> String {
        self.find_token(unit, |credential| credential.unit.as_deref() == Some(unit))
    }

    /// The token of the development credential of this name.
    pub(crate) fn principal_token(&self, name: &str) -> String {
        self.find_token(name, |credential| credential.principal == name)
    }

    /// The output of all its processes.
    pub(crate) fn said(&self) -> String {
        format!("{}{}", self.said_before, self.output())
    }

    /// The output of the process so far, in whole lines.
    pub(crate) fn output(&self) -> String {
        self.process.output()
    }

    /// Waits until the process writes a line with these words; returns the line. A log line may come after the answer
    /// to its call, so a test must not search for it just once.
    pub(crate) fn wait_for_line(&self, words: &str) -> String {
        self.process.wait_for_line(words, |line| line.contains(words).then(|| line.to_owned()))
    }

    /// Configures a failpoint, `place=actions`, and waits until the process has confirmed it; returns whether it lives.
    pub(crate) fn set_failpoint(&mut self, assignment: &str) -> bool {
        let confirmed = format!("failpoint: {assignment}");
        if !self.process.write_line(assignment) {
            return false;
        }
        let answer = self
            .process
            .wait_for_line(&confirmed, |line| line.starts_with(&confirmed).then(|| line.to_owned()));
        assert_eq!(answer, confirmed, "the failpoint is not known");
        true
    }

    /// Whether the process has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.process.has_ended()
    }

    /// Ends the process at once, as a crash does (SIGKILL).
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Sends SIGTERM, waits until the process has ended; returns its exit status.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.process.terminate()
    }

    /// Sends the process a signal, by its name without SIG.
    pub(crate) fn signal(&self, name: &str) {
        self.process.signal(name);
    }
    /// Its options.
    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }

    /// Its options from the next start on.
    pub(crate) fn set_options(&mut self, options: Options) {
        self.options = options;
    }

    /// Restarts the server on its data, at its address, with other options.
    pub(crate) fn restart_with(&mut self, options: Options) {
        self.set_options(options);
        self.restart();
    }

    /// Restarts the server on its data, at its address; a running process is killed first.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.said_before.push_str(&self.process.output());
        (self.process, self.scheme, self.address) =
            launch(&self.address, self.database.as_deref(), &self.options, self.home.path());
    }

    /// The places with one of these marks, of all that the server wrote so far.
    pub(crate) fn find_marks(&self, marks: &[&str]) -> Vec<String> {
        self.with_remains(|remains| canary::find(remains, marks))
    }

    fn with_remains<T>(&self, look: impl FnOnce(&SearchedOutput<'_>) -> T) -> T {
        let said = self.said();
        let mut places = vec![self.home.path().to_owned()];
        let mut tail = None;
        if let Some((database, cluster)) = self.database.as_ref().zip(postgres::shared()) {
            places.extend(cluster.folders(database));
            tail = Some((cluster.log().0, self.first_start.log_before));
        }
        look(&SearchedOutput { places, since: self.first_start.at, said: &said, tail })
    }

    /// Migrates the database as its owner, for the cluster's serving role, and restarts the server as that role.
    pub(crate) fn restart_as_serving_role(&mut self) {
        self.kill();
        let owner = self.database.take().expect("PostgreSQL has roles");
        let mut migrate = program();
        migrate.args(["migrate", "--serving-role", postgres::SERVING_ROLE, "--database", &owner]);
        let migrated = migrate.current_dir(self.home.path()).output().expect("the program can be run");
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
        self.database = Some(postgres::as_role(&owner, postgres::SERVING_ROLE));
        self.restart();
    }

    fn find_token(&self, wanted: &str, fits: impl Fn(&Credential) -> bool) -> String {
        credentials::find_token(&self.data_dir().join("development-credentials.toml"), wanted, fits)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the server at {} had said:\n{}", self.address, self.output());
        } else {
            self.process.kill();
            self.with_remains(canary::assert_silent);
        }
    }
}
