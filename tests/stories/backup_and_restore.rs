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

use chrono::TimeDelta;
use tokio::task::{JoinHandle, block_in_place};

use super::test_env::{OPENING, TestEnv, appeal, execute};
use crate::support::postgres;
use crate::support::server::{Options, Store, program};
use crate::support::temp_dir::TempDir;
use crate::support::wait;

on_every_store!(store: a_backup_made_under_load_is_restored_without_false_alarms);

/// The required arguments of the command.
const WHO_AND_WHY: [&str; 4] = ["--by", "ops.wang", "--reason", "disk lost"];

/// Agents who create tickets until the load ends, and the numbers that they got.
struct Load {
    is_over: Arc<AtomicBool>,
    clerks: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    fn begin(env: &TestEnv) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let agent_task = |_| {
            let (agent, is_over) = (env.agent(), Arc::clone(&is_over));
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    acknowledged
                        .push(agent.create_ticket(appeal()).await.expect("the ticket is created").number);
                }
                acknowledged
            })
        };
        let agents = (0..3).map(agent_task).collect();
        Self { is_over, clerks: agents }
    }

    async fn end(self) -> BTreeSet<String> {
        self.is_over.store(true, Ordering::Relaxed);
        let mut acknowledged = BTreeSet::new();
        for agent_task in self.clerks {
            acknowledged.extend(agent_task.await.expect("the agent's calls succeed"));
        }
        acknowledged
    }
}

/// Takes in this many requests.
async fn create_tickets(env: &TestEnv, count: u32) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    for _ in 0..count {
        let number = env.take_in(appeal()).await.number;
        assert!(acknowledged.insert(number.clone()), "{number} was issued twice");
    }
    acknowledged
}

/// Waits until a checkpoint over a ticket was exported.
async fn await_export(folder: &Path, number: &str) {
    let head = format!("\"ticket\":{number},");
    let is_exported = || {
        let files = fs::read_dir(folder).expect("the folder is there").flatten();
        let mut texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
        texts.any(|text| text.contains(&head))
    };
    wait::until("a checkpoint covers the ticket and is exported", async || is_exported()).await;
}

/// A hotline whose checkpoints are exported.
fn env(store: Store, exported: &TempDir) -> TestEnv {
    let folder = exported.path().display().to_string();
    let options = Options::default()
        .simulated_clock(OPENING)
        .set("audit_log.checkpoint_interval_seconds", "1")
        .set("audit_log.export_dir", &format!("{folder:?}"));
    TestEnv::with(store, options)
}

/// Takes a backup as docs/backup.md says.
pub(crate) fn back_up(env: &TestEnv, to: &Path) {
    if let Some(database) = env.server.database() {
        postgres::shared().expect("it is running").dump(database, to);
        return;
    }
    let (code, output) = env.server.run(&["backup", "--to", &to.display().to_string()]);
    assert!(code == Some(0) && output.contains("tickets, checkpoints up to"), "{output}");
    let mode = fs::metadata(to).expect("it was made").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "only its owner reads it");
    let (code, output) = env.server.run(&["backup", "--to", &to.display().to_string()]);
    assert!(code == Some(1) && output.contains("is there already"), "{output}");
}

/// Loses the database of a killed server: the file is removed, or the database is a new one.
pub(crate) fn lose_database(env: &mut TestEnv, backup_dir: &Path) {
    env.server.kill();
    for name in ["simulation.sqlite", "simulation.sqlite-wal", "simulation.sqlite-shm"] {
        let file = env.server.data_dir().join(name);
        if file.exists() {
            fs::rename(&file, backup_dir.join(name)).expect("it can be moved away");
        }
    }
}

/// Puts the backup in the place of the database, without `hotline-server restore`.
fn copy_backup_back(env: &mut TestEnv, backup: &Path) {
    if env.server.database().is_some() {
        let restored = block_in_place(|| postgres::shared().expect("it is running").restore(backup));
        env.server.move_to(restored);
    } else {
        fs::copy(backup, env.server.data_dir().join("simulation.sqlite")).expect("it can be copied");
    }
}

