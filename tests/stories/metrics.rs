//! Metrics: how late rungs fired, and how many fired and were passed. Without a listener there are none, and no label
//! identifies anybody.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use chrono::TimeDelta;

use hotline_client::ErrorReason;

use super::test_env::{TestEnv, appeal, refused};
use crate::support::server::{Options, Server, Store};

on_every_store!(store:
    late_rungs_are_counted_by_their_lateness,
    metrics_are_served_only_if_configured,
    calls_are_counted_by_method_status_and_reason,
);

/// Longer than an answer takes.
const WAIT_MAX: Duration = Duration::from_secs(25);

fn options(simulated_clock: &str) -> Options {
    Options::default().simulated_clock(simulated_clock).set("metrics.listen", "\"127.0.0.1:0\"")
}

/// One raw HTTP request; returns the status line and the body.
pub(crate) fn ask(server: &Server, method: &str, path: &str) -> (String, String) {
    let line = server.wait_for_line("metrics: http://");
    let address = line.trim_start_matches("metrics: http://").trim_end_matches("/metrics");
    let mut peer = TcpStream::connect(address).expect("it listens");
    peer.set_read_timeout(Some(WAIT_MAX)).expect("a socket takes a time-out");
    write!(peer, "{method} {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").expect("it listens");
    let mut answer = String::new();
    peer.read_to_string(&mut answer).expect("it answers and closes");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    (head.lines().next().unwrap_or_default().to_owned(), body.to_owned())
}

/// The value of a series; all are integers on a clock that stands still.
pub(crate) fn value(page: &str, series: &str) -> u64 {
    let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in\n{page}")).parse().expect("a whole number")
}

/// How many rungs of a kind fired at most this many seconds late.
fn late_at_most(page: &str, rung: &str, seconds: &str) -> u64 {
    value(page, &format!("hotline_timer_lateness_seconds_bucket{{rung=\"{rung}\",le=\"{seconds}\"}}"))
}

async fn late_rungs_are_counted_by_their_lateness(store: Store) {
    let mut env = TestEnv::with(store, options(super::test_env::OPENING));
    let tickets = [env.appeal_in_handling().await, env.appeal_in_handling().await];
    let limit = tickets[0].cycle.due_time;
    let (_, before) = ask(&env.server, "GET", "/metrics");
    for rung in ["reminded", "urged", "supervised", "manual"] {
        assert_eq!(late_at_most(&before, rung, "+Inf"), 0);
        assert_eq!(value(&before, &format!("hotline_rungs_fired_total{{rung=\"{rung}\"}}")), 0);
    }

    // Urged at the instant itself.
    env.advance_to(limit + TimeDelta::minutes(10)).await;
    let (status, page) = ask(&env.server, "GET", "/metrics");
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert_eq!(late_at_most(&page, "urged", "0.1"), 2);
    assert_eq!(value(&page, "hotline_timer_lateness_seconds_count{rung=\"urged\"}"), 2);
    assert_eq!(value(&page, "hotline_rungs_fired_total{rung=\"urged\"}"), 2);

    // No runner is there until two hours after the last rung: it fires late, and the one below it never.
    let back = limit + TimeDelta::hours(50);
    env.server.restart_with(options(&back.to_rfc3339()));
    env.advance_to(back + TimeDelta::minutes(1)).await;
    let (_, page) = ask(&env.server, "GET", "/metrics");
    let counts = ["3600", "86400", "+Inf"].map(|seconds| late_at_most(&page, "manual", seconds));
    assert_eq!(counts, [0, 2, 2]);
    assert_eq!(value(&page, "hotline_timer_lateness_seconds_sum{rung=\"manual\"}"), 2 * 7_200);
    assert_eq!(value(&page, "hotline_rungs_fired_total{rung=\"manual\"}"), 2);
    assert_eq!(value(&page, "hotline_rungs_passed_total{rung=\"supervised\"}"), 2);
    assert_eq!(value(&page, "hotline_rungs_passed_total{rung=\"manual\"}"), 0);
    assert_eq!(value(&page, "hotline_timers_deferred_total"), 0);
    for ticket in &tickets {
        assert!(!page.contains(&ticket.number), "a metric names a ticket:\n{page}");
    }
}

