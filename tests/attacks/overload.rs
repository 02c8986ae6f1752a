//! Ten times more callers than slots: the callers with a slot are served at nearly the same rate as before, and the
//! others get a retry time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hotline_proto::v1::ListTicketsRequest;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use tokio::task::JoinSet;
use tonic::transport::Endpoint;
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use crate::TestResult;
use crate::support::server::{Options, Server, Store};

/// Slots for calls, and the number of callers that fill them.
const CALL_SLOTS: u32 = 16;
const TIMES: u32 = 10;
/// The fraction of the rate that must be left.
const GOODPUT_MIN: f64 = 0.9;

/// How many calls were answered and how many refused.
#[derive(Default)]
struct Tally {
    answered: AtomicU64,
    shed: AtomicU64,
}

/// Answered calls a second with this many callers, and how many were refused.
async fn rate(server: &Server, callers: u32, time: Duration) -> (f64, u64) {
    let tally = Arc::new(Tally::default());
    let mut running = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..callers {
        let (tally, token) = (Arc::clone(&tally), server.token("agent"));
        let channel = Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy();
        running.spawn(async move {
            while begun.elapsed() < time {
                let mut request = Request::new(ListTicketsRequest::default());
                let authorization = format!("Bearer {token}").parse().expect("a header");
                request.metadata_mut().insert("authorization", authorization);
                match TicketServiceClient::new(channel.clone()).list_tickets(request).await {
                    Ok(_) => tally.answered.fetch_add(1, Ordering::Relaxed),
                    Err(refused) => {
                        assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
                        let info = refused.get_error_details().retry_info().cloned();
                        let wait = info.and_then(|info| info.retry_delay).expect("it says when");
                        tokio::time::sleep(wait).await;
                        tally.shed.fetch_add(1, Ordering::Relaxed)
                    }
                };
            }
        });
    }
    running.join_all().await;
    let answered = tally.answered.load(Ordering::Relaxed);
    (
        f64::from(u32::try_from(answered).unwrap_or(u32::MAX)) / begun.elapsed().as_secs_f64(),
        tally.shed.load(Ordering::Relaxed),
    )
}

/// The rate with as many callers as slots, and with ten times more.
pub(crate) async fn measure(seconds: u32) -> TestResult {
    let options = Options::default()
        .set("limits.calls_max", &CALL_SLOTS.to_string())
        .set("limits.calls_per_second_per_principal", "1000000")
        .set("limits.burst_per_principal", "1000000");
    let server = Server::start(Store::Sqlite, options);
    let time = Duration::from_secs(u64::from(seconds));
    rate(&server, CALL_SLOTS, time / 4).await;
    let (before, _) = rate(&server, CALL_SLOTS, time).await;
    let (under, shed) = rate(&server, CALL_SLOTS * TIMES, time).await;
    let goodput = under / before;
    let figures = format!(
        "{before:.0} calls/s with {CALL_SLOTS} callers, {under:.0} with {}, {shed} shed: {:.0} %",
        CALL_SLOTS * TIMES,
        goodput * 100.0
    );
    if goodput >= GOODPUT_MIN { Ok(figures) } else { Err(figures) }
}
