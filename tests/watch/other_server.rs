//! A reader of one server, and tickets that are written on the other one: how long a commit takes to reach the reader
//! with the hints of the sequencers, and how long without. Without hints nothing is lost.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hotline_client::{WatchItem, WatchStart, WatchTickets};
use tokio::sync::mpsc;

use crate::options::Options;
use crate::scenario::{Servers, blocking};
use crate::support::suite::TestResult;
use crate::writers::{Clients, write};

/// Tickets that are written one after the other.
const TICKETS: u32 = 120;
/// Without hints.
const NO_HINTS: &str = "bug.ignores_feed_hints=return";
/// The longest wait for an event that was committed.
const WAIT_MAX: Duration = Duration::from_secs(30);

fn at(times: &[Duration], percent: usize) -> Duration {
    times.get((times.len() * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or_default()
}

/// The times from the answer to each acceptance to its arrival at the reader, sorted.
async fn measure(failpoints: Option<&str>) -> Result<Vec<Duration>, String> {
    let Servers { setup_server, fleet, .. } = Servers::start(failpoints).await;
    let endpoints = fleet.endpoints();
    let writers = Clients::of(&endpoints[0], &setup_server);
    let reader = Clients::of(&endpoints[1], &setup_server).supervisor;
    let mut watch = reader.watch_tickets(WatchTickets::new(WatchStart::Now));
    watch.next().await.map_err(|error| format!("{error:?}"))?;
    let (sender, mut arrivals) = mpsc::unbounded_channel();
    let reading = tokio::spawn(async move {
        while let Ok(item) = watch.next().await {
            if let WatchItem::Event(event) = item
                && event.detail.name() == "TicketAccepted"
                && sender.send((event.ticket_number, Instant::now())).is_err()
            {
                return;
            }
        }
    });
    let mut ends = HashMap::new();
    for place in 0..TICKETS {
        let number = write(&writers, place).await.map_err(|error| format!("{error:?}"))?;
        ends.insert(number, Instant::now());
    }
    let mut times = Vec::new();
    while times.len() < ends.len() {
        let arrived = tokio::time::timeout(WAIT_MAX, arrivals.recv()).await;
        let (number, at) = arrived.map_err(|_| "an event did not arrive")?.ok_or("the stream ended")?;
        let ended = ends.get(&number).ok_or("an unknown ticket arrived")?;
        times.push(at.saturating_duration_since(*ended));
    }
    reading.abort();
    blocking(move || fleet.end()).await;
    times.sort_unstable();
    Ok(times)
}

/// Measures.
pub(crate) async fn run(_: Options) -> TestResult {
    let without = measure(Some(NO_HINTS)).await?;
    let with = measure(None).await?;
    let of = |times: &[Duration]| format!("p50 {:.1?}, p99 {:.1?}", at(times, 50), at(times, 99));
    let figures = format!("{TICKETS} events: with hints {}; without hints {}", of(&with), of(&without));
    if at(&with, 50) > at(&without, 50) {
        return Err(format!("{figures}: hints do not pay"));
    }
    Ok(figures)
}
