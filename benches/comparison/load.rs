//! A closed loop of callers: each makes its next call when the last one was answered.

use std::future::Future;
use std::time::Duration;

use hotline_client::Error;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Before this, nothing counts: connections, plans and caches.
const WARM_UP: Duration = Duration::from_millis(700);

/// What a load did.
#[derive(Debug)]
pub(crate) struct Rate {
    /// Calls in a second.
    pub(crate) per_second: f64,
    /// The time within which 99 of 100 calls were answered, in milliseconds.
    pub(crate) p99_ms: f64,
}

/// Has so many callers call for so long. `call` makes one call of the caller of this number.
///
/// # Panics
/// If a call fails: a failed call is no call, and a rate with failures says nothing.
pub(crate) async fn run<F, C>(callers: usize, duration: Duration, call: F) -> Rate
where
    F: Fn(usize) -> C + Clone + Send + 'static,
    C: Future<Output = Result<(), Error>> + Send + 'static,
{
    let begin = Instant::now() + WARM_UP;
    let end = begin + duration;
    let mut running = JoinSet::new();
    for caller in 0..callers {
        let call = call.clone();
        running.spawn(async move {
            let mut times = Vec::new();
            loop {
                let start = Instant::now();
                if start >= end {
                    return times;
                }
                call(caller).await.unwrap_or_else(|error| panic!("caller {caller}: {error}"));
                let answered = Instant::now();
                if start >= begin && answered <= end {
                    times.push(answered - start);
                }
            }
        });
    }
    let mut times: Vec<Duration> = running.join_all().await.into_iter().flatten().collect();
    times.sort_unstable();
    Rate { per_second: per_second(times.len(), duration), p99_ms: percentile_ms(&times, 99) }
}

#[expect(clippy::cast_precision_loss, reason = "calls of a benchmark are few")]
fn per_second(calls: usize, duration: Duration) -> f64 {
    calls as f64 / duration.as_secs_f64()
}

/// The time within which so many of a hundred calls were answered, in milliseconds.
pub(crate) fn percentile_ms(times: &[Duration], hundredths: usize) -> f64 {
    let rank = (times.len() * hundredths).div_ceil(100).max(1);
    times.get(rank - 1).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
}
