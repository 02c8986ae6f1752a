//! Peers that mean no good, or are broken: what gRPC's stack does wrong by default, and what the hotline does instead.
//! Each row is kept here or where it is named; the attacks that are measured are in `tests/attacks`.
//!
//! | row | by default | kept by |
//! |---|---|---|
//! | M1 | a cancelled `begin` lends an open transaction | `store::cancelled_calls`, `cancelled_calls` |
//! | M2 | a cancelled `commit` has happened | `store::cancelled_calls`, `cancelled_calls` |
//! | M3 | a passed deadline is answered with CANCELLED | `deadlines` |
//! | M4 | no limit of streams in SETTINGS | `http2_limits::m4_…` |
//! | M5 | no limit of bad streams | `http2_limits::m5_…` |
//! | M6 | a silent peer stays for ever | `stories::lifecycle::a_peer_without_a_preface_…`, `silent_peers::m6_…` |
//! | M7 | a silent peer keeps the server from ending | `stories::lifecycle::a_silent_peer_…`, `silent_peers::m7_…` |
//! | M8 | the age limit breaks calls in flight | `deadlines::m8_…`, `stories::lifecycle::a_shutdown_finishes_…` |

mod call_metrics;
mod cancelled_calls;
mod deadlines;
mod edges;
mod error_reasons;
mod exchange;
mod http2_limits;
mod malformed_requests;
mod rate_limits;
pub(crate) mod raw_http2;
mod silent_peers;
mod slow_link;
mod slow_readers;
mod tls_certificates;
mod unauthenticated;
mod unread_streams;

use crate::stories::test_env::OPENING;
use crate::support::postgres;
use crate::support::server::{Options, Server, Store};

/// A server on the simulated clock with these keys. The tests here do not depend on the store.
fn server(keys: &[(&str, &str)]) -> Server {
    on(Store::Sqlite, keys)
}

fn on(store: Store, keys: &[(&str, &str)]) -> Server {
    let options = Options::default().simulated_clock(OPENING);
    Server::start(store, keys.iter().fold(options, |options, (key, value)| options.set(key, value)))
}

/// More memory than the server ever needs here, in KiB: an idle debug build has 60 MiB.
const MEMORY_MAX_KIB: u64 = 256 * 1024;

/// Checks that no task of the server has panicked, and that its memory has not grown with the attack.
fn assert_calm(server: &Server) {
    let output = server.output();
    assert!(!output.contains("panicked"), "{output}");
    // Only Linux reports it; on other systems it is not checked.
    let status = format!("/proc/{}/status", server.process_id());
    let Ok(status) = std::fs::read_to_string(status) else { return };
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let most: u64 = most.and_then(|kib| kib.parse().ok()).expect("Linux tells the most that it had");
    assert!(most < MEMORY_MAX_KIB, "the server had {most} KiB");
}

/// M1 and M2 over the network, a few thousand times.
#[tokio::test(flavor = "multi_thread")]
async fn m1_callers_who_hang_up_leave_no_open_transaction() {
    let Some(cluster) = postgres::shared() else { return };
    let server = on(Store::Postgres, &[]);
    let outcome = cancelled_calls::make_and_cancel(&server, cluster, 2_000).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_calm(&server);
}
