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

async fn take_in(env: &TestEnv, count: u32) -> Vec<String> {
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
    let made = program().args(["credential", "--principal", "seat-7", "--role", "agent"]).output();
    let entry = made.expect("the program can be run").stdout;
    fs::write(home.join("credentials.toml"), entry).expect("it can be written");
    let key = |file: &str| format!("{:?}", home.join(file).display().to_string());
    simulated().set("access.credentials", &key("credentials.toml"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_file_is_not_replaced_by_an_empty_database() {
    let mut env = TestEnv::open(Store::Sqlite);
    take_in(&env, 1).await;
    env.server.kill();
    let aside = TempDir::new("aside");
    move_away(env.server.data_dir(), aside.path());
    let said = env.server.refused_start();
    assert!(said.contains(MARKER) && said.contains("hotline-server restore"), "{said}");
    assert!(!env.server.data_dir().join(FILE).exists(), "nothing was made");
    let (code, said) = env.server.run(&["migrate"]);
    assert!(code == Some(1) && said.contains(MARKER), "nor by migrate: {said}");
    // Keys and credentials alone are no marker.
    fs::remove_file(env.server.data_dir().join(MARKER)).expect("it is there");
    assert!(env.server.data_dir().join("vault-keys.toml").exists());
    env.server.restart();
    take_in(&env, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_service_a_database_is_founded_by_migrate_alone() {
    let home = TempDir::new("service");
    let mut server = Server::start(Store::Sqlite, in_service(home.path()));
    assert!(server.terminate().success());
    for name in [FILE, MARKER, "simulation.session"] {
        let file = server.data_dir().join(name);
        if file.exists() {
            fs::remove_file(file).expect("it can be removed");
        }
    }
    let said = server.refused_start();
    assert!(said.contains("hotline-server migrate"), "{said}");
    assert!(!server.data_dir().join(FILE).exists(), "nothing was made");
    let (code, said) = server.run(&["migrate"]);
    assert_eq!(code, Some(0), "{said}");
    server.restart();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_deployments_database_is_refused() {
    let (mut own, mut theirs) = (TestEnv::open(Store::Sqlite), TestEnv::open(Store::Sqlite));
    assert!(own.server.terminate().success() && theirs.server.terminate().success());
    let file = |env: &TestEnv| env.server.data_dir().join(FILE);
    fs::copy(file(&theirs), file(&own)).expect("it can be copied");
    let said = own.server.refused_start();
    assert!(said.contains("this is database") && said.contains(MARKER), "{said}");
    let (code, said) = own.server.run(&["verify"]);
    assert!(code == Some(1) && said.contains("is not the one whose id lies in this folder"), "{said}");
    let (code, said) = own.server.run(&["restore", "--in-place", "--by", "x", "--reason", "y"]);
    assert!(code == Some(1) && said.contains("this is database"), "{said}");
}

/// Servers of one PostgreSQL database have the same id in their folders; a folder of another database is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_folder_belongs_to_another_database_does_not_start() {
    if !Store::every().contains(&Store::Postgres) {
        return;
    }
    let own = Server::start(Store::Postgres, simulated());
    let beside = own.beside();
    let read = |server: &Server| fs::read_to_string(server.data_dir().join(MARKER)).expect("a marker");
    assert_eq!(read(&own), read(&beside));
    let mut other = Server::start(Store::Postgres, simulated());
    assert_ne!(read(&own), read(&other));
    other.kill();
    other.move_to(own.database().expect("it has one").to_owned());
    let said = other.refused_start();
    assert!(said.contains("this is database"), "{said}");
    let empty = block_in_place(|| postgres::shared().expect("it is running").database());
    other.move_to(empty);
    let said = other.refused_start();
    assert!(said.contains("there is no database") && said.contains(MARKER), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_export_folder_of_checkpoints_belongs_to_one_database() {
    let elsewhere = TempDir::new("export");
    let export_dir = format!("{:?}", elsewhere.path().display().to_string());
    let options = simulated().set("audit_log.export_dir", &export_dir);
    let own = TestEnv::with(Store::Sqlite, options.clone());
    assert!(elsewhere.path().join(MARKER).exists());
    let mut theirs = TestEnv::open(Store::Sqlite);
    theirs.server.kill();
    theirs.server.set_options(options.clone());
    let said = theirs.server.refused_start();
    assert!(said.contains("this is database"), "{said}");
    // No new database is created beside exported checkpoints without a marker either.
    drop(own);
    fs::remove_file(elsewhere.path().join(MARKER)).expect("it is there");
    fs::write(elsewhere.path().join("checkpoint-000000000001.jsonl"), "{}\n").expect("it can be written");
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
    take_in(&env, 3).await;
    let aside = TempDir::new("aside");
    let backup = aside.path().join("hotline.backup");
    let backed = block_in_place(|| env.server.run(&["backup", "--to", &backup.display().to_string()]));
    assert_eq!(backed.0, Some(0), "{}", backed.1);
    take_in(&env, 3).await;
    env.server.kill();
    let file = env.server.data_dir().join(FILE);
    let log = env.server.data_dir().join("simulation.sqlite-wal");
    assert!(log.metadata().expect("the log is left").len() > 0);
    let kept = fs::read(&file).expect("it can be read");

    fs::copy(&backup, &file).expect("somebody copies the backup over it");
    let said = env.server.refused_start();
    assert!(said.contains("was left by another file"), "{said}");
    let from = backup.display().to_string();
    let (code, said) = env.server.run(&["restore", "--from", &from, "--by", "x", "--reason", "y"]);
    assert!(code == Some(1) && said.contains("move them all away"), "{said}");
    fs::remove_file(&file).expect("it is there");
    let said = env.server.refused_start();
    assert!(said.contains("is not there, but what it left is"), "{said}");

    fs::write(&file, kept).expect("the file is found again");
    env.server.restart();
    assert_eq!(env.all_tickets().await.len(), 6, "the log belongs to it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_refused_and_found() {
    let mut env = TestEnv::open(Store::Sqlite);
    take_in(&env, 30).await;
    assert!(env.server.terminate().success());
    let file = env.server.data_dir().join(FILE);
    let sound = fs::read(&file).expect("it can be read");
    let mut damaged = sound.clone();
    let middle = damaged.len() / 2 / 4096 * 4096;
    damaged[middle..middle + 6 * 4096].fill(0xA5);
    fs::write(&file, &damaged).expect("it can be written");
    let said = env.server.refused_start();
    assert!(said.contains("is damaged"), "{said}");
    let (code, said) = env.server.run(&["verify"]);
    assert!(code == Some(1) && said.contains("the database: is damaged"), "{said}");
    let aside = TempDir::new("aside");
    let backup = aside.path().join("damaged.sqlite");
    fs::rename(&file, &backup).expect("it can be moved");
    let from = backup.display().to_string();
    let arguments = ["restore", "--from", &from, "--by", "x", "--reason", "y", "--accept-copy"];
    let (code, said) = env.server.run(&arguments);
    assert!(code == Some(1) && said.contains("is damaged"), "{said}");
    assert!(!file.exists(), "nothing was put there");
    fs::write(&file, "no database at all").expect("it can be written");
    assert!(env.server.refused_start().contains("is no SQLite database"));
    fs::write(&file, sound).expect("it can be written");
    env.server.restart();
}

/// A copy of the file alone may lack the last acknowledged changes, so it must not be taken for a backup by accident.
#[tokio::test(flavor = "multi_thread")]
async fn a_plain_copy_is_restored_only_where_somebody_says_so() {
    let mut env = TestEnv::open(Store::Sqlite);
    let acknowledged = take_in(&env, 3).await;
    env.server.kill();
    let aside = TempDir::new("aside");
    move_away(env.server.data_dir(), aside.path());
    let copy = aside.path().join(FILE).display().to_string();
    let arguments = ["restore", "--from", &copy, "--by", "x", "--reason", "y"];
    let (code, said) = env.server.run(&arguments);
    assert!(code == Some(1) && said.contains("--accept-copy"), "{said}");
    let (code, said) = env.server.run(&[&arguments[..], &["--accept-copy"]].concat());
    assert_eq!(code, Some(0), "{said}");
    env.server.restart();
    for number in acknowledged {
        assert_eq!(env.ticket(&number).await.number, number, "its log lay beside it");
    }
}

/// The file is removed, and replaced by an older copy. The server stops and leaves a copy with its acknowledged
/// changes. Without its lock, the next program that closes the database would remove the log under the server.
#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn a_serving_process_holds_sqlites_lock_on_its_file() {
    use std::os::unix::fs::MetadataExt as _;

    let env = TestEnv::open(Store::Sqlite);
    take_in(&env, 1).await;
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
    for (words, is_replaced, is_of_log) in [
        ("was replaced by another file", true, false),
        ("was removed or renamed", false, false),
        ("simulation.sqlite-wal was removed", false, true),
    ] {
        let mut env = TestEnv::open(Store::Sqlite);
        let folder = env.server.data_dir().to_owned();
        let mut acknowledged = take_in(&env, 2).await;
        let aside = TempDir::new("aside");
        let backup = aside.path().join("older.sqlite");
        let backed = block_in_place(|| env.server.run(&["backup", "--to", &backup.display().to_string()]));
        assert_eq!(backed.0, Some(0), "{}", backed.1);
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
            assert!(begun.elapsed() < NOTICED, "the server goes on acknowledging what it loses");
        }
        let status = block_in_place(|| env.server.wait());
        assert_eq!(status.code(), Some(1), "{}", env.server.output());
        let output = env.server.output();
        assert!(output.contains(words), "{output}");

        let rescued = fs::read_dir(&folder).expect("the folder").flatten().map(|file| file.path());
        let mut rescued = rescued.filter(|path| path.to_string_lossy().contains("rescued"));
        let rescued = rescued.next().expect("a copy was left");
        move_away(&folder, aside.path());
        let from = rescued.display().to_string();
        let (code, said) = env.server.run(&["restore", "--from", &from, "--by", "x", "--reason", "y"]);
        assert_eq!(code, Some(0), "{said}");
        env.server.restart();
        for number in acknowledged {
            assert_eq!(env.ticket(&number).await.number, number, "it was acknowledged");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_data_directory_is_still_its_own() {
    let mut env = TestEnv::open(Store::Sqlite);
    let number = take_in(&env, 1).await.remove(0);
    assert!(env.server.terminate().success());
    let elsewhere = TempDir::new("renamed");
    for entry in fs::read_dir(env.server.data_dir()).expect("the folder").flatten() {
        fs::copy(entry.path(), elsewhere.path().join(entry.file_name())).expect("it can be copied");
    }
    let mut command = program();
    command.args(["serve", "--simulated-clock", OPENING, "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(elsewhere.path());
    let process = Process::spawn(command);
    let endpoint =
        process.wait_for_line("its address", |line| line.strip_prefix("listening on ").map(str::to_owned));
    let client = HotlineClient::builder().endpoint(endpoint).token(env.server.token("agent")).connect_lazy();
    let tickets = client.expect("the address is an endpoint").tickets();
    assert_eq!(tickets.get_ticket(&number).await.expect("it is there").ticket.number, number);
}

/// Empty, incomplete and missing databases are reported.
#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_what_is_empty_or_half_restored() {
    for store in Store::every() {
        let mut env = TestEnv::open(store);
        let (code, said) = env.server.run(&["verify"]);
        assert!(code == Some(0) && said.contains("0 tickets"), "a new database is sound: {said}");
        take_in(&env, 70).await;
        env.server.kill();
        let is_postgres = store == Store::Postgres;
        for trigger in ["policy_document", "unit"] {
            let sql = format!("DELETE FROM {trigger}");
            let _ = execute_loosely(&env.server, &sql, is_postgres).await;
        }
        let (code, said) = env.server.run(&["verify"]);
        assert!(code == Some(1) && said.contains("table policy_document: is empty"), "{said}");
        assert!(said.contains("table unit: is empty"), "{said}");
        let drop = if is_postgres { "DROP TABLE rung_effect CASCADE" } else { "DROP TABLE rung_effect" };
        execute(&env.server, drop).await;
        let (code, said) = env.server.run(&["verify"]);
        assert!(code == Some(1) && said.contains("table rung_effect: is missing"), "{said}");
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
