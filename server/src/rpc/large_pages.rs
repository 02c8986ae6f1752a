//! Limits how many large pages are read at once. A page can hold 3 MiB, and needs several times that while it is made.
//! A few hundred at once would fill the memory, and keep short calls from the database.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::platform::Fault;

/// Rows of a page that is not large: the default size, and one row that shows whether there are more.
const ROWS_MAX: u64 = 51;
/// The same for rows with long texts.
const LONG_ROWS_MAX: u64 = 11;
/// Processor cores for each large page that is read at once. The other cores serve short calls.
const CORES_PER_PAGE: usize = 2;
/// Large pages of one principal that are read or wait.
const PER_PRINCIPAL_MAX: u32 = 16;
/// When a principal with too many large pages may retry.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// What the rows of a page hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// Mostly short fields.
    Short,
    /// Long texts.
    Long,
}

/// The large pages that are read or wait.
#[derive(Debug)]
pub struct LargePages {
    turns: Arc<Semaphore>,
    by_principal: Arc<Mutex<HashMap<String, u32>>>,
}

impl Default for LargePages {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::with((cores / CORES_PER_PAGE).max(1))
    }
}

/// A slot among the large pages of a principal; released when it is dropped.
struct Slot {
    by_principal: Arc<Mutex<HashMap<String, u32>>>,
    principal: String,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut all = self.by_principal.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.get(&self.principal).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            all.remove(&self.principal);
        } else if let Some(count) = all.get_mut(&self.principal) {
            *count = left;
        }
    }
}

/// The permit to read a page; it must be held until the response is made.
#[must_use]
pub(super) struct LargePagePermit {
    _turn: Option<OwnedSemaphorePermit>,
    _slot: Option<Slot>,
}

impl LargePages {
    fn with(at_once_max: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(at_once_max)), by_principal: Arc::default() }
    }

    fn take_slot(&self, principal: &str) -> Result<Slot, Fault> {
        let mut all = self.by_principal.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(principal.to_owned()).or_default();
        if *count >= PER_PRINCIPAL_MAX {
            return Err(Fault { retry_after: Some(RETRY_AFTER), ..Fault::new(ErrorReason::RateLimited) });
        }
        *count += 1;
        drop(all);
        Ok(Slot { by_principal: Arc::clone(&self.by_principal), principal: principal.to_owned() })
    }

    /// Waits until a page may be read; a small page need not wait.
    ///
    /// # Errors
    /// `RATE_LIMITED` if too many large pages of the principal are under way.
    pub(super) async fn turn(
        &self,
        principal: &str,
        limit: u64,
        rows: Rows,
    ) -> Result<LargePagePermit, Fault> {
        let small_max = if rows == Rows::Long { LONG_ROWS_MAX } else { ROWS_MAX };
        if limit <= small_max {
            return Ok(LargePagePermit { _turn: None, _slot: None });
        }
        let slot = self.take_slot(principal)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| Fault::unavailable("the server is going down"))?;
        Ok(LargePagePermit { _turn: Some(turn), _slot: Some(slot) })
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn large_pages_take_turns_and_small_ones_do_not_wait() {
        let pages = LargePages::with(2);
        let mut cx = Context::from_waker(Waker::noop());
        let mut waiting: Vec<_> = (0..PER_PRINCIPAL_MAX)
            .map(|_| Box::pin(pages.turn("clerk", LONG_ROWS_MAX + 1, Rows::Long)))
            .collect();
        let mut turns: Vec<_> = waiting.iter_mut().map(|turn| turn.as_mut().poll(&mut cx)).collect();
        assert_eq!(turns.iter().filter(|turn| turn.is_ready()).count(), 2);
        let mut small = Box::pin(pages.turn("clerk", LONG_ROWS_MAX + 1, Rows::Short));
        assert!(small.as_mut().poll(&mut cx).is_ready(), "a small one does not wait");
        let mut refused = Box::pin(pages.turn("clerk", ROWS_MAX + 1, Rows::Short));
        let std::task::Poll::Ready(Err(fault)) = refused.as_mut().poll(&mut cx) else { panic!("too many") };
        assert_eq!((fault.reason, fault.retry_after), (ErrorReason::RateLimited, Some(RETRY_AFTER)));
        turns.clear();
        let mut next = Box::pin(pages.turn("other", ROWS_MAX + 1, Rows::Short));
        assert!(next.as_mut().poll(&mut cx).is_pending(), "turns are taken in order");
        drop((waiting, refused));
        assert!(next.as_mut().poll(&mut cx).is_ready());
        drop(next);
        assert!(pages.by_principal.lock().expect("nobody panicked").is_empty(), "nobody is remembered");
    }
}