/// Restores as docs/backup.md says.
pub(crate) fn restore(env: &mut TestEnv, backup: &Path) -> String {
    let (code, output) = if env.server.database().is_some() {
        copy_backup_back(env, backup);
        env.server.run(&[&["restore", "--in-place"], &WHO_AND_WHY[..]].concat())
    } else {
        let from = backup.display().to_string();
        env.server.run(&[&["restore", "--from", &from], &WHO_AND_WHY[..]].concat())
    };
    assert_eq!(code, Some(0), "{output}");
    output
}

fn verify(env: &TestEnv, exported: &TempDir) -> (Option<i32>, String) {
    env.server.run(&["verify", "--export-dir", &exported.path().display().to_string()])
}

async fn a_backup_made_under_load_is_restored_without_false_alarms(store: Store) {
    let (exported, backup_dir) = (TempDir::new("export"), TempDir::new("aside"));
    let mut env = env(store, &exported);
    let before = create_tickets(&env, 20).await;
    await_export(exported.path(), before.last().expect("some")).await;
    let backup: PathBuf = backup_dir.path().join("hotline.backup");
    let load = Load::begin(&env);
    block_in_place(|| back_up(&env, &backup));
    let mut numbers = load.end().await;
    assert!(numbers.len() > 1, "requests came in meanwhile: {numbers:?}");
    // Days pass, and each gives out numbers that are not in the backup.
    for _ in 0..2 {
        env.advance(TimeDelta::days(1)).await;
        numbers.extend(create_tickets(&env, 70).await);
    }
    await_export(exported.path(), numbers.last().expect("some")).await;
    let now = env.now().await.to_rfc3339();
    // The last acknowledged numbers are in no exported checkpoint.
    numbers.extend(create_tickets(&env, 5).await);
    numbers.extend(before.iter().cloned());

    let options = Options::default()
        .simulated_clock(&now)
        .set("audit_log.checkpoint_interval_seconds", "1")
        .set("audit_log.export_dir", &format!("{:?}", exported.path().display().to_string()));
    lose_database(&mut env, backup_dir.path());
    env.server.set_options(options.clone());
    if store == Store::Sqlite {
        let output = env.server.refused_start();
        assert!(output.contains("hotline-server restore"), "it says what to do: {output}");
    }
    let output = restore(&mut env, &backup);
    assert!(output.contains("restore 1") && output.contains("abandoned"), "{output}");
    env.server.restart();
    for number in &before {
        assert_eq!(&env.ticket(number).await.number, number, "it was acknowledged before the backup");
    }
    let after = create_tickets(&env, 150).await;
    let twice: Vec<_> = after.intersection(&numbers).collect();
    assert!(twice.is_empty(), "given to two requests: {twice:?}");
    await_export(exported.path(), after.last().expect("some")).await;
    let (code, output) = verify(&env, &exported);
    assert!(code == Some(0) && output.contains("findings: 0"), "{output}");
    assert!(output.contains("by ops.wang: disk lost"), "the restore is named: {output}");
    let output = env.server.output();
    assert!(!output.contains("signing or exporting the audit log failed"), "no alarm: {output}");

    // Somebody puts the backup back once more, without the command.
    lose_database(&mut env, backup_dir.path());
    copy_backup_back(&mut env, &backup);
    let (code, output) = verify(&env, &exported);
    assert!(code == Some(1) && output.contains("restore 1: is missing"), "{output}");
    assert!(output.contains("checkpoint") && output.contains("is missing"), "{output}");
    let output = env.server.refused_start();
    assert!(output.contains("was exported and is not in the database"), "{output}");
    // A second restore with the command, from the same backup, goes on again.
    if store == Store::Sqlite {
        lose_database(&mut env, TempDir::new("again").path());
    }
    let output = restore(&mut env, &backup);
    assert!(output.contains("restore 2"), "{output}");
    env.server.restart();
    let third = create_tickets(&env, 100).await;
    assert!(third.is_disjoint(&numbers) && third.is_disjoint(&after), "no number is issued a third time");
    await_export(exported.path(), third.last().expect("some")).await;
    let (code, output) = verify(&env, &exported);
    assert!(code == Some(0) && output.contains("findings: 0"), "{output}");
}

