//! The faults that a test asks for, by the name of the method: each is used up call by call.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is refused before the server sees it.
    Unavailable,
    /// It fails with `INTERNAL` before the server sees it.
    Internal,
    /// The server runs it, and its answer is lost.
    LostAnswer,
    /// It arrives later.
    Delay(Duration),
    /// It arrives, and is never answered.
    Stall,
    /// The server runs it, and its answer never comes. The connection stays open.
    HeldAnswer,
    /// The server runs it, and then the connection breaks, with all calls on it.
    CutConnection,
}

/// The faults of a fake. Clones are the same faults.
///
/// A method is named as in the contract, for example `CreateTicket`; `*` stands for every method. Faults of one method
/// happen in the order in which they were asked for, one for each call.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Notified when a call is left without an answer.
    unanswered: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<String, VecDeque<Fault>>,
    /// Of a hundred answers, so many are lost, spread by `position`.
    lost_percent: u32,
    position: u32,
    is_down: bool,
    calls: HashMap<String, u32>,
    /// Calls that were stalled, or whose answers are held back.
    unanswered: u32,
}

impl Faults {
    /// Loses the answers of the next `count` calls. The server has run them.
    pub fn lose_answers(&self, method: &str, count: usize) {
        self.add(method, Fault::LostAnswer, count);
    }

    /// Refuses the next `count` calls with `UNAVAILABLE`. The server has not seen them.
    pub fn refuse(&self, method: &str, count: usize) {
        self.add(method, Fault::Unavailable, count);
    }

    /// Answers the next `count` calls with `INTERNAL`, without a reason. The server has not seen them.
    pub fn fail(&self, method: &str, count: usize) {
        self.add(method, Fault::Internal, count);
    }

    /// Delays the next `count` calls.
    pub fn delay(&self, method: &str, time: Duration, count: usize) {
        self.add(method, Fault::Delay(time), count);
    }

    /// Never answers the next `count` calls. The server has not seen them.
    pub fn stall(&self, method: &str, count: usize) {
        self.add(method, Fault::Stall, count);
    }

    /// Holds the answers of the next `count` calls back for ever. The server has run them.
    pub fn hold_answers(&self, method: &str, count: usize) {
        self.add(method, Fault::HeldAnswer, count);
    }

    /// Breaks the connection of the next `count` calls after the server has run them. Other calls on the same
    /// connection lose their answers too.
    pub fn cut_connections(&self, method: &str, count: usize) {
        self.add(method, Fault::CutConnection, count);
    }

    /// Loses so many of a hundred answers, of every method, from now on; 0 for none.
    pub fn lose_percent_of_answers(&self, percent: u32) {
        self.lock().lost_percent = percent.min(100);
    }

    /// How many calls of a method have arrived, with their repeats.
    #[must_use]
    pub fn calls(&self, method: &str) -> u32 {
        self.lock().calls.get(method).copied().unwrap_or(0)
    }

    /// How many calls were left without an answer, by a stall or because the answer is held back. The server has run
    /// the latter.
    #[must_use]
    pub fn unanswered(&self) -> u32 {
        self.lock().unanswered
    }

    /// Waits until so many calls were left without an answer since the start.
    pub async fn until_unanswered(&self, count: u32) {
        loop {
            let changed = self.0.unanswered.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.unanswered() >= count {
                return;
            }
            changed.await;
        }
    }

    /// Forgets all faults that have not happened yet.
    pub fn clear(&self) {
        let mut state = self.lock();
        let (calls, unanswered) = (std::mem::take(&mut state.calls), state.unanswered);
        *state = State { calls, unanswered, ..State::default() };
    }

    pub(crate) fn set_down(&self, is_down: bool) {
        self.lock().is_down = is_down;
    }

    pub(crate) fn is_down(&self) -> bool {
        self.lock().is_down
    }

    /// A call is left without an answer from now on.
    pub(crate) fn note_unanswered(&self) {
        self.lock().unanswered += 1;
        self.0.unanswered.notify_waiters();
    }

    /// The fault of a call that arrives.
    pub(crate) fn of_call(&self, method: &str) -> Option<Fault> {
        let mut state = self.lock();
        *state.calls.entry(method.to_owned()).or_default() += 1;
        for name in [method, "*"] {
            if let Some(fault) = state.waiting.get_mut(name).and_then(VecDeque::pop_front) {
                return Some(fault);
            }
        }
        // 61 and 100 have no common divisor, so a hundred calls meet each remainder once, well mixed.
        state.position = (state.position + 61) % 100;
        (state.position < state.lost_percent).then_some(Fault::LostAnswer)
    }

    fn add(&self, method: &str, fault: Fault, count: usize) {
        let mut state = self.lock();
        state.waiting.entry(method.to_owned()).or_default().extend(std::iter::repeat_n(fault, count));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_used_up_in_their_order_and_percentages_are_kept() {
        let faults = Faults::default();
        faults.refuse("GetTicket", 1);
        faults.lose_answers("GetTicket", 1);
        faults.stall("*", 1);
        let of = |method| faults.of_call(method);
        assert_eq!(of("GetTicket"), Some(Fault::Unavailable));
        assert_eq!(of("CreateTicket"), Some(Fault::Stall));
        assert_eq!((of("GetTicket"), of("GetTicket")), (Some(Fault::LostAnswer), None));
        assert_eq!(faults.calls("GetTicket"), 3);
        faults.lose_percent_of_answers(30);
        let lost = (0..1_000).filter(|_| of("CreateTicket") == Some(Fault::LostAnswer)).count();
        assert_eq!(lost, 300);
    }
}
