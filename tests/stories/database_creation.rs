//! A database is created once, and in production only on purpose. No database is created, opened or served if something
//! shows that there was another one: a marker, a log, exported checkpoints, a replaced file.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use hotline_client::HotlineClient;
use tokio::task::block_in_place;

use super::test_env::{OPENING, TestEnv, appeal, execute};
use crate::support::postgres;
use crate::support::process::Process;
use crate::support::server::{Options, Server, Store, program};
use crate::support::temp_dir::TempDir;

/// Health checks the file every two seconds, and a drain follows.
const NOTICED: Duration = Duration::from_secs(15);
const FILE: &str = "simulation.sqlite";
const MARKER: &str = "simulation.database-id.toml";

fn simulated() -> Options {
    Options::default().simulated_clock(OPENING)
}

async fn create_tickets(env: &TestEnv, count: u32) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for _ in 0..count {
        acknowledged.push(env.take_in(appeal()).await.number);
    }
    acknowledged
}

/// Moves a database and the files that SQLite left beside it.
fn move_away(folder: &Path, to: &Path) {
    for name in [FILE, "simulation.sqlite-wal", "simulation.sqlite-shm"] {
        if folder.join(name).exists() {
            fs::rename(folder.join(name), to.join(name)).expect("it can be moved");
        }
    }
}

