//! The queue of commands: bounded, in order of arrival, without two commands in flight that have a key in common.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::command::GroupedCommand;
use crate::platform::Fault;

/// Commands that may wait. A full queue sheds.
const WAITING_MAX: usize = 4_096;
/// Waiting commands that are looked at for one group.
const SCANNED_MAX: usize = 1_024;
/// Database faults of a principal within [`FAILURE_WINDOW`] from which on its commands run alone.
const FAILURES_MAX: u32 = 3;
/// How long a failure counts.
const FAILURE_WINDOW: Duration = Duration::from_mins(1);
/// Principals whose failures are remembered.
const FAILING_PRINCIPALS_MAX: usize = 1_024;

/// Takes the answer of a command.
pub(super) type Reply<C> = oneshot::Sender<Result<<C as GroupedCommand>::Answer, Fault>>;

/// A command that waits.
#[derive(Debug)]
pub(super) struct Waiting<C: GroupedCommand> {
    pub(super) command: C,
    pub(super) keys: Vec<u64>,
    pub(super) reply: Reply<C>,
}

/// How often the commands of a principal failed since an instant.
#[derive(Debug, Clone, Copy)]
struct Failures {
    since: Instant,
    count: u32,
}

/// What waits and what is in flight.
#[derive(Debug)]
pub(super) struct Queue<C: GroupedCommand> {
    waiting: VecDeque<Waiting<C>>,
    in_flight: HashSet<u64>,
    writers: usize,
    writers_max: usize,
    group_max: usize,
    failures: HashMap<String, Failures>,
}

impl<C: GroupedCommand> Queue<C> {
    pub(super) fn new(writers_max: usize, group_max: usize) -> Self {
        Self {
            waiting: VecDeque::new(),
            in_flight: HashSet::new(),
            writers: 0,
            writers_max: writers_max.max(1),
            group_max: group_max.max(1),
            failures: HashMap::new(),
        }
    }

    /// Adds a command; answers whether a writer has to be started for it. Refuses it if the queue is full.
    pub(super) fn push(&mut self, command: C, reply: Reply<C>) -> Result<bool, ()> {
        if self.waiting.len() >= WAITING_MAX {
            return Err(());
        }
        let keys = command.keys();
        self.waiting.push_back(Waiting { command, keys, reply });
        let needs_writer = self.writers < self.writers_max;
        self.writers += usize::from(needs_writer);
        Ok(needs_writer)
    }

    /// The next group: what waits, in order, as far as it may be in flight with what is and in one transaction. `None`
    /// ends the writer that asks: whoever holds a key of what waits looks again when it has released it.
    pub(super) fn take_group(&mut self) -> Option<Vec<Waiting<C>>> {
        let mut group: Vec<Waiting<C>> = Vec::new();
        // The keys of what was passed over: what comes after it with one of them keeps its place behind it.
        let mut passed: HashSet<u64> = HashSet::new();
        let mut rest = VecDeque::new();
        for _ in 0..SCANNED_MAX {
            if group.len() == self.group_max {
                break;
            }
            let Some(next) = self.waiting.pop_front() else { break };
            if next.reply.is_closed() {
                continue;
            }
            let is_alone = self.runs_alone(next.command.principal());
            let fits =
                group.first().is_none_or(|first| !is_alone && first.command.lane() == next.command.lane());
            let is_free = next.keys.iter().all(|key| !self.in_flight.contains(key) && !passed.contains(key));
            if !fits || !is_free {
                passed.extend(&next.keys);
                rest.push_back(next);
                continue;
            }
            self.in_flight.extend(&next.keys);
            group.push(next);
            if is_alone {
                break;
            }
        }
        while let Some(passed_over) = rest.pop_back() {
            self.waiting.push_front(passed_over);
        }
        if group.is_empty() {
            self.writers -= 1;
            return None;
        }
        Some(group)
    }

