//! Metrics: how late rungs fired, and how many fired and were passed. Without a listener there are none, and no label
//! identifies anybody.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use chrono::TimeDelta;

use super::test_env::TestEnv;
use crate::support::server::{Options, Server, Store};

on_every_store!(store:
    late_rungs_are_counted_by_how_late_they_were,
    metrics_are_shown_where_somebody_asked_for_them,
);

/// Longer than an answer takes.
const PATIENCE: Duration = Duration::from_secs(25);

fn options(simulated_clock: &str) -> Options {
    Options::default().simulated_clock(simulated_clock).set("metrics.listen", "\"127.0.0.1:0\"")
}

/// One raw HTTP request; returns the status line and the body.
pub(crate) fn ask(server: &Server, method: &str, path: &str) -> (String, String) {
    let line = server.wait_for_line("metrics: http://");
    let address = line.trim_start_matches("metrics: http://").trim_end_matches("/metrics");
    let mut peer = TcpStream::connect(address).expect("it listens");
    peer.set_read_timeout(Some(PATIENCE)).expect("a socket takes a time-out");
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

async fn late_rungs_are_counted_by_how_late_they_were(store: Store) {
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

async fn metrics_are_shown_where_somebody_asked_for_them(store: Store) {
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
