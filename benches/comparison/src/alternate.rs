//! Two calls that are compared: one caller makes them in turn, so that both meet the same noise.

use std::future::Future;
use std::time::{Duration, Instant};

use super::load::Measured;

/// Calls of each kind that are not counted.
const WARM_UP: u64 = 3;
/// The fewest calls of each kind that are counted.
const CALLS_MIN: u64 = 7;
/// The time after which no further calls are made, if there are enough.
const TIME: Duration = Duration::from_millis(700);

/// The results of both.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Medians {
    pub(crate) one: Measured,
    pub(crate) other: Measured,
}

/// Makes both calls in turn. Each gets the number of calls before it, and returns the size of its answer.
///
/// # Errors
/// If a call fails, or the two answers differ in size.
pub(crate) async fn measure<A, B>(one: impl Fn(u64) -> A, other: impl Fn(u64) -> B) -> Result<Medians, String>
where
    A: Future<Output = Result<usize, String>>,
    B: Future<Output = Result<usize, String>>,
{
    let (mut all_of_one, mut all_of_other) = (Vec::new(), Vec::new());
    let begun = Instant::now();
    for call in 0.. {
        let (size_of_one, first) = timed(one(call)).await?;
        let (size_of_other, second) = timed(other(call)).await?;
        if size_of_one != size_of_other {
            return Err(format!("one answer has {size_of_one} tickets, the other {size_of_other}"));
        }
        if call >= WARM_UP {
            all_of_one.push(first);
            all_of_other.push(second);
        }
        if begun.elapsed() >= TIME && call + 1 >= WARM_UP + CALLS_MIN {
            break;
        }
    }
    Ok(Medians { one: measured(all_of_one), other: measured(all_of_other) })
}

/// The latencies, with the rate of a caller that makes only these calls.
fn measured(times: Vec<Duration>) -> Measured {
    let sum = times.iter().sum();
    Measured::from_times(times, sum)
}

async fn timed<F>(call: F) -> Result<(usize, Duration), String>
where
    F: Future<Output = Result<usize, String>>,
{
    let begun = Instant::now();
    let size = call.await?;
    Ok((size, begun.elapsed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_of_different_sizes_are_not_compared() {
        let ended = measure(|_| async { Ok(50) }, |_| async { Ok(49) }).await;
        assert_eq!(ended.expect_err("they differ"), "one answer has 50 tickets, the other 49");
    }

    #[tokio::test]
    async fn both_calls_are_made_as_often() {
        let Medians { one, other } =
            measure(|_| async { Ok(1) }, |_| async { Ok(1) }).await.expect("both answer");
        assert!(one.p50_ms <= one.p99_ms && other.p50_ms <= other.p99_ms);
        assert!(one.per_second > 0.0 && other.per_second > 0.0);
    }
}
