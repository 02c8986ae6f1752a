//! pgbench: what the database does without any server. Limit A is a transaction with three inserts: a ticket of about
//! 1 KB with two indexes, an event and a timer.

use std::fs;
use std::process::Command;
use std::time::Duration;

use super::load::{Rate, percentile_ms};
use super::support::postgres::{Cluster, as_superuser};
use super::support::temp_dir::TempDir;

/// The tables of limit A and of the naive peer.
pub(crate) const TABLES: &str = "
CREATE TABLE peer_ticket (
    number BIGSERIAL PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL, category SMALLINT NOT NULL, topic TEXT,
    district TEXT, lead_unit TEXT, rung SMALLINT NOT NULL, received_at BIGINT NOT NULL, due_at BIGINT NOT NULL,
    is_open BOOLEAN NOT NULL, is_held BOOLEAN NOT NULL, source_owner TEXT, source_system TEXT, source_reference TEXT,
    subject TEXT NOT NULL, content TEXT NOT NULL, channel SMALLINT NOT NULL, complexity SMALLINT NOT NULL,
    is_confidential BOOLEAN NOT NULL, cycle INTEGER NOT NULL, tier SMALLINT NOT NULL, policy TEXT NOT NULL,
    calendar TEXT NOT NULL, document TEXT NOT NULL);
CREATE INDEX peer_ticket_due ON peer_ticket (due_at, number);
CREATE TABLE peer_event (ticket_number BIGINT NOT NULL, sequence INTEGER NOT NULL, occurred_at BIGINT NOT NULL,
    principal TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (ticket_number, sequence));
CREATE TABLE peer_timer (ticket_number BIGINT PRIMARY KEY, cycle INTEGER NOT NULL, due_at BIGINT NOT NULL);
CREATE INDEX peer_timer_due ON peer_timer (due_at, ticket_number);";

/// The three inserts, each with texts of its size.
pub(crate) fn inserts() -> [String; 3] {
    let (document, payload) = ("d".repeat(700), "p".repeat(400));
    [
        format!(
            "INSERT INTO peer_ticket (version, state, category, district, rung, received_at, due_at, is_open, is_held,
             subject, content, channel, complexity, is_confidential, cycle, tier, policy, calendar, document)
             VALUES (1, 'RECEIVED', 2, '110105', 0, 1577808000000000, 1577894400000000, true, false, 'subject',
             'content', 1, 1, false, 1, 1, 'p-0123456789abcdef', 'cn-2026.1', '{document}')"
        ),
        format!(
            "INSERT INTO peer_event VALUES (currval('peer_ticket_number_seq'), 1, 1577808000000000, 'agent', '{payload}')"
        ),
        "INSERT INTO peer_timer VALUES (currval('peer_ticket_number_seq'), 1, 1577894400000000)".to_owned(),
    ]
}

/// A database with the tables of limit A.
pub(crate) fn database(cluster: &Cluster) -> String {
    let database = cluster.database();
    cluster.psql(&database, TABLES);
    as_superuser(&database)
}

/// Runs limit A with so many clients.
pub(crate) fn limit_a(database: &str, clients: u32, duration: Duration) -> Rate {
    let folder = TempDir::new("pgbench");
    let script = folder.path().join("limit-a.sql");
    let [ticket, event, timer] = inserts().map(|insert| insert.replace('\n', " "));
    fs::write(&script, format!("BEGIN;\n{ticket};\n{event};\n{timer};\nCOMMIT;\n"))
        .expect("it can be written");
    let seconds = duration.as_secs().to_string();
    let output = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-j", "2", "-l", "--log-prefix=times", "-T", &seconds, "-c"])
        .arg(clients.to_string())
        .arg("-f")
        .arg(&script)
        .arg(database)
        .current_dir(folder.path())
        .output()
        .expect("pgbench can be run");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let per_second =
        said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    let mut times = Vec::new();
    for file in fs::read_dir(folder.path()).expect("the folder is there").flatten() {
        if file.file_name().to_string_lossy().starts_with("times") {
            let text = fs::read_to_string(file.path()).expect("it can be read");
            let micros = text.lines().filter_map(|line| line.split(' ').nth(2)?.parse().ok());
            times.extend(micros.map(Duration::from_micros));
        }
    }
    times.sort_unstable();
    Rate { per_second: per_second.expect("pgbench says its rate"), p99_ms: percentile_ms(&times, 99) }
}