/// Adds the credentials and keys of a hotline in service.
fn in_service(home: &Path) -> Options {
    let generated = program().args(["credential", "--principal", "seat-7", "--role", "agent"]).output();
    let entry = generated.expect("the program can be run").stdout;
    fs::write(home.join("credentials.toml"), entry).expect("it can be written");
    let key = |file: &str| format!("{:?}", home.join(file).display().to_string());
    simulated().set("access.credentials", &key("credentials.toml"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_file_is_not_replaced_by_an_empty_database() {
    let mut env = TestEnv::open(Store::Sqlite);
    create_tickets(&env, 1).await;
    env.server.kill();
    let other_dir = TempDir::new("aside");
    move_away(env.server.data_dir(), other_dir.path());
    let output = env.server.refused_start();
    assert!(output.contains(MARKER) && output.contains("hotline-server restore"), "{output}");
    assert!(!env.server.data_dir().join(FILE).exists(), "no file was made");
    let (code, output) = env.server.run(&["migrate"]);
    assert!(code == Some(1) && output.contains(MARKER), "migrate makes none either: {output}");
    // Keys and credentials alone are no marker.
    fs::remove_file(env.server.data_dir().join(MARKER)).expect("it is there");
    assert!(env.server.data_dir().join("vault-keys.toml").exists());
    env.server.restart();
    create_tickets(&env, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_service_only_migrate_creates_a_database() {
    let home = TempDir::new("service");
    let mut server = Server::start(Store::Sqlite, in_service(home.path()));
    assert!(server.terminate().success());
    for name in [FILE, MARKER, "simulation.session"] {
        let file = server.data_dir().join(name);
        if file.exists() {
            fs::remove_file(file).expect("it can be removed");
        }
    }
    let output = server.refused_start();
    assert!(output.contains("hotline-server migrate"), "{output}");
    assert!(!server.data_dir().join(FILE).exists(), "no file was made");
    let (code, output) = server.run(&["migrate"]);
    assert_eq!(code, Some(0), "{output}");
    server.restart();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_deployments_database_is_refused() {
    let (mut own, mut other) = (TestEnv::open(Store::Sqlite), TestEnv::open(Store::Sqlite));
    assert!(own.server.terminate().success() && other.server.terminate().success());
    let file = |env: &TestEnv| env.server.data_dir().join(FILE);
    fs::copy(file(&other), file(&own)).expect("it can be copied");
    let output = own.server.refused_start();
    assert!(output.contains("this is database") && output.contains(MARKER), "{output}");
    let (code, output) = own.server.run(&["verify"]);
    assert!(code == Some(1) && output.contains("is not the one whose id lies in this folder"), "{output}");
    let (code, output) = own.server.run(&["restore", "--in-place", "--by", "x", "--reason", "y"]);
    assert!(code == Some(1) && output.contains("this is database"), "{output}");
}

/// Servers of one PostgreSQL database have the same id in their folders; a folder of another database is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_folder_belongs_to_another_database_does_not_start() {
    if !Store::every().contains(&Store::Postgres) {
        return;
    }
    let own = Server::start(Store::Postgres, simulated());
    let second_server = own.beside();
    let marker_of = |server: &Server| fs::read_to_string(server.data_dir().join(MARKER)).expect("a marker");
    assert_eq!(marker_of(&own), marker_of(&second_server));
    let mut server_of_other_database = Server::start(Store::Postgres, simulated());
    assert_ne!(marker_of(&own), marker_of(&server_of_other_database));
    server_of_other_database.kill();
    server_of_other_database.move_to(own.database().expect("it has one").to_owned());
    let output = server_of_other_database.refused_start();
    assert!(output.contains("this is database"), "{output}");
    let empty = block_in_place(|| postgres::shared().expect("it is running").database());
    server_of_other_database.move_to(empty);
    let output = server_of_other_database.refused_start();
    assert!(output.contains("there is no database") && output.contains(MARKER), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_export_folder_of_checkpoints_belongs_to_one_database() {
    let export = TempDir::new("export");
    let export_dir = format!("{:?}", export.path().display().to_string());
    let options = simulated().set("audit_log.export_dir", &export_dir);
    let own = TestEnv::with(Store::Sqlite, options.clone());
    assert!(export.path().join(MARKER).exists());
    let mut other = TestEnv::open(Store::Sqlite);
    other.server.kill();
    other.server.set_options(options.clone());
    let output = other.server.refused_start();
    assert!(output.contains("this is database"), "{output}");
    // No new database is created beside exported checkpoints without a marker either.
    drop(own);
    fs::remove_file(export.path().join(MARKER)).expect("it is there");
    fs::write(export.path().join("checkpoint-000000000001.jsonl"), "{}\n").expect("it can be written");
    let home = TempDir::new("new");
    let mut command = program();
    command
        .args(["serve", "--simulated-clock", OPENING, "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(home.path());
    command.args(["--set", &format!("audit_log.export_dir={export_dir}")]);
    let mut refused = Process::spawn(command);
    assert_eq!(refused.wait().code(), Some(1));
    assert!(refused.output().contains("checkpoints of one lie in"), "{}", refused.output());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_never_opened_with_another_file() {
    let mut env = TestEnv::open(Store::Sqlite);
    create_tickets(&env, 3).await;
    let other_dir = TempDir::new("aside");
    let backup = other_dir.path().join("hotline.backup");
    let backed_up = block_in_place(|| env.server.run(&["backup", "--to", &backup.display().to_string()]));
    assert_eq!(backed_up.0, Some(0), "{}", backed_up.1);
    create_tickets(&env, 3).await;
    env.server.kill();
    let file = env.server.data_dir().join(FILE);
    let log = env.server.data_dir().join("simulation.sqlite-wal");
    assert!(log.metadata().expect("the log is left").len() > 0);
    let original = fs::read(&file).expect("it can be read");

    fs::copy(&backup, &file).expect("the backup is copied over the file");
    let output = env.server.refused_start();
    assert!(output.contains("was left by another file"), "{output}");
    let from = backup.display().to_string();
    let (code, output) = env.server.run(&["restore", "--from", &from, "--by", "x", "--reason", "y"]);
    assert!(code == Some(1) && output.contains("move them all away"), "{output}");
    fs::remove_file(&file).expect("it is there");
    let output = env.server.refused_start();
    assert!(output.contains("is not there, but what it left is"), "{output}");

    fs::write(&file, original).expect("the file is found again");
    env.server.restart();
    assert_eq!(env.all_tickets().await.len(), 6, "the log belongs to it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_refused_and_found() {
    let mut env = TestEnv::open(Store::Sqlite);
    create_tickets(&env, 30).await;
    assert!(env.server.terminate().success());
    let file = env.server.data_dir().join(FILE);
    let original = fs::read(&file).expect("it can be read");
    let mut damaged = original.clone();
    let middle = damaged.len() / 2 / 4096 * 4096;
    damaged[middle..middle + 6 * 4096].fill(0xA5);
    fs::write(&file, &damaged).expect("it can be written");
    let output = env.server.refused_start();
    assert!(output.contains("is damaged"), "{output}");
    let (code, output) = env.server.run(&["verify"]);
    assert!(code == Some(1) && output.contains("the database: is damaged"), "{output}");
    let other_dir = TempDir::new("aside");
    let backup = other_dir.path().join("damaged.sqlite");
    fs::rename(&file, &backup).expect("it can be moved");
    let from = backup.display().to_string();
    let arguments = ["restore", "--from", &from, "--by", "x", "--reason", "y", "--accept-copy"];
    let (code, output) = env.server.run(&arguments);
    assert!(code == Some(1) && output.contains("is damaged"), "{output}");
    assert!(!file.exists(), "nothing was put there");
    fs::write(&file, "no database at all").expect("it can be written");
    assert!(env.server.refused_start().contains("is no SQLite database"));
    fs::write(&file, original).expect("it can be written");
    env.server.restart();
}

/// A copy of the file alone may lack the last acknowledged changes, so it must not be taken for a backup by accident.
#[tokio::test(flavor = "multi_thread")]
async fn a_plain_copy_is_restored_only_on_request() {
    let mut env = TestEnv::open(Store::Sqlite);
    let acknowledged = create_tickets(&env, 3).await;
    env.server.kill();
    let other_dir = TempDir::new("aside");
    move_away(env.server.data_dir(), other_dir.path());
    let copy = other_dir.path().join(FILE).display().to_string();
    let arguments = ["restore", "--from", &copy, "--by", "x", "--reason", "y"];
    let (code, output) = env.server.run(&arguments);
    assert!(code == Some(1) && output.contains("--accept-copy"), "{output}");
    let (code, output) = env.server.run(&[&arguments[..], &["--accept-copy"]].concat());
    assert_eq!(code, Some(0), "{output}");
    env.server.restart();
    for number in acknowledged {
        assert_eq!(env.ticket(&number).await.number, number, "the log was copied, too");
    }
}

/// The file is removed, and replaced by an older copy. The server stops and leaves a copy with its acknowledged
/// changes. Without its lock, the next program that closes the database would remove the log under the server.
#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn a_serving_process_holds_sqlites_lock_on_its_file() {
    use std::os::unix::fs::MetadataExt as _;

    let env = TestEnv::open(Store::Sqlite);
    create_tickets(&env, 1).await;
    let inode = fs::metadata(env.server.data_dir().join(FILE)).expect("the file is there").ino();
    let (process, file) = (env.server.process_id().to_string(), format!(":{inode}"));
    let locks = fs::read_to_string("/proc/locks").expect("Linux shows locks");
    let is_held = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        words.contains(&process.as_str())
            && words.contains(&"READ")
            && words.iter().any(|word| word.ends_with(&file))
    };
    assert!(locks.lines().any(is_held), "no lock of {process} on inode {inode}:\n{locks}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_file_is_gone_stops_and_loses_nothing() {
    for (expected, is_replaced, is_of_log) in [
        ("was replaced by another file", true, false),
        ("was removed or renamed", false, false),
        ("simulation.sqlite-wal was removed", false, true),
    ] {
        let mut env = TestEnv::open(Store::Sqlite);
        let folder = env.server.data_dir().to_owned();
        let mut acknowledged = create_tickets(&env, 2).await;
        let other_dir = TempDir::new("aside");
        let backup = other_dir.path().join("older.sqlite");
        let backed_up = block_in_place(|| env.server.run(&["backup", "--to", &backup.display().to_string()]));
        assert_eq!(backed_up.0, Some(0), "{}", backed_up.1);
        if is_replaced {
            fs::rename(&backup, folder.join(FILE)).expect("it can be moved");
        } else {
            let name = if is_of_log { "simulation.sqlite-wal" } else { FILE };
            fs::remove_file(folder.join(name)).expect("it is there");
        }
        let agent = env.agent();
        let begun = Instant::now();
        while let Ok(ticket) = agent.create_ticket(appeal()).await {
            acknowledged.push(ticket.number);
            assert!(begun.elapsed() < NOTICED, "the server goes on acknowledging tickets that it loses");
        }
        let status = block_in_place(|| env.server.wait());
        assert_eq!(status.code(), Some(1), "{}", env.server.output());
        let output = env.server.output();
        assert!(output.contains(expected), "{output}");

        let rescued = fs::read_dir(&folder).expect("the folder").flatten().map(|file| file.path());
        let mut rescued = rescued.filter(|path| path.to_string_lossy().contains("rescued"));
        let rescued = rescued.next().expect("a copy was left");
        move_away(&folder, other_dir.path());
        let from = rescued.display().to_string();
        let (code, output) = env.server.run(&["restore", "--from", &from, "--by", "x", "--reason", "y"]);
        assert_eq!(code, Some(0), "{output}");
        env.server.restart();
        for number in acknowledged {
            assert_eq!(env.ticket(&number).await.number, number, "the ticket was acknowledged");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_data_directory_still_belongs_to_its_server() {
    let mut env = TestEnv::open(Store::Sqlite);
    let number = create_tickets(&env, 1).await.remove(0);
    assert!(env.server.terminate().success());
    let renamed = TempDir::new("renamed");
    for entry in fs::read_dir(env.server.data_dir()).expect("the folder").flatten() {
        fs::copy(entry.path(), renamed.path().join(entry.file_name())).expect("it can be copied");
    }
    let mut command = program();
    command.args(["serve", "--simulated-clock", OPENING, "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(renamed.path());
    let process = Process::spawn(command);
    let endpoint =
        process.wait_for_line("its address", |line| line.strip_prefix("listening on ").map(str::to_owned));
    let client = HotlineClient::builder().endpoint(endpoint).token(env.server.token("agent")).connect_lazy();
    let tickets = client.expect("the address is an endpoint").tickets();
    assert_eq!(tickets.get_ticket_with_caller(&number).await.expect("it is there").ticket.number, number);
}

/// Empty, incomplete and missing databases are reported.
#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_an_empty_or_half_restored_database() {
    for store in Store::every() {
        let mut env = TestEnv::open(store);
        let (code, output) = env.server.run(&["verify"]);
        assert!(code == Some(0) && output.contains("0 tickets"), "a new database is sound: {output}");
        create_tickets(&env, 70).await;
        env.server.kill();
        let is_postgres = store == Store::Postgres;
        for trigger in ["policy_document", "unit"] {
            let sql = format!("DELETE FROM {trigger}");
            let _ = execute_loosely(&env.server, &sql, is_postgres).await;
        }
        let (code, output) = env.server.run(&["verify"]);
        assert!(code == Some(1) && output.contains("table policy_document: is empty"), "{output}");
        assert!(output.contains("table unit: is empty"), "{output}");
        let drop = if is_postgres { "DROP TABLE rung_effect CASCADE" } else { "DROP TABLE rung_effect" };
        execute(&env.server, drop).await;
        let (code, output) = env.server.run(&["verify"]);
        assert!(code == Some(1) && output.contains("table rung_effect: is missing"), "{output}");
    }
}

/// Runs SQL without foreign keys, as a partial restore leaves a database.
async fn execute_loosely(server: &Server, sql: &str, is_postgres: bool) -> u64 {
    let sql = if is_postgres {
        format!("SET session_replication_role = replica; {sql}")
    } else {
        format!("PRAGMA foreign_keys = OFF; {sql}")
    };
    execute(server, &sql).await
}
