//! The server program for operators: its commands, and what it refuses to serve.

use std::fs;
use std::process::{Output, Stdio};

use hotline_client::{ErrorReason, HotlineClient, ListTickets};

use super::test_env::{OPENING, TestEnv, appeal, refused};
use crate::support::process::Process;
use crate::support::server::{Options, Server, Store, program};
use crate::support::temp_dir::TempDir;

on_every_store!(store: a_credential_that_was_made_lets_its_holder_in);

/// Runs a command that ends by itself.
pub(crate) fn run(arguments: &[&str]) -> Output {
    program().args(arguments).stdin(Stdio::null()).output().expect("the program can be run")
}

/// Starts a server that must not serve; returns its message.
pub(crate) fn refusal(arguments: &[&str]) -> String {
    let home = TempDir::new("refused");
    let mut command = program();
    command.args(["serve", "--data-dir"]).arg(home.path()).args(arguments);
    if !arguments.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    let mut process = Process::spawn(command);
    let status = process.wait();
    assert_eq!(status.code(), Some(1), "{}", process.output());
    let said = process.output();
    assert!(!said.contains("listening on"), "{said}");
    said
}

#[test]
fn the_configuration_is_printed_with_every_key() {
    let printed = run(&["config"]);
    assert!(printed.status.success());
    let shipped = include_str!("../../server/config.default.toml");
    assert_eq!(String::from_utf8_lossy(&printed.stdout), shipped);
}

#[test]
fn what_was_printed_can_be_given_back() {
    let home = TempDir::new("config");
    let file = home.path().join("hotline.toml");
    fs::write(&file, run(&["config"]).stdout).expect("the file can be written");
    let migrated = program()
        .args(["migrate", "--config"])
        .arg(&file)
        .arg("--data-dir")
        .arg(home.path())
        .stdin(Stdio::null())
        .output()
        .expect("the program can be run");
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    assert!(home.path().join("hotline.sqlite").is_file(), "the database is there and nothing was served");
}

#[test]
fn an_unknown_key_is_refused_by_its_name() {
    assert!(refusal(&["--set", "listem=\"127.0.0.1:1\""]).contains("listem"));
    assert!(refusal(&["--set", "policy.deadline.general.dais=7"]).contains("dais"));
    assert!(refusal(&["--set", "policy.ladder.urge_after_hours=-1"]).contains("urge_after_hours"));
    assert!(refusal(&["--set", "policy.deadline.general.days=0"]).contains("policy.deadline.general.days"));
    assert!(refusal(&["--set", "log.filter"]).contains("KEY=VALUE"));
    assert!(refusal(&["--config", "/nowhere/hotline.toml"]).contains("/nowhere/hotline.toml"));
    assert!(refusal(&["--database", "mysql://somewhere"]).contains("postgres://"));
}