async fn metrics_are_served_only_if_configured(store: Store) {
    let silent = TestEnv::open(store);
    assert!(!silent.server.output().contains("metrics:"), "{}", silent.server.output());

    let env = TestEnv::with(store, options(super::test_env::OPENING));
    let (_, page) = ask(&env.server, "GET", "/metrics");
    for name in ["hotline_timer_lateness_seconds", "hotline_timers_deferred_total"] {
        assert!(page.contains(&format!("# HELP {name} ")), "{name} is not explained:\n{page}");
    }
    assert_eq!(ask(&env.server, "GET", "/").0, "HTTP/1.1 404 Not Found");
    assert_eq!(ask(&env.server, "POST", "/metrics").0, "HTTP/1.1 405 Method Not Allowed");
    // Silent peers do not block others.
    let line = env.server.wait_for_line("metrics: http://");
    let address = line.trim_start_matches("metrics: http://").trim_end_matches("/metrics");
    let _silent: Vec<_> = (0..3).map(|_| TcpStream::connect(address).expect("it listens")).collect();
    assert_eq!(ask(&env.server, "GET", "/metrics").0, "HTTP/1.1 200 OK");
}

async fn calls_are_counted_by_method_status_and_reason(store: Store) {
    let env = TestEnv::with(store, options(super::test_env::OPENING));
    let (_, before) = ask(&env.server, "GET", "/metrics");
    let [create, get] =
        ["CreateTicket", "GetTicket"].map(|name| format!("grpc_method=\"hotline.v1.TicketService/{name}\""));
    assert_eq!(value(&before, &format!("grpc_server_call_started_total{{{create}}}")), 0);
    let tickets = [env.take_in(appeal()).await, env.take_in(appeal()).await];
    for ticket in &tickets {
        env.agent().get_ticket_with_caller(&ticket.number).await.expect("the agent reads the ticket");
    }
    // A unit that has nothing to do with the ticket.
    let stranger = env.unit(super::test_env::LEAD);
    refused(stranger.get_ticket_with_caller(&tickets[0].number).await, ErrorReason::TicketNotFound);

    let (_, page) = ask(&env.server, "GET", "/metrics");
    for (series, count) in [
        (format!("grpc_server_call_started_total{{{create}}}"), 2),
        (format!("grpc_server_call_started_total{{{get}}}"), 3),
        (format!("grpc_server_call_duration_seconds_count{{{create},grpc_status=\"OK\"}}"), 2),
        (format!("grpc_server_call_duration_seconds_count{{{get},grpc_status=\"OK\"}}"), 2),
        (format!("grpc_server_call_duration_seconds_bucket{{{get},grpc_status=\"OK\",le=\"+Inf\"}}"), 2),
        (format!("grpc_server_call_duration_seconds_count{{{get},grpc_status=\"NOT_FOUND\"}}"), 1),
        (format!("hotline_calls_refused_total{{{get},reason=\"TICKET_NOT_FOUND\"}}"), 1),
        ("hotline_calls_in_flight".to_owned(), 0),
        ("hotline_calls_shed_total".to_owned(), 0),
        ("hotline_self_check_ok".to_owned(), 1),
        ("hotline_timers_due".to_owned(), 0),
        ("db_client_connection_timeouts_total".to_owned(), 0),
    ] {
        assert_eq!(value(&page, &series), count, "{series}");
    }
    assert!(value(&page, "hotline_connections_open") > 0, "the clients of this story are connected");
    assert!(value(&page, "db_client_connection_wait_time_seconds_count") >= 2, "a create is a transaction");
    let pools = if store == Store::Sqlite { ["writer", "readers"] } else { ["calls", "background"] };
    for pool in pools {
        let most = format!("db_client_connection_max{{db_client_connection_pool_name=\"{pool}\"}}");
        assert!(value(&page, &most) > 0, "{pool}");
    }
    for ticket in &tickets {
        assert!(!page.contains(&ticket.number), "a metric names a ticket:\n{page}");
    }
    assert!(!page.contains(super::test_env::LEAD), "a metric names a unit:\n{page}");
}
