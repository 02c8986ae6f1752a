//! Throw-away PostgreSQL: one cluster for each test process, one database for each test, durable settings, nothing left
//! behind.
//!
//! The cluster belongs to `postgres.sh`, a shell that holds a pipe to this process and stops and removes the cluster
//! when the pipe closes. So it ends with the process in every case, and nothing here needs to run at exit. It listens
//! only on loopback. Nothing is written before the data directory behind the port is proved to be the right one.
//!
//! If PostgreSQL is not installed, CI fails. On other machines [`shared`] returns nothing and says once what was not
//! run.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, io};

use super::temp_dir::TempDir;

const KEEPER: &str = include_str!("postgres.sh");

/// The superuser of every cluster, without a password. The product runs as one of the two roles below, because
/// row-level security does not hold for a superuser.
const USER: &str = "hotline";
/// The owner of the databases.
const OWNER: &str = "hotline_owner";
/// A role that owns nothing, and may serve after `migrate --serving-role`.
pub(crate) const SERVING_ROLE: &str = "hotline_server";

/// A free port may be taken before the server binds it; this many failures in a row are no accident.
const PORT_TRIES: u32 = 5;

/// The longest time that psql waits for a connection, in seconds.
const CONNECT_SECONDS: &str = "20";

/// The cluster of this process, started at the first use. `None` if PostgreSQL is not installed, but never in CI.
pub(crate) fn shared() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    SHARED
        .get_or_init(|| {
            let bin = programs();
            if bin.is_none() {
                miss();
            }
            bin.map(|bin| Cluster::start(&bin))
        })
        .as_ref()
}

/// Fails CI if half of the suite could not run; informs a developer.
fn miss() {
    let why = "PostgreSQL's programs are neither in PATH nor in /usr/lib/postgresql/*/bin";
    let how = "get them with `apt-get install postgresql`";
    assert!(env::var_os("CI").is_none(), "{why}; {how}");
    // Not eprintln!, which the test harness hides for every test that passes.
    let written = writeln!(io::stderr(), "NOT RUN: the tests on PostgreSQL; SQLite's are. {why}; {how}.");
    written.expect("standard error is open");
}

/// A running cluster. Dropping it stops and removes it.
#[derive(Debug)]
pub(crate) struct Cluster {
    keeper: Child,
    /// Open as long as the cluster must live.
    pipe: Option<ChildStdin>,
    bin: PathBuf,
    port: u16,
    next_database: AtomicU32,
    /// Last, so that it is dropped after the server has stopped.
    home: TempDir,
}

impl Cluster {
    fn start(bin: &Path) -> Self {
        let home = TempDir::new("postgres");
        let mut keeper = keeper(bin, home.path());
        let mut pipe = keeper.stdin.take().expect("the keeper's input is a pipe");
        let mut answers = BufReader::new(keeper.stdout.take().expect("the keeper's output is a pipe"));
        expect_answer(&mut answers, "initialised", home.path());
        let port = (0..PORT_TRIES)
            .map(|_| free_port())
            .find(|port| {
                writeln!(pipe, "{port}").expect("the keeper listens");
                answer(&mut answers) == "started"
            })
            .unwrap_or_else(|| panic!("PostgreSQL did not start:\n{}", logs(home.path())));
        let next_database = AtomicU32::new(1);
        let cluster = Self { keeper, pipe: Some(pipe), bin: bin.to_path_buf(), port, next_database, home };
        cluster.prove_own_data_directory();
        for role in [OWNER, SERVING_ROLE] {
            cluster.psql(&cluster.url("postgres"), &format!("CREATE ROLE {role} LOGIN"));
        }
        cluster
    }

    /// The URL of a new, empty database, for its owner.
    pub(crate) fn database(&self) -> String {
        let name = format!("db_{}", self.next_database.fetch_add(1, Ordering::Relaxed));
        self.psql(&self.url("postgres"), &format!("CREATE DATABASE {name} OWNER {OWNER}"));
        as_role(&self.url(&name), OWNER)
    }

