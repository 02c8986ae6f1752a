//! How many calls are in the system, by the equations of a birth-and-death process: calls arrive at random, seats end
//! them, and callers who wait give up (Erlang A, the model M/M/n+M of C. Palm). Nothing here is simulated.

/// States of more waiting calls than this are left out; their share is below rounding.
const WAITING_MAX: usize = 900;

/// The same for a day. With more states, a step would be too long for them.
const DAY_WAITING_MAX: usize = 225;

/// The probability of each number of calls in the system.
pub(super) struct Distribution {
    shares: Vec<f64>,
    seats: usize,
}

/// What is expected of a day.
pub(super) struct Day {
    /// Callers who give up.
    pub(super) given_up: f64,
    /// The sum of all waits.
    pub(super) queue_seconds: f64,
}

/// The calls that leave in a second if so many are there.
fn leaving(calls: usize, seats: usize, handling_seconds: f64, patience_seconds: f64) -> f64 {
    number(calls.min(seats)) / handling_seconds + number(calls.saturating_sub(seats)) / patience_seconds
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("small"))
}

impl Distribution {
    /// The distribution that a steady load settles to.
    pub(super) fn stationary(
        per_second: f64,
        handling_seconds: f64,
        patience_seconds: f64,
        seats: u32,
    ) -> Self {
        let seats = usize::try_from(seats).expect("small");
        let mut logarithms = vec![0.0_f64];
        for calls in 1..=seats + WAITING_MAX {
            let leaving = leaving(calls, seats, handling_seconds, patience_seconds);
            let before = logarithms.last().copied().unwrap_or_default();
            logarithms.push(before + (per_second / leaving).ln());
        }
        let greatest = logarithms.iter().copied().fold(f64::MIN, f64::max);
        let weights: Vec<_> = logarithms.iter().map(|one| (one - greatest).exp()).collect();
        let total: f64 = weights.iter().sum();
        Self { shares: weights.iter().map(|one| one / total).collect(), seats }
    }

    /// The share of time for which all seats are busy. A call that arrives then has to wait.
    pub(super) fn all_busy(&self) -> f64 {
        self.shares[self.seats..].iter().sum()
    }

    /// The calls that wait, on average.
    pub(super) fn queue(&self) -> f64 {
        self.shares[self.seats..].iter().enumerate().map(|(waiting, share)| number(waiting) * share).sum()
    }

    /// A day whose load changes by the hour, from empty seats until the last caller is gone.
    pub(super) fn day(per_hour: &[f64], handling_seconds: f64, patience_seconds: f64, seats: u32) -> Day {
        const STEP_SECONDS: f64 = 0.25;
        let seats = usize::try_from(seats).expect("small");
        let states = seats + DAY_WAITING_MAX;
        let leaving: Vec<_> =
            (0..=states).map(|calls| leaving(calls, seats, handling_seconds, patience_seconds)).collect();
        let mut now = Self { shares: vec![0.0; states + 1], seats };
        now.shares[0] = 1.0;
        let mut queue_seconds = 0.0;
        // An hour without arrivals at the end.
        for rate in per_hour.iter().chain(&[0.0]) {
            let arriving = rate / 3_600.0 * STEP_SECONDS;
            for _ in 0..14_400 {
                queue_seconds += now.queue() * STEP_SECONDS;
                now.step(arriving, &leaving, STEP_SECONDS);
            }
        }
        Day { given_up: queue_seconds / patience_seconds, queue_seconds }
    }

    /// Moves on by a step in which at most one call arrives or leaves.
    fn step(&mut self, arriving: f64, leaving: &[f64], step_seconds: f64) {
        let mut from_below = 0.0;
        for calls in 0..self.shares.len() {
            let share = self.shares[calls];
            let up = if calls + 1 < self.shares.len() { share * arriving } else { 0.0 };
            let down = share * leaving[calls] * step_seconds;
            let from_above =
                self.shares.get(calls + 1).map_or(0.0, |above| above * leaving[calls + 1] * step_seconds);
            self.shares[calls] = share - up - down + from_below + from_above;
            from_below = up;
        }
    }
}
