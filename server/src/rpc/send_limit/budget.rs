//! How many bytes of responses may wait to be sent: on one connection, for one principal, and in all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use metrics::{counter, gauge};

use crate::platform::Fault;
use crate::platform::config::Limits;
use crate::platform::metrics::{RESPONSES_REFUSED, UNSENT_BYTES};
use crate::rpc::transport::Connection;

/// When a caller whose responses wait may come back.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// What of a bound must be left for a new call, as a fraction: its response should fit, so that its work is not in vain.
const LEFT_FOR_A_CALL: usize = 4;

/// For whom bytes wait; all callers without a credential are one.
pub type Principal = Arc<str>;

#[derive(Debug, Default)]
struct Waiting {
    all: usize,
    by_principal: HashMap<Principal, usize>,
}

/// The bytes that wait to be sent, and their bounds.
#[derive(Debug)]
pub struct SendBudget {
    waiting: Mutex<Waiting>,
    all_max: usize,
    of_principal_max: usize,
    of_connection_max: usize,
}

/// Whether more fits. What is alone always does, so that no bound is below the largest response.
const fn fits(waiting: usize, more: usize, max: usize) -> bool {
    waiting == 0 || waiting.saturating_add(more) <= max
}

fn refused(reason: ErrorReason) -> Fault {
    counter!(RESPONSES_REFUSED).increment(1);
    Fault { retry_after: Some(RETRY_AFTER), ..Fault::new(reason) }
}

impl SendBudget {
    /// The bounds of the configuration.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            waiting: Mutex::default(),
            all_max: limits.unsent_bytes_max,
            of_principal_max: limits.unsent_bytes_per_principal_max,
            of_connection_max: limits.unsent_bytes_per_connection_max,
        }
    }

    fn waiting<T>(&self, look: impl FnOnce(&mut Waiting) -> T) -> T {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = look(&mut waiting);
        let all = waiting.all;
        drop(waiting);
        // As far as a collector needs it, a gauge is exact.
        gauge!(UNSENT_BYTES).set(u32::try_from(all).map_or(f64::from(u32::MAX), f64::from));
        outcome
    }

    /// Whether a call may begin on a connection.
    ///
    /// # Errors
    /// `OVERLOADED` if too much waits on the connection or in all.
    pub fn admit(&self, connection: Option<&Connection>) -> Result<(), Fault> {
        let all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).all;
        let is_full = |connection: &Connection| {
            let max = self.of_connection_max;
            !fits(connection.unsent_bytes(), max / LEFT_FOR_A_CALL, max)
        };
        if all >= self.all_max || connection.is_some_and(is_full) {
            return Err(refused(ErrorReason::Overloaded));
        }
        Ok(())
    }

    /// Whether a call of a principal may begin.
    ///
    /// # Errors
    /// `RATE_LIMITED` if too many responses wait for the principal.
    pub fn admit_principal(&self, principal: &str) -> Result<(), Fault> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let of_principal = waiting.by_principal.get(principal).copied().unwrap_or(0);
        drop(waiting);
        let max = self.of_principal_max;
        let has_room = fits(of_principal, max / LEFT_FOR_A_CALL, max);
        has_room.then_some(()).ok_or_else(|| refused(ErrorReason::RateLimited))
    }

    /// Takes room for bytes that are ready to be sent.
    ///
    /// # Errors
    /// `RATE_LIMITED` or `OVERLOADED` if a bound would be exceeded; nothing is taken then.
    pub(super) fn reserve(
        &self,
        principal: &Principal,
        connection: Option<&Connection>,
        bytes: usize,
    ) -> Result<(), Fault> {
        let on_connection = connection.map_or(0, Connection::unsent_bytes);
        self.waiting(|waiting| {
            let of_principal = waiting.by_principal.get(principal).copied().unwrap_or(0);
            if !fits(of_principal, bytes, self.of_principal_max) {
                return Err(refused(ErrorReason::RateLimited));
            }
            let has_room =
                fits(waiting.all, bytes, self.all_max) && fits(on_connection, bytes, self.of_connection_max);
            if !has_room {
                return Err(refused(ErrorReason::Overloaded));
            }
            waiting.all += bytes;
            waiting.by_principal.insert(Arc::clone(principal), of_principal + bytes);
            Ok(())
        })
    }

    /// Gives room back.
    pub(super) fn release(&self, principal: &Principal, bytes: usize) {
        self.waiting(|waiting| {
            waiting.all = waiting.all.saturating_sub(bytes);
            let left = waiting.by_principal.get(principal).map_or(0, |count| count.saturating_sub(bytes));
            if left == 0 {
                waiting.by_principal.remove(principal);
            } else {
                waiting.by_principal.insert(Arc::clone(principal), left);
            }
        });
    }

    /// Bytes that wait in all.
    #[cfg(test)]
    pub(super) fn in_all(&self) -> usize {
        self.waiting(|waiting| waiting.all)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn budget(all: usize, principal: usize, connection: usize) -> SendBudget {
        SendBudget {
            waiting: Mutex::default(),
            all_max: all,
            of_principal_max: principal,
            of_connection_max: connection,
        }
    }

    #[test]
    fn no_principal_has_more_than_its_share_and_all_have_no_more_than_there_is() {
        let budget = budget(100, 60, 1000);
        let [clerk, other, third] = ["clerk", "other", "third"].map(Principal::from);
        budget.reserve(&clerk, None, 50).expect("there is room");
        let refused = budget.reserve(&clerk, None, 11).expect_err("that is more than a share");
        assert_eq!((refused.reason, refused.retry_after), (ErrorReason::RateLimited, Some(RETRY_AFTER)));
        budget.admit_principal("clerk").expect_err("its next response would not fit");
        budget.admit_principal("other").expect("everybody has a share");
        budget.reserve(&other, None, 50).expect("there is room");
        budget.admit(None).expect_err("nothing is left");
        budget.release(&clerk, 50);
        budget.admit(None).expect("there is room again");
        let refused = budget.reserve(&other, None, 11).expect_err("that is more than a share");
        assert_eq!(refused.reason, ErrorReason::RateLimited);
        let refused = budget.reserve(&third, None, 51).expect_err("that is more than there is");
        assert_eq!(refused.reason, ErrorReason::Overloaded);
        budget.release(&other, 50);
        let waiting = budget.waiting.lock().expect("nobody panicked");
        assert_eq!((waiting.all, waiting.by_principal.len()), (0, 0), "nobody is remembered");
    }

    #[test]
    fn what_is_alone_fits() {
        let budget = budget(10, 10, 10);
        let clerk = Principal::from("clerk");
        budget.reserve(&clerk, None, 1000).expect("it is alone");
        budget.reserve(&clerk, None, 1).expect_err("it is not alone");
    }
}
