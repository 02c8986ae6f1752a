//! Limits on the bytes of responses that wait to be sent: on one connection, for one principal, and in all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use metrics::{counter, gauge};

use crate::net::Connection;
use crate::platform::Fault;
use crate::platform::config::Limits;
use crate::platform::metrics::{RESPONSES_REFUSED, UNSENT_BYTES};

/// When a caller whose responses wait may retry.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// The fraction of a limit that must be free for a new call, so that its response probably fits.
const LEFT_FOR_A_CALL: usize = 4;
/// The same fraction of the limit in all, which is shared by all calls in flight.
const LEFT_IN_ALL: usize = 16;
/// An answer up to this size, with its overhead, is always sent. So a health check is answered even if others leave
/// everything unread.
const ALWAYS_BYTES: usize = 16 * 1024;

/// A principal; all callers without a credential from one address are one.
pub type Principal = Arc<str>;

/// The kind of answer of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// The answer to a read, which can be repeated.
    ToQuestion,
    /// The answer to a change, which has been made already.
    ToChange,
}

#[derive(Debug, Default)]
struct UnsentBytes {
    all: usize,
    by_principal: HashMap<Principal, usize>,
}

/// The bytes that wait to be sent, and their limits.
#[derive(Debug)]
pub struct SendBudget {
    waiting: Mutex<UnsentBytes>,
    all_max: usize,
    of_principal_max: usize,
    of_connection_max: usize,
}

/// Whether more bytes fit. They always fit if nothing else waits, so that no limit is below the largest response.
const fn fits(waiting: usize, more: usize, max: usize) -> bool {
    waiting == 0 || waiting.saturating_add(more) <= max
}

fn refused(reason: ErrorReason) -> Fault {
    counter!(RESPONSES_REFUSED).increment(1);
    Fault { retry_after: Some(RETRY_AFTER), ..Fault::new(reason) }
}

impl SendBudget {
    /// The limits of the configuration.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            waiting: Mutex::default(),
            all_max: limits.unsent_bytes_max,
            of_principal_max: limits.unsent_bytes_per_principal_max,
            of_connection_max: limits.unsent_bytes_per_connection_max,
        }
    }

    fn waiting<T>(&self, look: impl FnOnce(&mut UnsentBytes) -> T) -> T {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = look(&mut waiting);
        let all = waiting.all;
        drop(waiting);
        // The gauge is exact enough for a collector.
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
        let is_full_in_all = all.saturating_add(self.all_max / LEFT_IN_ALL) > self.all_max;
        if is_full_in_all || connection.is_some_and(is_full) {
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

    /// Reserves room for bytes that are ready to be sent. A small answer to a change always gets it, because the change
    /// was made; the limit of calls in flight bounds how many there are. Another small answer gets it if all bytes that
    /// wait for its principal are few, and its connection has room.
    ///
    /// # Errors
    /// `RATE_LIMITED` or `OVERLOADED` if a limit would be exceeded; nothing is reserved then.
    pub(super) fn reserve(
        &self,
        principal: &Principal,
        connection: Option<&Connection>,
        answer: Answer,
        bytes: usize,
    ) -> Result<(), Fault> {
        let on_connection = connection.map_or(0, Connection::unsent_bytes);
        let fits_on_connection = fits(on_connection, bytes, self.of_connection_max);
        let is_small = |before: usize| before.saturating_add(bytes) <= ALWAYS_BYTES;
        self.waiting(|waiting| {
            let of_principal = waiting.by_principal.get(principal).copied().unwrap_or(0);
            let is_let_through = match answer {
                Answer::ToQuestion => fits_on_connection && is_small(of_principal),
                Answer::ToChange => is_small(0),
            };
            if !is_let_through {
                if !fits(of_principal, bytes, self.of_principal_max) {
                    return Err(refused(ErrorReason::RateLimited));
                }
                let has_room = fits_on_connection && fits(waiting.all, bytes, self.all_max);
                if !has_room {
                    return Err(refused(ErrorReason::Overloaded));
                }
            }
            waiting.all += bytes;
            waiting.by_principal.insert(Arc::clone(principal), of_principal + bytes);
            Ok(())
        })
    }

    /// Releases room.
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

    /// All bytes that wait.
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

    const KIB: usize = 1024;

    fn reserve(budget: &SendBudget, principal: &Principal, kib: usize) -> Result<(), Fault> {
        budget.reserve(principal, None, Answer::ToQuestion, kib * KIB)
    }

    #[test]
    fn no_principal_has_more_than_its_share_and_all_have_no_more_than_there_is() {
        let budget = budget(100 * KIB, 60 * KIB, 1000 * KIB);
        let [clerk, other, third] = ["clerk", "other", "third"].map(Principal::from);
        reserve(&budget, &clerk, 50).expect("there is room");
        let refused = reserve(&budget, &clerk, 11).expect_err("that is more than a share");
        assert_eq!((refused.reason, refused.retry_after), (ErrorReason::RateLimited, Some(RETRY_AFTER)));
        budget.admit_principal("clerk").expect_err("its next response would not fit");
        budget.admit_principal("other").expect("everybody has a share");
        reserve(&budget, &other, 44).expect("there is room");
        budget.admit(None).expect_err("what is left is for the calls under way");
        budget.release(&clerk, 50 * KIB);
        budget.admit(None).expect("there is room again");
        let refused = reserve(&budget, &other, 17).expect_err("that is more than a share");
        assert_eq!(refused.reason, ErrorReason::RateLimited);
        let refused = reserve(&budget, &third, 57).expect_err("that is more than there is");
        assert_eq!(refused.reason, ErrorReason::Overloaded);
        budget.release(&other, 44 * KIB);
        let waiting = budget.waiting.lock().expect("nobody panicked");
        assert_eq!((waiting.all, waiting.by_principal.len()), (0, 0), "nobody is remembered");
    }

    #[test]
    fn what_is_alone_fits() {
        let budget = budget(10 * KIB, 10 * KIB, 10 * KIB);
        let clerk = Principal::from("clerk");
        reserve(&budget, &clerk, 1000).expect("it is alone");
        reserve(&budget, &clerk, 1).expect_err("it is not alone");
    }

    #[test]
    fn what_is_small_is_let_through() {
        let budget = budget(100 * KIB, 100 * KIB, 100 * KIB);
        let [stranger, probe] = ["stranger", "probe"].map(Principal::from);
        reserve(&budget, &stranger, 100).expect("it takes all that there is");
        reserve(&budget, &stranger, 1).expect_err("it has no more");
        reserve(&budget, &probe, 16).expect("a small answer is let through");
        let refused = reserve(&budget, &probe, 1).expect_err("many small ones are not");
        assert_eq!(refused.reason, ErrorReason::Overloaded);
        let answer = |kib: usize| budget.reserve(&stranger, None, Answer::ToChange, kib * KIB);
        answer(16).expect("the change was made");
        answer(16).expect("so was this one");
        answer(17).expect_err("that is not small");
    }
}
