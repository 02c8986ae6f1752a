//! The server program for operators: its commands, and what it refuses to serve.

use std::fs;
use std::process::{Output, Stdio};

use hotline_client::{ErrorReason, HotlineClient, ListTickets};

use super::test_env::{OPENING, TestEnv, appeal, refused};
use crate::support::process::Process;
use crate::support::server::{Options, Server, Store, program};
use crate::support::temp_dir::TempDir;

on_every_store!(store: a_generated_credential_authenticates_its_holder);

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
    let output = process.output();
    assert!(!output.contains("listening on"), "{output}");
    output
}

#[test]
fn the_configuration_is_printed_with_every_key() {
    let printed = run(&["config"]);
    assert!(printed.status.success());
    let default_config = include_str!("../../server/config.default.toml");
    assert_eq!(String::from_utf8_lossy(&printed.stdout), default_config);
}

#[test]
fn the_printed_configuration_can_be_loaded_again() {
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
fn a_public_address_needs_credentials_and_the_real_clock() {
    let output = refusal(&["--listen", "0.0.0.0:0"]);
    assert!(output.contains("access.credentials"), "{output}");
    let output = refusal(&["--listen", "[::]:0"]);
    assert!(output.contains("access.credentials"), "{output}");
    let clock = ["--simulated-clock", "2019-10-12T06:00:00+08:00"];
    let output = refusal(
        &[&["--listen", "0.0.0.0:0", "--set", "access.credentials=credentials.toml"], &clock[..]].concat(),
    );
    assert!(output.contains("simulated clock"), "{output}");
    let public_address = ["--listen", "0.0.0.0:0", "--set", "access.credentials=credentials.toml"];
    let keys = ["--set", "vault.keys=keys.toml"];
    let signing = ["--set", "audit_log.signing_key=key.pem"];
    assert!(refusal(&public_address).contains("vault.keys"));
    assert!(refusal(&[&public_address[..], &keys].concat()).contains("audit_log.signing_key"));
    let output = refusal(&[&public_address[..], &keys, &signing].concat());
    assert!(output.contains("with TLS only"), "{output}");
    let behind_proxy = ["--set", "tls.terminated_by_proxy=true"];
    let output = refusal(&[&public_address[..], &keys, &signing, &behind_proxy].concat());
    assert!(
        !output.contains("TLS") && output.contains("hotline-server migrate"),
        "only a database is missing: {output}"
    );
    let output = refusal(&["--simulated-clock", "yesterday"]);
    assert!(output.contains("2019-10-12T06:00:00+08:00"), "the message shows an example: {output}");
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
    assert_eq!(env.ticket(&number).await.number, number, "the first server goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_has_a_file_of_its_own() {
    let env = TestEnv::open(Store::Sqlite);
    let simulated_ticket = env.take_in(appeal()).await.number;
    let mut command = program();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(env.server.data_dir());
    let real_server = Process::spawn(command);
    real_server
        .wait_for_line("a real server beside it", |line| line.starts_with("listening on ").then_some(()));
    let exists = |name: &str| env.server.data_dir().join(name).is_file();
    assert!(exists("simulation.sqlite") && exists("hotline.sqlite"));
    assert_eq!(env.ticket(&simulated_ticket).await.number, simulated_ticket, "the simulation goes on");
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
    let output = refusal(&["--database", &database, "--simulated-clock", OPENING]);
    assert!(output.contains("holds real tickets"), "{output}");
}

async fn a_generated_credential_authenticates_its_holder(store: Store) {
    let home = TempDir::new("credentials");
    let generated = run(&["credential", "--principal", "seat-7", "--role", "agent"]);
    assert!(generated.status.success());
    let printed = String::from_utf8(generated.stderr).expect("the token is text");
    let token =
        printed.trim().strip_prefix("token, shown this once: ").expect("the token is shown").to_owned();
    let entry = String::from_utf8(generated.stdout).expect("the entry is TOML");
    assert!(!entry.contains(&token), "the file keeps no token");
    let file = home.path().join("credentials.toml");
    fs::write(&file, entry).expect("the file can be written");

    let server = Server::start(
        store,
        Options::default().set("access.credentials", &format!("\"{}\"", file.display())),
    );
    assert!(
        !server.data_dir().join("development-credentials.toml").exists(),
        "no development credentials are made"
    );
    let client_with_token = |token: &str| {
        let builder = HotlineClient::builder().endpoint(server.endpoint()).token(token);
        builder.connect_lazy().expect("the address is an endpoint").tickets()
    };
    let ticket = client_with_token(&token).create_ticket(appeal()).await.expect("seat 7 takes a request in");
    let created = client_with_token(&token)
        .list_ticket_events(ticket.number)
        .try_next()
        .await
        .expect("it reads the events");
    assert_eq!(created.and_then(|event| event.actor).as_deref(), Some("seat-7"));
    let guess = client_with_token("guessed").list_tickets(ListTickets::default()).try_next().await;
    refused(guess, ErrorReason::Unauthenticated);
}

#[test]
fn an_invalid_credential_is_not_generated() {
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