#[test]
fn beyond_loopback_it_wants_credentials_and_the_real_clock() {
    let said = refusal(&["--listen", "0.0.0.0:0"]);
    assert!(said.contains("access.credentials"), "{said}");
    let said = refusal(&["--listen", "[::]:0"]);
    assert!(said.contains("access.credentials"), "{said}");
    let clock = ["--simulated-clock", "2019-10-12T06:00:00+08:00"];
    let said = refusal(
        &[&["--listen", "0.0.0.0:0", "--set", "access.credentials=credentials.toml"], &clock[..]].concat(),
    );
    assert!(said.contains("simulated clock"), "{said}");
    let beyond = ["--listen", "0.0.0.0:0", "--set", "access.credentials=credentials.toml"];
    let keys = ["--set", "vault.keys=keys.toml"];
    let signing = ["--set", "audit_log.signing_key=key.pem"];
    assert!(refusal(&beyond).contains("vault.keys"));
    assert!(refusal(&[&beyond[..], &keys].concat()).contains("audit_log.signing_key"));
    let said = refusal(&[&beyond[..], &keys, &signing].concat());
    assert!(said.contains("with TLS only"), "{said}");
    let behind_proxy = ["--set", "tls.terminated_by_proxy=true"];
    let said = refusal(&[&beyond[..], &keys, &signing, &behind_proxy].concat());
    assert!(
        !said.contains("TLS") && said.contains("hotline-server migrate"),
        "only a database is missing: {said}"
    );
    let said = refusal(&["--simulated-clock", "yesterday"]);
    assert!(said.contains("2019-10-12T06:00:00+08:00"), "it shows how: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_file_is_refused() {
    let env = TestEnv::open(Store::Sqlite);
    let number = env.take_in(appeal()).await.number;
    let mut command = program();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(env.server.data_dir());
    command.args(["--simulated-clock", OPENING]);
    let mut second = Process::spawn(command);
    assert_eq!(second.wait().code(), Some(1));
    assert!(second.output().contains("another hotline-server serves"), "{}", second.output());
    assert_eq!(env.ticket(&number).await.number, number, "the first one goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_has_a_file_of_its_own() {
    let env = TestEnv::open(Store::Sqlite);
    let simulated = env.take_in(appeal()).await.number;
    let mut command = program();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(env.server.data_dir());
    let real = Process::spawn(command);
    real.wait_for_line("a real server beside it", |line| line.starts_with("listening on ").then_some(()));
    let files = |name: &str| env.server.data_dir().join(name).is_file();
    assert!(files("simulation.sqlite") && files("hotline.sqlite"));
    assert_eq!(env.ticket(&simulated).await.number, simulated, "the simulation goes on");
}

/// Only on PostgreSQL, because the embedded files have different names.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_real_tickets_is_never_simulated() {
    if !Store::every().contains(&Store::Postgres) {
        return;
    }
    let mut server = Server::start(Store::Postgres, Options::default());
    let database = server.database().expect("PostgreSQL has an address").to_owned();
    server.kill();
    let said = refusal(&["--database", &database, "--simulated-clock", OPENING]);
    assert!(said.contains("holds real tickets"), "{said}");
}

async fn a_credential_that_was_made_lets_its_holder_in(store: Store) {
    let home = TempDir::new("credentials");
    let made = run(&["credential", "--principal", "seat-7", "--role", "agent"]);
    assert!(made.status.success());
    let printed = String::from_utf8(made.stderr).expect("the token is text");
    let token =
        printed.trim().strip_prefix("token, shown this once: ").expect("the token is shown").to_owned();
    let entry = String::from_utf8(made.stdout).expect("the entry is TOML");
    assert!(!entry.contains(&token), "the file keeps no token");
    let file = home.path().join("credentials.toml");
    fs::write(&file, entry).expect("the file can be written");

    let server = Server::start(
        store,
        Options::default().set("access.credentials", &format!("\"{}\"", file.display())),
    );
    assert!(!server.data_dir().join("development-credentials.toml").exists(), "there are no others");
    let client = |token: &str| {
        let builder = HotlineClient::builder().endpoint(server.endpoint()).token(token);
        builder.connect_lazy().expect("the address is an endpoint").tickets()
    };
    let ticket = client(&token).create_ticket(appeal()).await.expect("seat 7 takes a request in");
    let created =
        client(&token).list_ticket_events(ticket.number).try_next().await.expect("it reads the events");
    assert_eq!(created.and_then(|event| event.actor).as_deref(), Some("seat-7"));
    let other = client("guessed").list_tickets(ListTickets::default()).try_next().await;
    refused(other, ErrorReason::Unauthenticated);
}

#[test]
fn a_credential_that_makes_no_sense_is_not_made() {
    for arguments in [
        &["--principal", "x", "--role", "mayor"][..],
        &["--principal", "x", "--role", "unit"],
        &["--principal", "x", "--role", "agent", "--unit", "dept-tax"],
        &["--principal", "", "--role", "agent"],
    ] {
        let outcome = run(&[&["credential"], arguments].concat());
        assert_eq!((outcome.status.code(), outcome.stdout.as_slice()), (Some(1), &b""[..]), "{arguments:?}");
    }
}