/// The output of a command that must succeed, with PostgreSQL's programs in PATH.
fn printed(database: &str, arguments: &[&str], home: &Path) -> String {
    let mut command = program();
    command.args(arguments).args(["--database", database, "--data-dir"]).arg(home).current_dir(home);
    command.env("PATH", postgres::shared().expect("it is running").path());
    let output = command.output().expect("the program can be run");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// Runs the printed line that names a program, as an operator would who copies it.
fn run_printed(output: &str, named: &str) {
    let line = output.lines().find(|line| line.starts_with("  ") && line.contains(named));
    let line = line.unwrap_or_else(|| panic!("no command with {named}: {output}"));
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env("PATH", postgres::shared().expect("it is running").path());
    let output = shell.output().expect("sh can be run");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The printed commands for PostgreSQL are run unchanged, as the owner of the tables, for whom row-level security
/// holds.
#[tokio::test(flavor = "multi_thread")]
async fn the_printed_postgresql_commands_back_up_and_restore() {
    if !Store::every().contains(&Store::Postgres) {
        return;
    }
    let mut env = TestEnv::with(Store::Postgres, Options::default());
    let acknowledged = create_tickets(&env, 5).await;
    let home = TempDir::new("dump");
    let dump = home.path().join("hotline.dump").display().to_string();
    let database = env.server.database().expect("it has one").to_owned();
    let output = block_in_place(|| printed(&database, &["backup", "--to", &dump], home.path()));
    assert!(output.contains(": 5 tickets, checkpoints up to"), "{output}");
    block_in_place(|| run_printed(&output, "pg_dump --enable-row-security"));
    block_in_place(|| run_printed(&output, "pg_restore --list"));

    let arguments = [&["restore", "--in-place"], &WHO_AND_WHY[..]].concat();
    let (code, output) = env.server.run(&arguments);
    assert!(code == Some(1) && output.contains("is connected to this database; stop it first"), "{output}");
    env.server.kill();
    let from = [&["restore", "--from", &dump], &WHO_AND_WHY[..]].concat();
    let (code, output) = env.server.run(&from);
    assert!(code == Some(1) && output.contains("has tables already"), "{output}");
    let empty = block_in_place(|| postgres::shared().expect("it is running").database());
    let output = block_in_place(|| printed(&empty, &from, home.path()));
    block_in_place(|| run_printed(&output, "pg_restore --exit-on-error"));
    env.server.move_to(empty);
    let (code, output) = env.server.run(&arguments);
    assert!(code == Some(0) && output.contains("restore 1"), "{output}");
    let (code, output) = env.server.run(&arguments);
    assert!(code == Some(1) && output.contains("--again"), "a second restore needs --again: {output}");
    env.server.restart();
    for number in &acknowledged {
        assert_eq!(&env.ticket(number).await.number, number);
    }
    assert!(create_tickets(&env, 3).await.is_disjoint(&acknowledged));
    let (code, output) = env.server.run(&["verify"]);
    assert!(code == Some(0) && output.contains("findings: 0"), "{output}");
}

/// If the skip is undone, the drill's own check finds numbers that were given twice.
#[tokio::test(flavor = "multi_thread")]
async fn without_skipped_numbers_a_restore_issues_numbers_twice() {
    let (exported, backup_dir) = (TempDir::new("export"), TempDir::new("aside"));
    let mut env = env(Store::Sqlite, &exported);
    create_tickets(&env, 3).await;
    let backup = backup_dir.path().join("hotline.backup");
    block_in_place(|| back_up(&env, &backup));
    let numbers = create_tickets(&env, 130).await;
    lose_database(&mut env, backup_dir.path());
    restore(&mut env, &backup);
    execute(&env.server, "UPDATE number_block SET next_sequence = 64").await;
    env.server.restart();
    let after = create_tickets(&env, 3).await;
    assert!(!after.is_disjoint(&numbers), "with the injected bug {after:?} should repeat earlier numbers");
}
