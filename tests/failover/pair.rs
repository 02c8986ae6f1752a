//! A primary and a synchronous standby, each a PostgreSQL cluster of its own on loopback, with durable settings.
//!
//! A shell holds a pipe to this process. When the pipe closes, it ends both clusters and removes their directories. So
//! nothing is left behind, however this process ends.

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::postgres::{change_user, clean_command, free_port, programs};
use crate::support::temp_dir::TempDir;

/// Ends what runs in the directory, and removes it, once its input is closed.
const KEEPER: &str = r#"
trap '' HUP INT TERM PIPE
while read -r _; do :; done
for file in "$1"/node-*/postmaster.pid; do
    [ -f "$file" ] || continue
    read -r pid <"$file"
    kill -KILL $(ps -o pid= --ppid "$pid") "$pid"
done
rm -rf "$1" || rm -rf "$1"
"#;
/// The superuser, without a password.
const SUPERUSER: &str = "hotline";
/// The owner of the database.
const OWNER: &str = "hotline_owner";
/// The settings of both clusters.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = replica
max_wal_senders = 10
hot_standby = on
wal_receiver_status_interval = 1s
timezone = 'UTC'
";
/// The longest wait for a cluster.
const WAIT_MAX: Duration = Duration::from_mins(1);
/// The pause between two looks at a cluster.
const POLL: Duration = Duration::from_millis(50);

/// How a primary is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// All its processes are killed (SIGKILL).
    Killed,
    /// All its processes are frozen (SIGSTOP): it keeps its connections and answers nothing, as a host behind a broken
    /// network does.
    Frozen,
    /// It is shut down, and ends its sessions.
    ShutDown,
}

impl Loss {
    /// The loss of a failover by its number.
    pub(crate) const fn of(failover: u32) -> Self {
        match failover % 3 {
            0 => Self::Killed,
            1 => Self::Frozen,
            _ => Self::ShutDown,
        }
    }

    const fn signal(self) -> &'static str {
        match self {
            Self::Killed => "KILL",
            Self::Frozen => "STOP",
            // A fast shutdown.
            Self::ShutDown => "INT",
        }
    }
}

/// A cluster.
#[derive(Debug)]
struct Node {
    folder: PathBuf,
    port: u16,
    process: Option<Child>,
}

/// What a commit on the primary waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replication {
    /// The standby has it on disk.
    Synchronous,
    /// Nothing but the primary itself. What the standby does not have yet is lost with the primary.
    Asynchronous,
}

/// A primary and its standby.
#[derive(Debug)]
pub(crate) struct Pair {
    replication: Replication,
    nodes: [Node; 2],
    /// The place of the primary.
    primary: usize,
    bin: PathBuf,
    /// The command prefix that runs a program as the owner of the clusters.
    as_owner: Vec<String>,
    keeper: Child,
    home: TempDir,
}

impl Pair {
    /// Makes and starts both.
    pub(crate) fn start(replication: Replication) -> Self {
        let bin = programs().expect("PostgreSQL is installed");
        let home = TempDir::new("failover");
        let as_owner = change_user(home.path());
        let mut keeper = clean_command("sh");
        keeper.args(["-c", KEEPER, "hotline-failover"]).arg(home.path()).process_group(0);
        let keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let node = |place: usize| {
            let folder = home.path().join(format!("node-{place}"));
            Node { folder, port: free_port(), process: None }
        };
        let nodes = [node(0), node(1)];
        let keeper = keeper.expect("sh can be run");
        let mut pair = Self { replication, nodes, primary: 0, bin, as_owner, keeper, home };
        let folder = pair.nodes[0].folder.clone();
        let made = ["-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--locale=C", "--no-sync"];
        pair.succeed("initdb", |command| command.arg("-D").arg(&folder).args(made));
        let configuration = folder.join("postgresql.conf");
        let settings = fs::read_to_string(&configuration).expect("initdb wrote it") + SETTINGS;
        fs::write(&configuration, settings).expect("it can be written");
        pair.run(0);
        pair.psql(0, "postgres", &format!("CREATE ROLE {OWNER} LOGIN"));
        pair.psql(0, "postgres", &format!("CREATE DATABASE hotline OWNER {OWNER}"));
        pair.make_standby();
        pair
    }

    /// The URL of the database with both hosts.
    pub(crate) fn url(&self) -> String {
        let hosts = self.nodes.each_ref().map(|node| format!("{}:{}", Ipv4Addr::LOCALHOST, node.port));
        format!("postgres://{OWNER}@{}/hotline", hosts.join(","))
    }

    /// The standby receives nothing more. The primary does not notice if it is not to wait for a standby.
    pub(crate) fn cut_replication(&self) {
        let standby = 1 - self.primary;
        self.psql(standby, "postgres", "ALTER SYSTEM SET primary_conninfo = ''");
        self.psql(standby, "postgres", "SELECT pg_reload_conf()");
        let receivers = "SELECT count(*) FROM pg_stat_wal_receiver";
        self.wait("a standby that receives nothing", || self.psql(standby, "postgres", receivers) == "0");
    }

    /// Loses the primary and promotes the standby. Then makes a new standby in the place of the old primary.
    pub(crate) fn fail_over(&mut self, loss: Loss) {
        let (old, new) = (self.primary, 1 - self.primary);
        self.signal_all(old, loss.signal());
        self.psql(new, "postgres", "SELECT pg_promote(true, 60)");
        self.primary = new;
        self.signal_all(old, "KILL");
        if let Some(mut process) = self.nodes[old].process.take() {
            process.wait().expect("a child can be waited for");
        }
        fs::remove_dir_all(&self.nodes[old].folder).expect("the old cluster can be removed");
        self.make_standby();
    }

