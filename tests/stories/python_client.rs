//! A client in another language without generated code, which reads the contract by reflection.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use hotline_client::{Category, ErrorReason, TicketState};
use serde_json::Value;

use super::test_env::TestEnv;

on_every_store!(env: a_python_client_creates_a_first_ticket);

/// A Python with the packages of the script; `None` on a machine without it, which is reported, but never in CI.
fn python() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    FOUND
        .get_or_init(|| {
            let named = env::var("HOTLINE_TEST_PYTHON").ok();
            let found = named.into_iter().chain(["python3".to_owned()]).find(|program| is_fit(program));
            if found.is_none() {
                miss();
            }
            found
        })
        .as_deref()
}

fn is_fit(program: &str) -> bool {
    let outcome = Command::new(program)
        .args(["-c", "import grpc, grpc_reflection.v1alpha, grpc_status"])
        .stdin(Stdio::null())
        .output();
    outcome.is_ok_and(|outcome| outcome.status.success())
}

fn miss() {
    let why = "neither HOTLINE_TEST_PYTHON nor python3 is a Python with grpcio, grpcio-reflection and grpcio-status";
    assert!(env::var_os("CI").is_none(), "{why}");
    // Not eprintln!, which the test harness hides for every test that passes.
    writeln!(io::stderr(), "NOT RUN: the first ticket from Python; {why}.").expect("standard error is open");
}

/// Runs the script; returns its output.
fn run(python: &str, endpoint: &str, token: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/python/first_ticket.py");
    let outcome = Command::new(python)
        .arg(script)
        .args(["--endpoint", endpoint, "--token", token])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::null())
        .output()
        .expect("Python can be run");
    let complaint = String::from_utf8_lossy(&outcome.stderr);
    assert!(outcome.status.success(), "the script failed:\n{complaint}");
    serde_json::from_slice(&outcome.stdout).expect("the script prints JSON")
}

async fn a_python_client_creates_a_first_ticket(env: &TestEnv) {
    let Some(python) = python() else { return };
    let (endpoint, token) = (env.server.endpoint(), env.server.token("agent"));
    let report = tokio::task::spawn_blocking(move || run(python, &endpoint, &token));
    let report = report.await.expect("the script was run");

    let number = report["number"].as_str().expect("a ticket has a number");
    let ticket = env.ticket(number).await;
    assert_eq!((ticket.state, ticket.category), (TicketState::Received, Category::Appeal));
    let read = &report["read_back"];
    assert_eq!(read["number"], number);
    assert_eq!(read["state"], "TICKET_STATE_RECEIVED");
    assert_eq!(read["subject"], ticket.subject);
    assert_eq!(read["content"].as_str(), ticket.content.as_deref());
    assert_eq!(read["etag"], ticket.etag);
    assert_eq!(report["code"], "INVALID_ARGUMENT");
    assert_eq!(report["reason"], ErrorReason::InvalidFields.name());
    assert_eq!(report["violations"], serde_json::json!(["district", "subject"]));
    assert_eq!(env.all_tickets().await.len(), 1, "the wrong request left nothing behind");
}
