//! Nothing is silently made again if something shows that it was lost: a lost key or token is restored, or its loss is
//! reported.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use hotline_client::ListTickets;

use super::test_env::{OPENING, TestEnv, appeal};
use crate::support::process::Process;
use crate::support::server::{Options, Server, Store, program};

/// The longest wait for a checkpoint.
const PATIENCE: Duration = Duration::from_secs(30);

on_every_store!(store:
    a_lost_vault_key_is_not_replaced,
    a_lost_signing_key_is_logged,
);

fn serve(server: &Server) -> Process {
    let mut command = program();
    command.args(["serve", "--listen", "127.0.0.1:0", "--simulated-clock", OPENING]);
    command.arg("--data-dir").arg(server.data_dir());
    command.args(server.database().map(|url| format!("--database={url}")));
    command.args(["--set", "audit_log.checkpoint_interval_seconds=1"]);
    Process::spawn(command)
}

/// Starts a server that must not serve; returns its message.
fn refusal(server: &Server) -> String {
    let mut process = serve(server);
    assert_eq!(process.wait().code(), Some(1), "{}", process.output());
    process.output()
}

fn env(store: Store) -> TestEnv {
    TestEnv::with(
        store,
        Options::default().simulated_clock(OPENING).set("audit_log.checkpoint_interval_seconds", "1"),
    )
}

/// The checkpoints of a server's database, as the program prints them.
fn checkpoints(server: &Server) -> String {
    let mut command = program();
    command.args(["checkpoints", "--simulated-clock", OPENING, "--data-dir"]).arg(server.data_dir());
    command.args(server.database().map(|url| format!("--database={url}")));
    let output = command.stdin(Stdio::null()).output().expect("the program can be run");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

async fn a_lost_vault_key_is_not_replaced(store: Store) {
    let mut env = env(store);
    env.take_in(appeal()).await;
    env.server.terminate();
    let file = env.server.data_dir().join("vault-keys.toml");
    let kept = fs::read(&file).expect("the server has made it");
    fs::remove_file(&file).expect("it was there");
    let said = refusal(&env.server);
    assert!(said.contains("vault-keys.toml is missing") && said.contains("restore the file"), "{said}");
    assert!(!file.exists(), "no other one lies in its place");

    let mut command = program();
    command.args(["vault-key", "--simulated-clock", OPENING, "--data-dir"]).arg(env.server.data_dir());
    command.args(env.server.database().map(|url| format!("--database={url}")));
    let output = command.stdin(Stdio::null()).output().expect("the program can be run");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("restore the file"), "{said}");
    assert!(!file.exists(), "no other one lies in its place");

    super::vault::write_private(&file, &kept);
    env.server.restart();
    env.agent().list_tickets(ListTickets::default()).take_up_to(1).await.expect("it serves again");
}

async fn a_lost_signing_key_is_logged(store: Store) {
    let mut env = env(store);
    env.take_in(appeal()).await;
    // The first checkpoint is made within a second or two; the command is repeated until there is one.
    let begun = Instant::now();
    while checkpoints(&env.server).is_empty() {
        assert!(begun.elapsed() < PATIENCE, "no checkpoint yet: {}", env.server.output());
    }
    env.server.terminate();
    let file = env.server.data_dir().join("signing-key.pem");
    let kept = fs::read(&file).expect("the server has made it");
    fs::remove_file(&file).expect("it was there");
    if store == Store::Sqlite {
        let said = refusal(&env.server);
        assert!(said.contains("signing-key.pem is missing") && said.contains("restore the file"), "{said}");
        assert!(!file.exists(), "no other one lies in its place");
    } else {
        // Another server of the same database may have its own key.
        env.server.restart();
        env.server.wait_for_line("the signing key has signed no recent checkpoint of this database");
        env.server.kill();
    }
    super::vault::write_private(&file, &kept);
    env.server.restart();
    env.agent().list_tickets(ListTickets::default()).take_up_to(1).await.expect("it serves again");
    assert!(!env.server.output().contains("has signed no recent checkpoint"), "{}", env.server.output());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_development_token_that_was_printed_stays_valid() {
    let mut env = TestEnv::open(Store::Sqlite);
    let token = env.server.token("agent");
    for lost in ["credentials.toml", "development-credentials.toml"] {
        env.server.terminate();
        fs::remove_file(env.server.data_dir().join(lost)).expect("it was there");
        env.server.restart();
        if lost == "credentials.toml" {
            assert_eq!(env.server.token("agent"), token, "the digests are made of the tokens again");
            env.agent().list_tickets(ListTickets::default()).take_up_to(1).await.expect("it is good");
        } else {
            assert_ne!(env.server.token("agent"), token);
            env.server.wait_for_line("development tokens were lost and made anew");
        }
    }
}

#[test]
fn a_credentials_file_without_an_administrator_is_logged() {
    let made = super::command_line::run(&["credential", "--principal", "seat-7", "--role", "agent"]);
    let home = crate::support::temp_dir::TempDir::new("credentials");
    let file = home.path().join("credentials.toml");
    fs::write(&file, made.stdout).expect("it can be written");
    let set = format!("\"{}\"", file.display());
    let server = Server::start(Store::Sqlite, Options::default().set("access.credentials", &set));
    server.wait_for_line("no administrator can authenticate");
}
