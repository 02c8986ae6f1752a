//! The restore drill: a backup is taken during intakes, the database is lost, the backup is restored, and the hotline
//! goes on. Changes that were acknowledged before the backup are there, no number is given twice, and the exported
//! checkpoints cause no finding. An older database that was put back in any other way is detected.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::task::{JoinHandle, block_in_place};

use super::test_env::{OPENING, TestEnv, appeal, execute};
use crate::support::postgres;
use crate::support::server::{Options, Store, program};
use crate::support::temp_dir::TempDir;

on_every_store!(store: a_backup_is_restored_under_load_and_nobody_is_alarmed);

/// The longest wait for an exported checkpoint.
const PATIENCE: Duration = Duration::from_secs(30);
/// The required arguments of the command.
const WHO_AND_WHY: [&str; 4] = ["--by", "ops.wang", "--reason", "disk lost"];

/// Clients that send requests until they are stopped, and the numbers that they got.
struct Load {
    is_over: Arc<AtomicBool>,
    clerks: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    fn begin(env: &TestEnv) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let clerk = |_| {
            let (agent, is_over) = (env.agent(), Arc::clone(&is_over));
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    acknowledged.push(agent.create_ticket(appeal()).await.expect("it is taken in").number);
                }
                acknowledged
            })
        };
        let clerks = (0..3).map(clerk).collect();
        Self { is_over, clerks }
    }

    async fn end(self) -> BTreeSet<String> {
        self.is_over.store(true, Ordering::Relaxed);
        let mut acknowledged = BTreeSet::new();
        for clerk in self.clerks {
            acknowledged.extend(clerk.await.expect("the clerk is well"));
        }
        acknowledged
    }
}

/// Takes in this many requests.
async fn take_in(env: &TestEnv, count: u32) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    for _ in 0..count {
        let number = env.take_in(appeal()).await.number;
        assert!(acknowledged.insert(number.clone()), "{number} was given twice");
    }
    acknowledged
}