    /// The URL of a new database that is a copy of one that nobody is connected to, for its owner.
    pub(crate) fn copy_of(&self, database: &str) -> String {
        let (_, template) = database.rsplit_once('/').expect("a URL ends with the name");
        let name = format!("db_{}", self.next_database.fetch_add(1, Ordering::Relaxed));
        let create = format!("CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}");
        self.psql(&self.url("postgres"), &create);
        as_role(&self.url(&name), OWNER)
    }

    /// Lets the cluster's log have all statements of a database, with their parameters.
    pub(crate) fn watch(&self, database: &str) {
        let (_, name) = database.rsplit_once('/').expect("a URL ends with the name");
        let settings = [
            "log_statement = 'all'",
            "log_parameter_max_length = -1",
            "log_parameter_max_length_on_error = -1",
        ];
        let settings = settings.map(|setting| format!("ALTER DATABASE {name} SET {setting}"));
        self.psql(&self.url("postgres"), &settings.join("; "));
    }

    /// The folder of the cluster.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The folders of a database's tables and of the write-ahead log.
    pub(crate) fn folders(&self, database: &str) -> Vec<PathBuf> {
        let data = self.home.path().join("data");
        let oid = self.psql(database, "SELECT oid FROM pg_database WHERE datname = current_database()");
        vec![data.join("base").join(oid), data.join("pg_wal")]
    }

    /// The cluster's own log, and its length.
    pub(crate) fn log(&self) -> (PathBuf, u64) {
        let path = self.home.path().join("server.log");
        let length = fs::metadata(&path).map_or(0, |about| about.len());
        (path, length)
    }

    /// Ends every other connection to a database, as an administrator or a fail-over would; returns how many there
    /// were.
    pub(crate) fn kill_backends(&self, database: &str) -> usize {
        let killed = self.psql(
            database,
            "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        killed.parse().expect("a count is a number")
    }

    /// Runs SQL in a database that [`Cluster::database`] made, as a superuser. Rows come as lines, with columns
    /// separated by `|`.
    pub(crate) fn psql(&self, database: &str, sql: &str) -> String {
        let database = &as_superuser(database);
        assert!(database.starts_with(&self.url("")), "{database} is not a database of this cluster");
        let output = clean_command(self.bin.join("psql"))
            .args(["-X", "-A", "-t", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql])
            .env("PGCONNECT_TIMEOUT", CONNECT_SECONDS)
            .stdin(Stdio::null())
            .output()
            .expect("psql can be run");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "psql failed at {sql}:\n{complaint}\n{}", logs(self.home.path()));
        String::from_utf8(output.stdout).expect("psql writes UTF-8").trim_end().to_owned()
    }

    /// PATH with this cluster's programs in front.
    pub(crate) fn path(&self) -> OsString {
        let path = env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(self.bin.clone()).chain(env::split_paths(&path));
        env::join_paths(all).expect("folders have names that PATH can hold")
    }

    /// Dumps a database as a superuser.
    pub(crate) fn dump(&self, database: &str, to: &Path) {
        let mut command = clean_command(self.bin.join("pg_dump"));
        command.args(["--format=custom", "--dbname", &as_superuser(database), "--file"]).arg(to);
        Self::succeed(command);
    }

    /// Restores a dump into a new database for its owner; returns its URL.
    pub(crate) fn restore(&self, dump: &Path) -> String {
        let database = self.database();
        let mut command = clean_command(self.bin.join("pg_restore"));
        command.args([
            "--exit-on-error",
            "--single-transaction",
            "--no-owner",
            "--no-privileges",
            "--role",
            OWNER,
        ]);
        command.args(["--dbname", &as_superuser(&database)]).arg(dump);
        Self::succeed(command);
        database
    }

