//! The retry budget of a client and all its clones. It bounds what the client adds to the load of a server in trouble.
//!
//! Every call adds a fifteenth of a retry, and every answer a whole one. At most ten are saved. So a server that only
//! refuses receives at most 1.1 attempts for each call of a busy client. A client with few calls has a floor: one retry
//! in two seconds. A call that finds the budget empty waits for it until its deadline.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// What a retry costs, in fifteenths of a retry.
const COST_OF_RETRY: u32 = 15;
/// The deposit of a call.
const CALL_DEPOSIT: u32 = 1;
/// The deposit of an answer.
const ANSWER_DEPOSIT: u32 = COST_OF_RETRY;
/// The most that is saved: ten retries. A client starts with it.
const SAVED_MAX: u32 = 10 * COST_OF_RETRY;
/// If no retry was made for this long, one is allowed.
const FLOOR_INTERVAL: Duration = Duration::from_secs(2);

/// The budget.
#[derive(Debug)]
pub(crate) struct Budget {
    state: Mutex<State>,
    deposited: Notify,
}

#[derive(Debug)]
struct State {
    saved: u32,
    last_retry: Option<Instant>,
}

impl Budget {
    pub(crate) fn full() -> Self {
        Self { state: Mutex::new(State { saved: SAVED_MAX, last_retry: None }), deposited: Notify::new() }
    }

    /// Adds the deposit of a call.
    pub(crate) fn deposit_for_call(&self) {
        self.deposit(CALL_DEPOSIT);
    }

    /// Adds the deposit of an answer.
    pub(crate) fn deposit_for_answer(&self) {
        self.deposit(ANSWER_DEPOSIT);
    }

    fn deposit(&self, amount: u32) {
        let mut state = self.lock();
        let had_enough = state.saved >= COST_OF_RETRY;
        state.saved = (state.saved + amount).min(SAVED_MAX);
        if !had_enough && state.saved >= COST_OF_RETRY {
            self.deposited.notify_one();
        }
    }

    /// Takes a retry if there is one; otherwise returns when the floor allows the next one.
    fn try_take(&self, now: Instant) -> Result<(), Instant> {
        let mut state = self.lock();
        if let Some(rest) = state.saved.checked_sub(COST_OF_RETRY) {
            state.saved = rest;
        } else if let Some(last) = state.last_retry
            && now < last + FLOOR_INTERVAL
        {
            return Err(last + FLOOR_INTERVAL);
        }
        state.last_retry = Some(now);
        if state.saved >= COST_OF_RETRY {
            // There is one for the next call that waits, too.
            self.deposited.notify_one();
        }
        Ok(())
    }

    /// Takes a retry, waiting for it until `end`. Answers whether there was one.
    pub(crate) async fn take_until(&self, end: Instant) -> bool {
        loop {
            let now = Instant::now();
            if now >= end {
                return false;
            }
            match self.try_take(now) {
                Ok(()) => return true,
                Err(floor) => {
                    let _ = timeout_at(floor.min(end), self.deposited.notified()).await;
                }
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(budget: &Budget, tries: u32, now: Instant) -> usize {
        (0..tries).filter(|_| budget.try_take(now).is_ok()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn ten_retries_are_saved_and_fifteen_calls_earn_one() {
        let (budget, now) = (Budget::full(), Instant::now());
        assert_eq!(count(&budget, 20, now), 10);
        (0..14).for_each(|_| budget.deposit_for_call());
        assert_eq!(count(&budget, 5, now), 0);
        budget.deposit_for_call();
        assert_eq!(count(&budget, 5, now), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_budget_has_a_floor_of_one_retry_in_two_seconds() {
        let (budget, start) = (Budget::full(), Instant::now());
        assert_eq!(count(&budget, 20, start), 10);
        let taken =
            (1..=100).filter(|tenth| budget.try_take(start + Duration::from_millis(100) * *tenth).is_ok());
        assert_eq!(taken.count(), 5, "ten seconds");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_waits_gets_what_an_answer_has_earned() {
        let budget = Budget::full();
        count(&budget, 20, Instant::now());
        let start = Instant::now();
        let (taken, ()) = tokio::join!(budget.take_until(start + Duration::from_secs(30)), async {
            budget.deposit_for_answer();
        });
        assert!(taken && start.elapsed() < Duration::from_secs(1));
        assert!(!budget.take_until(Instant::now()).await);
    }
}
