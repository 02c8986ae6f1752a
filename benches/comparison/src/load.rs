//! Callers that each wait for the answer before they call again, and the rates and latencies that result.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

/// The time before a window in which caches and connections warm up.
const WARM_UP: Duration = Duration::from_millis(750);

/// The result of one window.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Calls that were answered in a second.
    pub(crate) per_second: f64,
    /// The median latency, in milliseconds; NaN if it was not taken.
    pub(crate) p50_ms: f64,
    /// The 99th percentile of the latency, in milliseconds; NaN if it was not taken.
    pub(crate) p99_ms: f64,
}

impl Measured {
    /// The result of calls that were answered within a window, by their latencies.
    pub(crate) fn from_times(mut times: Vec<Duration>, window: Duration) -> Self {
        times.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "the calls of a window are few")]
        let per_second = times.len() as f64 / window.as_secs_f64();
        Self { per_second, p50_ms: percentile_ms(&times, 50), p99_ms: percentile_ms(&times, 99) }
    }
}

/// The latency that this many of a hundred calls did not exceed, in milliseconds; NaN if there were no calls.
fn percentile_ms(sorted: &[Duration], hundredths: usize) -> f64 {
    let rank = (sorted.len() * hundredths).div_ceil(100).max(1);
    sorted.get(rank - 1).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
}

/// Which call it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// The caller, from 0.
    pub(crate) caller: usize,
    /// The number of calls that the caller has made before.
    pub(crate) call: usize,
}

/// Lets callers call for a window. Only calls that are answered within the window count.
///
/// # Errors
/// The first error of a call.
pub(crate) async fn run<F, R, E>(callers: usize, window: Duration, call: F) -> Result<Measured, String>
where
    F: Fn(Turn) -> R + Clone + Send + 'static,
    R: Future<Output = Result<(), E>> + Send,
    E: Display + Send + 'static,
{
    let begin = Instant::now() + WARM_UP;
    let end = begin + window;
    let mut running = JoinSet::new();
    for caller in 0..callers {
        let call = call.clone();
        running.spawn(async move {
            let mut times = Vec::new();
            for turn in 0.. {
                let sent = Instant::now();
                if sent >= end {
                    break;
                }
                call(Turn { caller, call: turn }).await.map_err(|error| error.to_string())?;
                let answered = Instant::now();
                if begin <= answered && answered < end {
                    times.push(answered - sent);
                }
            }
            Ok(times)
        });
    }
    let mut all = Vec::new();
    while let Some(ended) = running.join_next().await {
        let times: Result<Vec<Duration>, String> = ended.map_err(|error| error.to_string())?;
        all.extend(times?);
    }
    Ok(Measured::from_times(all, window))
}

/// The median of values; NaN if there are none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_latency_that_occurred() {
        let times: Vec<_> = (1..=200).rev().map(Duration::from_millis).collect();
        let measured = Measured::from_times(times, Duration::from_secs(4));
        assert_eq!((measured.per_second, measured.p50_ms, measured.p99_ms), (50.0, 100.0, 198.0));
        assert!(Measured::from_times(Vec::new(), Duration::from_secs(1)).p50_ms.is_nan());
    }

    #[test]
    fn a_median_of_an_even_number_lies_between_the_two_in_the_middle() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(vec![4.0, 1.0, 2.0, 9.0]) - 3.0).abs() < 1e-9);
        assert!(median(Vec::new()).is_nan());
    }

    #[tokio::test]
    async fn a_failed_call_ends_the_window_with_its_error() {
        let failing = |_| async { Err::<(), _>("refused") };
        let ended = run(2, Duration::from_mins(1), failing).await;
        assert_eq!(ended.expect_err("every call fails"), "refused");
    }
}