    /// Takes note that a group is over, whose commands had these keys and failed so often; answers the next group, as
    /// [`Self::take_group`] does.
    pub(super) fn finish<'k>(
        &mut self,
        keys: impl Iterator<Item = &'k [u64]>,
        failed: HashMap<String, u32>,
    ) -> Option<Vec<Waiting<C>>> {
        self.note_failures(failed);
        for keys in keys {
            self.release(keys);
        }
        self.take_group()
    }

    /// Lets other commands with these keys be in flight.
    fn release(&mut self, keys: &[u64]) {
        for key in keys {
            self.in_flight.remove(key);
        }
    }

    /// Remembers whose commands failed, and how many.
    fn note_failures(&mut self, failed: HashMap<String, u32>) {
        if failed.is_empty() {
            return;
        }
        self.failures.retain(|_, failures| failures.since.elapsed() < FAILURE_WINDOW);
        for (principal, count) in failed {
            if self.failures.len() >= FAILING_PRINCIPALS_MAX && !self.failures.contains_key(&principal) {
                continue;
            }
            let since = Instant::now();
            let failures = self.failures.entry(principal).or_insert(Failures { since, count: 0 });
            failures.count = failures.count.saturating_add(count);
        }
    }

    fn runs_alone(&self, principal: &str) -> bool {
        self.failures.get(principal).is_some_and(|failures| {
            failures.count >= FAILURES_MAX && failures.since.elapsed() < FAILURE_WINDOW
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Numbered {
        number: u32,
        lane: u8,
        principal: &'static str,
        keys: Vec<u64>,
    }

    impl GroupedCommand for Numbered {
        type Answer = ();

        fn lane(&self) -> u8 {
            self.lane
        }

        fn principal(&self) -> &str {
            self.principal
        }

        fn keys(&self) -> Vec<u64> {
            self.keys.clone()
        }
    }

    struct Desk {
        queue: Queue<Numbered>,
        callers: Vec<oneshot::Receiver<Result<(), Fault>>>,
    }

    impl Desk {
        fn new(writers_max: usize, group_max: usize) -> Self {
            Self { queue: Queue::new(writers_max, group_max), callers: Vec::new() }
        }

        fn push(&mut self, number: u32, lane: u8, keys: &[u64]) -> bool {
            self.push_by("switch", number, lane, keys)
        }

        fn push_by(&mut self, principal: &'static str, number: u32, lane: u8, keys: &[u64]) -> bool {
            let (reply, caller) = oneshot::channel();
            self.callers.push(caller);
            let command = Numbered { number, lane, principal, keys: keys.to_vec() };
            self.queue.push(command, reply).expect("the queue has room")
        }

        fn take(&mut self) -> Option<Vec<Waiting<Numbered>>> {
            self.queue.take_group()
        }
    }

    fn numbers(group: Option<&Vec<Waiting<Numbered>>>) -> Vec<u32> {
        group.into_iter().flatten().map(|waiting| waiting.command.number).collect()
    }

    #[test]
    fn a_group_is_what_has_queued_up_to_the_limit() {
        let mut desk = Desk::new(2, 3);
        let started: Vec<_> = (1..=5).map(|number| desk.push(number, 0, &[number.into()])).collect();
        assert_eq!(started, [true, true, false, false, false], "two writers at most");
        assert_eq!(numbers(desk.take().as_ref()), [1, 2, 3]);
        assert_eq!(numbers(desk.take().as_ref()), [4, 5]);
        assert!(desk.take().is_none());
        assert!(desk.push(6, 0, &[6]), "a writer that found nothing has ended");
    }

    #[test]
    fn commands_with_a_common_key_keep_their_order_and_are_never_in_flight_together() {
        let mut desk = Desk::new(4, 8);
        for (number, keys) in [(1, &[7_u64][..]), (2, &[7, 8]), (3, &[8]), (4, &[9])] {
            desk.push(number, 0, keys);
        }
        let first = desk.take();
        assert_eq!(numbers(first.as_ref()), [1, 4]);
        assert!(desk.take().is_none(), "3 waits behind 2, which waits for 1");
        desk.queue.release(&[7]);
        let second = desk.take();
        assert_eq!(numbers(second.as_ref()), [2]);
        desk.queue.release(&[7, 8]);
        assert_eq!(numbers(desk.take().as_ref()), [3]);
    }

    #[test]
    fn lanes_never_share_a_group() {
        let mut desk = Desk::new(4, 8);
        for (number, lane) in [(1, 0), (2, 1), (3, 0), (4, 1)] {
            desk.push(number, lane, &[number.into()]);
        }
        assert_eq!(numbers(desk.take().as_ref()), [1, 3]);
        assert_eq!(numbers(desk.take().as_ref()), [2, 4]);
    }

    #[test]
    fn a_command_whose_caller_has_gone_away_is_not_run() {
        let mut desk = Desk::new(1, 8);
        desk.push(1, 0, &[1]);
        desk.push(2, 0, &[2]);
        drop(desk.callers.remove(0));
        assert_eq!(numbers(desk.take().as_ref()), [2]);
    }

    #[test]
    fn a_principal_whose_commands_fail_often_runs_alone() {
        let mut desk = Desk::new(4, 8);
        desk.queue.note_failures(HashMap::from([("broken".to_owned(), FAILURES_MAX)]));
        for (number, principal) in [(1, "switch"), (2, "broken"), (3, "switch"), (4, "broken")] {
            desk.push_by(principal, number, 0, &[number.into()]);
        }
        assert_eq!(numbers(desk.take().as_ref()), [1, 3]);
        assert_eq!(numbers(desk.take().as_ref()), [2]);
        assert_eq!(numbers(desk.take().as_ref()), [4]);
    }

    #[test]
    fn a_full_queue_refuses() {
        let mut desk = Desk::new(1, 8);
        for number in 0..WAITING_MAX {
            desk.push(u32::try_from(number).expect("a small number"), 0, &[]);
        }
        let (reply, _caller) = oneshot::channel();
        let command = Numbered { number: 0, lane: 0, principal: "switch", keys: Vec::new() };
        assert_eq!(desk.queue.push(command, reply), Err(()));
    }
}