/// Waits until a checkpoint over a ticket was exported.
async fn shipped(folder: &Path, number: &str) {
    let head = format!("\"ticket\":{number},");
    let begun = Instant::now();
    let is_there = || {
        let files = fs::read_dir(folder).expect("the folder is there").flatten();
        let mut texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
        texts.any(|text| text.contains(&head))
    };
    while !is_there() {
        assert!(begun.elapsed() < PATIENCE, "{number} is covered and exported in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A hotline whose checkpoints are exported.
fn env(store: Store, elsewhere: &TempDir) -> TestEnv {
    let folder = elsewhere.path().display().to_string();
    let options = Options::default()
        .simulated_clock(OPENING)
        .set("audit_log.checkpoint_interval_seconds", "1")
        .set("audit_log.export_dir", &format!("{folder:?}"));
    TestEnv::with(store, options)
}

/// Takes a backup as docs/backup.md says.
fn back_up(env: &TestEnv, to: &Path) {
    if let Some(database) = env.server.database() {
        postgres::shared().expect("it is running").dump(database, to);
        return;
    }
    let (code, said) = env.server.run(&["backup", "--to", &to.display().to_string()]);
    assert!(code == Some(0) && said.contains("tickets, checkpoints up to"), "{said}");
    let mode = fs::metadata(to).expect("it was made").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "only its owner reads it");
    let (code, said) = env.server.run(&["backup", "--to", &to.display().to_string()]);
    assert!(code == Some(1) && said.contains("is there already"), "{said}");
}

/// Loses the database of a killed server: the file is removed, or the database is a new one.
fn lose(env: &mut TestEnv, aside: &Path) {
    env.server.kill();
    for name in ["simulation.sqlite", "simulation.sqlite-wal", "simulation.sqlite-shm"] {
        let file = env.server.data_dir().join(name);
        if file.exists() {
            fs::rename(&file, aside.join(name)).expect("it can be moved away");
        }
    }
}

/// Puts the backup in the place of the database, without `hotline-server restore`.
fn put_back(env: &mut TestEnv, backup: &Path) {
    if env.server.database().is_some() {
        let restored = block_in_place(|| postgres::shared().expect("it is running").restore(backup));
        env.server.move_to(restored);
    } else {
        fs::copy(backup, env.server.data_dir().join("simulation.sqlite")).expect("it can be copied");
    }
}

/// Restores as docs/backup.md says.
fn restore(env: &mut TestEnv, backup: &Path) -> String {
    let (code, said) = if env.server.database().is_some() {
        put_back(env, backup);
        env.server.run(&[&["restore", "--in-place"], &WHO_AND_WHY[..]].concat())
    } else {
        let from = backup.display().to_string();
        env.server.run(&[&["restore", "--from", &from], &WHO_AND_WHY[..]].concat())
    };
    assert_eq!(code, Some(0), "{said}");
    said
}

fn verify(env: &TestEnv, elsewhere: &TempDir) -> (Option<i32>, String) {
    env.server.run(&["verify", "--export-dir", &elsewhere.path().display().to_string()])
}

async fn a_backup_is_restored_under_load_and_nobody_is_alarmed(store: Store) {
    let (elsewhere, aside) = (TempDir::new("export"), TempDir::new("aside"));
    let mut env = env(store, &elsewhere);
    let before = take_in(&env, 20).await;
    shipped(elsewhere.path(), before.last().expect("some")).await;
    let backup: PathBuf = aside.path().join("hotline.backup");
    let load = Load::begin(&env);
    block_in_place(|| back_up(&env, &backup));
    let mut given = load.end().await;
    assert!(given.len() > 1, "requests came in meanwhile: {given:?}");
    // Days pass, and each gives out numbers that are not in the backup.
    for _ in 0..2 {
        env.advance(TimeDelta::days(1)).await;
        given.extend(take_in(&env, 70).await);
    }
    shipped(elsewhere.path(), given.last().expect("some")).await;
    let now = env.now().await.to_rfc3339();
    // The last acknowledged numbers are in no exported checkpoint.
    given.extend(take_in(&env, 5).await);
    given.extend(before.iter().cloned());

    let options = Options::default()
        .simulated_clock(&now)
        .set("audit_log.checkpoint_interval_seconds", "1")
        .set("audit_log.export_dir", &format!("{:?}", elsewhere.path().display().to_string()));
    lose(&mut env, aside.path());
    env.server.set_options(options.clone());
    if store == Store::Sqlite {
        let said = env.server.refused_start();
        assert!(said.contains("hotline-server restore"), "it says what to do: {said}");
    }
    let said = restore(&mut env, &backup);
    assert!(said.contains("restore 1") && said.contains("abandoned"), "{said}");
    env.server.restart();
    for number in &before {
        assert_eq!(&env.ticket(number).await.number, number, "it was acknowledged before the backup");
    }
    let after = take_in(&env, 150).await;
    let twice: Vec<_> = after.intersection(&given).collect();
    assert!(twice.is_empty(), "given to two requests: {twice:?}");
    shipped(elsewhere.path(), after.last().expect("some")).await;
    let (code, said) = verify(&env, &elsewhere);
    assert!(code == Some(0) && said.contains("findings: 0"), "{said}");
    assert!(said.contains("by ops.wang: disk lost"), "the restore is told: {said}");
    let output = env.server.output();
    assert!(!output.contains("could not be signed and exported"), "no alarm: {output}");

    // Somebody puts the backup back once more, without the command.
    lose(&mut env, aside.path());
    put_back(&mut env, &backup);
    let (code, said) = verify(&env, &elsewhere);
    assert!(code == Some(1) && said.contains("restore 1: is missing"), "{said}");
    assert!(said.contains("checkpoint") && said.contains("is missing"), "{said}");
    let said = env.server.refused_start();
    assert!(said.contains("was exported and is not in the database"), "{said}");
    // A second restore with the command, from the same backup, goes on again.
    if store == Store::Sqlite {
        lose(&mut env, TempDir::new("again").path());
    }
    let said = restore(&mut env, &backup);
    assert!(said.contains("restore 2"), "{said}");
    env.server.restart();
    let again = take_in(&env, 100).await;
    assert!(again.is_disjoint(&given) && again.is_disjoint(&after), "no number is given a third time");
    shipped(elsewhere.path(), again.last().expect("some")).await;
    let (code, said) = verify(&env, &elsewhere);
    assert!(code == Some(0) && said.contains("findings: 0"), "{said}");
}

/// The output of a command that must succeed, with PostgreSQL's programs in PATH.
fn printed(database: &str, arguments: &[&str], home: &Path) -> String {
    let mut command = program();
    command.args(arguments).args(["--database", database, "--data-dir"]).arg(home).current_dir(home);
    command.env("PATH", postgres::shared().expect("it is running").path());
    let output = command.output().expect("the program can be run");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// Runs the printed line that names a program, as an operator would who copies it.
fn run_printed(said: &str, named: &str) {
    let line = said.lines().find(|line| line.starts_with("  ") && line.contains(named));
    let line = line.unwrap_or_else(|| panic!("no command with {named}: {said}"));
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env("PATH", postgres::shared().expect("it is running").path());
    let output = shell.output().expect("sh can be run");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The printed commands for PostgreSQL are run unchanged, as the owner of the tables, for whom row-level security
/// holds.
#[tokio::test(flavor = "multi_thread")]
async fn the_commands_that_are_printed_for_postgresql_work() {
    if !Store::every().contains(&Store::Postgres) {
        return;
    }
    let mut env = TestEnv::with(Store::Postgres, Options::default());
    let acknowledged = take_in(&env, 5).await;
    let home = TempDir::new("dump");
    let dump = home.path().join("hotline.dump").display().to_string();
    let database = env.server.database().expect("it has one").to_owned();
    let said = block_in_place(|| printed(&database, &["backup", "--to", &dump], home.path()));
    assert!(said.contains(": 5 tickets, checkpoints up to"), "{said}");
    block_in_place(|| run_printed(&said, "pg_dump --enable-row-security"));
    block_in_place(|| run_printed(&said, "pg_restore --list"));

    let arguments = [&["restore", "--in-place"], &WHO_AND_WHY[..]].concat();
    let (code, said) = env.server.run(&arguments);
    assert!(code == Some(1) && said.contains("is connected to this database; stop it first"), "{said}");
    env.server.kill();
    let from = [&["restore", "--from", &dump], &WHO_AND_WHY[..]].concat();
    let (code, said) = env.server.run(&from);
    assert!(code == Some(1) && said.contains("has tables already"), "{said}");
    let empty = block_in_place(|| postgres::shared().expect("it is running").database());
    let said = block_in_place(|| printed(&empty, &from, home.path()));
    block_in_place(|| run_printed(&said, "pg_restore --exit-on-error"));
    env.server.move_to(empty);
    let (code, said) = env.server.run(&arguments);
    assert!(code == Some(0) && said.contains("restore 1"), "{said}");
    let (code, said) = env.server.run(&arguments);
    assert!(code == Some(1) && said.contains("--again"), "a second time by mistake: {said}");
    env.server.restart();
    for number in &acknowledged {
        assert_eq!(&env.ticket(number).await.number, number);
    }
    assert!(take_in(&env, 3).await.is_disjoint(&acknowledged));
    let (code, said) = env.server.run(&["verify"]);
    assert!(code == Some(0) && said.contains("findings: 0"), "{said}");
}

/// If the skip is undone, the drill's own check finds numbers that were given twice.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_are_not_skipped_are_given_twice() {
    let (elsewhere, aside) = (TempDir::new("export"), TempDir::new("aside"));
    let mut env = env(Store::Sqlite, &elsewhere);
    take_in(&env, 3).await;
    let backup = aside.path().join("hotline.backup");
    block_in_place(|| back_up(&env, &backup));
    let given = take_in(&env, 130).await;
    lose(&mut env, aside.path());
    restore(&mut env, &backup);
    execute(&env.server, "UPDATE number_block SET next_sequence = 64").await;
    env.server.restart();
    let after = take_in(&env, 3).await;
    assert!(!after.is_disjoint(&given), "the bug was put in, and {after:?} are new all the same");
}