    /// The number that a query of the primary returns.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.psql(self.primary, "hotline", sql).parse().expect("a count is a number")
    }

    /// Makes the standby from the primary, and waits until it streams; if it is synchronous, until commits wait for it.
    fn make_standby(&mut self) {
        let (primary, standby) = (self.primary, 1 - self.primary);
        let (port, folder) = (self.nodes[primary].port.to_string(), self.nodes[standby].folder.clone());
        let host = Ipv4Addr::LOCALHOST.to_string();
        self.succeed("pg_basebackup", |command| {
            command.arg("-D").arg(&folder).args(["-h", &host, "-p", &port, "-U", SUPERUSER]);
            command.args(["-X", "stream", "-c", "fast", "-R", "--no-sync"])
        });
        // When it is promoted, it has no standby yet, and must not wait for one.
        self.run(standby);
        self.psql(standby, "postgres", "ALTER SYSTEM SET synchronous_standby_names = ''");
        self.psql(standby, "postgres", "SELECT pg_reload_conf()");
        let (names, state) = match self.replication {
            Replication::Synchronous => ("*", "sync"),
            Replication::Asynchronous => ("", "async"),
        };
        self.psql(primary, "postgres", &format!("ALTER SYSTEM SET synchronous_standby_names = '{names}'"));
        self.psql(primary, "postgres", "SELECT pg_reload_conf()");
        let end = self.psql(primary, "postgres", "SELECT pg_current_wal_lsn()");
        let has_all = format!(
            "SELECT count(*) FROM pg_stat_replication WHERE sync_state = '{state}' AND flush_lsn >= '{end}'"
        );
        self.wait("a standby that has everything", || self.psql(primary, "postgres", &has_all) == "1");
    }

    /// Starts a cluster and waits until it answers.
    fn run(&mut self, place: usize) {
        let (folder, port) = (self.nodes[place].folder.clone(), self.nodes[place].port.to_string());
        let log = File::options().create(true).append(true).open(self.log()).expect("a log can be written");
        let mut command = self.command("postgres");
        command.arg("-D").arg(&folder).args(["-p", &port]).stdin(Stdio::null());
        command.stdout(log.try_clone().expect("a file can be shared")).stderr(log);
        self.nodes[place].process = Some(command.spawn().expect("postgres can be run"));
        self.wait("a cluster that answers", || self.try_psql(place, "postgres", "SELECT 1").is_ok());
    }

    fn log(&self) -> PathBuf {
        self.home.path().join("postgres.log")
    }

    /// Waits until a condition holds.
    fn wait(&self, what: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            let log = || fs::read_to_string(self.log()).unwrap_or_default();
            assert!(begun.elapsed() < WAIT_MAX, "after {WAIT_MAX:?}: {what}\n{}", log());
            sleep(POLL);
        }
    }

    /// A program of PostgreSQL, run as the owner of the clusters.
    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = match self.as_owner.split_first() {
            Some((first, rest)) => {
                let mut command = clean_command(first);
                command.args(rest).arg(program);
                command
            }
            None => clean_command(program),
        };
        command.current_dir(self.home.path());
        command
    }

    fn succeed(&self, program: &str, arguments: impl FnOnce(&mut Command) -> &mut Command) {
        let mut command = self.command(program);
        let output = arguments(&mut command).stdin(Stdio::null()).output().expect("the program can be run");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn psql(&self, place: usize, database: &str, sql: &str) -> String {
        self.try_psql(place, database, sql).unwrap_or_else(|why| panic!("{sql}: {why}"))
    }

    fn try_psql(&self, place: usize, database: &str, sql: &str) -> Result<String, String> {
        let url =
            format!("postgres://{SUPERUSER}@{}:{}/{database}", Ipv4Addr::LOCALHOST, self.nodes[place].port);
        let output = clean_command(self.bin.join("psql"))
            .args(["-X", "-A", "-t", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-d", &url, "-c", sql])
            .env("PGCONNECT_TIMEOUT", "20")
            .stdin(Stdio::null())
            .output()
            .expect("psql can be run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// Sends a signal to the first process of a cluster, and to all others unless it is asked to shut down.
    fn signal_all(&self, place: usize, name: &str) {
        let Some(first) = postmaster(&self.nodes[place].folder) else { return };
        if name == "INT" {
            return signal(name, &[first]);
        }
        // It starts no further process once it is frozen.
        signal("STOP", &[first]);
        signal(name, &[children_of(first), vec![first]].concat());
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        for place in 0..self.nodes.len() {
            self.signal_all(place, "KILL");
            if let Some(mut process) = self.nodes[place].process.take() {
                let _ = process.wait();
            }
        }
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("the keeper of {} was lost: {error}", self.home.path().display());
        }
    }
}

/// The first process of a cluster, by the file that it keeps.
fn postmaster(folder: &Path) -> Option<u32> {
    fs::read_to_string(folder.join("postmaster.pid")).ok()?.lines().next()?.parse().ok()
}

/// The processes that a process has started, by `/proc`.
fn children_of(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent_of = |id: u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name before may hold spaces; behind its bracket come the state and the parent.
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    ids.filter(|id| parent_of(*id) == Some(parent)).collect()
}

/// Sends a signal; processes that have ended need none.
fn signal(name: &str, processes: &[u32]) {
    let ids = processes.iter().map(u32::to_string);
    let sent = Command::new("kill").arg("-s").arg(name).args(ids).stderr(Stdio::null()).status();
    sent.expect("kill can be run");
}