    fn succeed(mut command: Command) {
        let output = command.stdin(Stdio::null()).output().expect("PostgreSQL's programs can be run");
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@{}:{}/{database}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// Another server could have taken the port: this one must be the one that was just started.
    fn prove_own_data_directory(&self) {
        let found = self.psql(&self.url("postgres"), "SHOW data_directory");
        let expected = self.home.path().join("data");
        assert_eq!(Path::new(&found), expected, "port {} belongs to somebody else's database", self.port);
    }
}

/// The same database for another role.
pub(crate) fn as_role(database: &str, role: &str) -> String {
    let (_, place) = database.split_once('@').expect("the URL of a database names a user");
    format!("postgres://{role}@{place}")
}

/// The same database for the superuser, for whom row-level security does not hold.
pub(crate) fn as_superuser(database: &str) -> String {
    as_role(database, USER)
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // It ends once the server has stopped; the directory is removed by then.
        if let Err(error) = self.keeper.wait() {
            eprintln!("the keeper of {} was lost: {error}", self.home.path().display());
        }
    }
}

/// Starts the shell that owns the cluster, in a process group of its own, so that Ctrl-C lets it clean up.
fn keeper(bin: &Path, home: &Path) -> Child {
    clean_command("sh")
        .args(["-c", KEEPER, "hotline-postgres"])
        .arg(home)
        .arg(bin)
        .args(change_user(home))
        .current_dir(home)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh can be run")
}

fn expect_answer(answers: &mut BufReader<ChildStdout>, expected: &str, home: &Path) {
    let answer = answer(answers);
    assert_eq!(answer, expected, "the PostgreSQL cluster was not made:\n{}", logs(home));
}

fn answer(answers: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    answers.read_line(&mut line).expect("the keeper answers in UTF-8");
    line.trim_end().to_owned()
}

fn logs(home: &Path) -> String {
    ["log", "server.log"].map(|name| fs::read_to_string(home.join(name)).unwrap_or_default()).join("\n")
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// A command that ignores the settings of the developer's own PostgreSQL (PGHOST, PGSERVICE, ...).
pub(crate) fn clean_command(program: impl Into<OsString>) -> Command {
    let mut command = Command::new(program.into());
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    command
}

/// The folder with all the programs: the first in PATH, otherwise Debian's with the highest version.
pub(crate) fn programs() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    env::split_paths(&path).chain(versions.into_iter().map(|(_, bin)| bin)).find(|bin| {
        ["initdb", "pg_ctl", "postgres", "psql", "pg_dump", "pg_restore"]
            .iter()
            .all(|name| bin.join(name).is_file())
    })
}

/// The command prefix that runs a program as the cluster's owner; empty unless this process is root, which PostgreSQL
/// refuses to run as. Changes the owner of the directory.
pub(crate) fn change_user(home: &Path) -> Vec<String> {
    if id(&["-u"]) != Some(0) {
        return Vec::new();
    }
    let (user, uid, gid) = ["postgres", "nobody"]
        .iter()
        .find_map(|user| Some((*user, id(&["-u", user])?, id(&["-g", user])?)))
        .expect("PostgreSQL does not run as root, and there is neither a user postgres nor nobody");
    chown(home, Some(uid), Some(gid)).expect("root may give a directory away");
    let (uid, gid) = (format!("--reuid={uid}"), format!("--regid={gid}"));
    let ways: [&[&str]; 3] = [
        &["setpriv", &uid, &gid, "--clear-groups"],
        &["runuser", "-u", user, "--"],
        &["su", "-s", "/bin/sh", user, "-c", "exec \"$0\" \"$@\"", "--"],
    ];
    let way = ways
        .iter()
        .find(|way| succeeds(way))
        .expect("root needs setpriv, runuser or su to run PostgreSQL as somebody else");
    way.iter().map(|&word| word.to_owned()).collect()
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().expect("id can be run");
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// Whether a command prefix is available and works.
fn succeeds(way: &[&str]) -> bool {
    let quiet = Command::new(way[0])
        .args(&way[1..])
        .arg("true")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    quiet.is_ok_and(|status| status.success())
}
