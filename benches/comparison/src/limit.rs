//! Limit A: pgbench on the same cluster, which inserts what a ticket needs in a transaction of its own, without a
//! server in front. No design with a transaction for each request can be faster.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::load::Measured;
use super::support::postgres::Cluster;
use super::support::temp_dir::TempDir;

/// A row of about 1 KB with 25 columns and two indexes, an event row, and a timer row.
const TABLES: &str = "
    CREATE TABLE ticket (
        number BIGINT PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL, category SMALLINT NOT NULL,
        complexity SMALLINT NOT NULL, channel SMALLINT NOT NULL, several_units BOOLEAN NOT NULL, topic TEXT,
        district TEXT, industry TEXT, enterprise_name TEXT, enterprise_code TEXT, contact_name TEXT,
        contact_phone TEXT, subject TEXT NOT NULL, content TEXT NOT NULL, source_system TEXT, source_reference TEXT,
        confidential BOOLEAN NOT NULL, lead_unit TEXT, rung SMALLINT NOT NULL, received_at BIGINT NOT NULL,
        due_at BIGINT NOT NULL, is_open BOOLEAN NOT NULL, updated_at BIGINT NOT NULL
    );
    CREATE INDEX ticket_open_due ON ticket (is_open, due_at, number);
    CREATE TABLE ticket_event (
        ticket_number BIGINT NOT NULL, sequence INTEGER NOT NULL, occurred_at BIGINT NOT NULL,
        principal TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (ticket_number, sequence)
    );
    CREATE TABLE ticket_timer (
        ticket_number BIGINT NOT NULL, rung SMALLINT NOT NULL, due_at BIGINT NOT NULL,
        PRIMARY KEY (ticket_number, rung)
    );";

/// The transaction. Each client counts its own tickets, so that no statement is needed for a number.
const SCRIPT: &str = "\
\\set n :n + 1
\\set number :client_id * 1000000000 + :n
\\set due_at 1790000000000000 + :n
BEGIN;
INSERT INTO ticket VALUES (:number, 1, 'received', 1, 1, 3, false, :topic, '110105', 'retail', :name, :code, :contact, \
:phone, :subject, :content, 'web-1', :number, false, NULL, 0, :due_at, :due_at, true, :due_at);
INSERT INTO ticket_event VALUES (:number, 1, :due_at, 'agent', :payload);
INSERT INTO ticket_timer VALUES (:number, 2, :due_at);
COMMIT;
";

/// The tickets that a client may insert in one window, so that the numbers of two windows never meet.
const NUMBERS_PER_WINDOW: u32 = 10_000_000;

/// A database with the tables.
#[derive(Debug)]
pub(crate) struct Limit<'a> {
    cluster: &'a Cluster,
    database: String,
    windows: Cell<u32>,
    folder: TempDir,
}

impl<'a> Limit<'a> {
    /// Makes the database.
    pub(crate) fn new(cluster: &'a Cluster) -> Self {
        let database = new_database(cluster);
        let folder = TempDir::new("pgbench");
        fs::write(folder.path().join("script"), SCRIPT).expect("the script can be written");
        Self { cluster, database, windows: Cell::new(0), folder }
    }

    /// Runs pgbench for a window, and takes no latencies, because pgbench would have to write a line for each.
    ///
    /// # Errors
    /// If pgbench fails, with its output.
    pub(crate) fn rate(&self, clients: usize, window: Duration) -> Result<Measured, String> {
        let per_second = self.run(clients, window, &[])?;
        Ok(Measured { per_second, p50_ms: f64::NAN, p99_ms: f64::NAN })
    }

    /// The same, with latencies.
    ///
    /// # Errors
    /// If pgbench fails, with its output.
    pub(crate) fn latencies(&self, clients: usize, window: Duration) -> Result<Measured, String> {
        let logs = TempDir::under(self.folder.path(), "log");
        let prefix = logs.path().join("log").display().to_string();
        let per_second = self.run(clients, window, &["--log", "--log-prefix", &prefix])?;
        let times = read_logs(logs.path())?;
        Ok(Measured { per_second, ..Measured::from_times(times, window) })
    }

    /// The transactions of a second.
    fn run(&self, clients: usize, window: Duration, more: &[&str]) -> Result<f64, String> {
        let first = self.windows.get() * NUMBERS_PER_WINDOW;
        self.windows.set(self.windows.get() + 1);
        let mut command = Command::new("pgbench");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.env("PATH", self.cluster.path());
        command.args(["--no-vacuum", "--protocol", "prepared", "--jobs", "2", "--file"]);
        command.arg(self.folder.path().join("script"));
        command.arg(format!("--client={clients}")).arg(format!("--time={}", window.as_secs()));
        for (name, value) in variables(first) {
            command.arg(format!("--define={name}={value}"));
        }
        command.args(more).arg(&self.database).stdin(Stdio::null());
        let output = command.output().map_err(|error| format!("pgbench can't be run: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let rate = transactions_per_second(&said).filter(|_| output.status.success());
        rate.ok_or_else(|| format!("pgbench failed:\n{said}\n{}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// A new database with the tables, which its owner owns.
pub(crate) fn new_database(cluster: &Cluster) -> String {
    let database = cluster.database();
    let owner = database.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
    let (owner, _) = owner.expect("the URL of a database names a user");
    cluster.psql(&database, &format!("SET ROLE {owner}; {TABLES}"));
    database
}

/// The values that are sent with each statement.
fn variables(first: u32) -> Vec<(&'static str, String)> {
    let texts = [
        ("topic", "licence.registration"),
        ("name", "北京示例商贸有限公司"),
        ("code", "91110105MA00HTNE0R"),
        ("contact", "示例联系人"),
        ("phone", "13800000000"),
        ("subject", super::request::SUBJECT),
    ];
    let mut variables: Vec<_> = texts.map(|(name, value)| (name, value.to_owned())).into();
    variables.push(("content", super::request::content()));
    variables.push(("payload", format!("{{\"text\":\"{}\"}}", super::request::SUBJECT)));
    variables.push(("n", first.to_string()));
    variables
}

/// The rate in the output of pgbench.
fn transactions_per_second(output: &str) -> Option<f64> {
    let line = output.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The latencies in the logs of pgbench: the third column of each line, in microseconds.
fn read_logs(folder: &Path) -> Result<Vec<Duration>, String> {
    let mut text = String::new();
    for entry in fs::read_dir(folder).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        text.write_str(&fs::read_to_string(path).map_err(|error| error.to_string())?)
            .map_err(|error| error.to_string())?;
    }
    let time = |line: &str| line.split_whitespace().nth(2)?.parse().ok().map(Duration::from_micros);
    text.lines().map(|line| time(line).ok_or_else(|| format!("pgbench logged {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_and_the_latencies_of_pgbench_are_read() {
        let said =
            "number of failed transactions: 0 (0.000%)\ntps = 8810.25 (without initial connection time)\n";
        assert_eq!(transactions_per_second(said), Some(8810.25));
        assert_eq!(transactions_per_second("pgbench: error: connection refused"), None);

        let folder = TempDir::new("log");
        fs::write(folder.path().join("log.1"), "0 1 912 0 1764460800 125\n").expect("a file can be written");
        fs::write(folder.path().join("log.1.1"), "1 1 1500 0 1764460800 125\n")
            .expect("a file can be written");
        let mut times = read_logs(folder.path()).expect("both can be read");
        times.sort_unstable();
        assert_eq!(times, [Duration::from_micros(912), Duration::from_micros(1_500)]);
    }
}
