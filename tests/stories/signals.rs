//! Signals: no signal of an operator or a closed terminal ends a server without draining.

use std::env;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};

use tonic::transport::Endpoint;

use super::open_call::OpenCall;
use super::test_env::OPENING;
use crate::support::process::Process;
use crate::support::server::{Options, Server, Store};
use crate::support::temp_dir::TempDir;

fn server() -> Server {
    let options = Options::default().simulated_clock(OPENING).set("shutdown.pre_drain_ms", "100");
    Server::start(Store::Sqlite, options)
}

async fn hold_a_call(server: &Server) -> OpenCall {
    let channel = Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy();
    OpenCall::begin(channel, &server.token("agent")).await
}

/// A call that is running when the signal comes is finished, and the server ends normally.
async fn assert_drains(signal: &'static str) {
    let mut server = server();
    let held = hold_a_call(&server).await;
    server.signal(signal);
    server.wait_for_line(&format!("SIG{signal}"));
    assert!(!held.finish().await.is_empty(), "it is answered");
    let ended = tokio::task::spawn_blocking(move || (server.wait(), server.output()));
    let (status, said) = ended.await.expect("it ended");
    assert!(status.success(), "SIG{signal}: {status}");
    assert!(said.contains("is_drained=true"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn term_int_and_quit_drain() {
    for signal in ["TERM", "INT", "QUIT"] {
        assert_drains(signal).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_hup_reads_the_files_again_and_usr_does_nothing() {
    let mut server = server();
    let held = hold_a_call(&server).await;
    server.signal("HUP");
    server.wait_for_line("reading TLS files and vault keys again");
    server.wait_for_line("vault keys read again has_changed=false");
    for signal in ["USR1", "USR2"] {
        server.signal(signal);
        server.wait_for_line(&format!("signal ignored signal=\"SIG{signal}\""));
    }
    server.signal("HUP");
    assert!(!held.is_over(), "the call goes on");
    assert!(!held.finish().await.is_empty(), "it is answered");
    let ended = tokio::task::spawn_blocking(move || server.terminate());
    assert!(ended.await.expect("it ended").success());
}

/// A program that gives another one a terminal; false on a machine without it, which is reported, but never in CI.
fn has_script() -> bool {
    let found = Command::new("script").arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).status();
    let is_there = found.is_ok_and(|status| status.success());
    if !is_there {
        let why = "script (util-linux) is not installed";
        assert!(env::var_os("CI").is_none(), "{why}");
        writeln!(io::stderr(), "NOT RUN: SIGHUP of a closed terminal; {why}.")
            .expect("standard error is open");
    }
    is_there
}

#[test]
fn when_its_terminal_is_closed_it_drains() {
    if !has_script() {
        return;
    }
    let home = TempDir::new("terminal");
    let mut command = Command::new("script");
    // The shell prints its process id and becomes the server.
    let line = format!(
        "echo pid $$; exec '{}' serve --listen 127.0.0.1:0 --data-dir '{}' --simulated-clock {OPENING}",
        env!("CARGO_BIN_EXE_hotline-server"),
        home.path().display()
    );
    command.args(["--quiet", "--return", "--command", &line]).arg(home.path().join("typescript"));
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HOTLINE_")) {
        command.env_remove(name);
    }
    let mut terminal = Process::spawn(command);
    let id = terminal.wait_for_line("its number", |line| line.trim().strip_prefix("pid ").map(str::to_owned));
    terminal.wait_for_line("an address", |line| line.starts_with("listening on ").then_some(()));
    let sent = Command::new("sh").args(["-c", "kill -HUP \"$0\"", &id]).status().expect("sh can be run");
    assert!(sent.success(), "{}", terminal.output());
    assert!(terminal.wait().success(), "{}", terminal.output());
    let said = terminal.output();
    assert!(said.contains("the terminal was closed") && said.contains("is_drained=true"), "{said}");
}
