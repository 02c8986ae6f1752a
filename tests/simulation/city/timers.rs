//! The expected timers of the open tickets, and the fired rungs.

use std::collections::{BTreeSet, HashSet};

use hotline_server::ticket::Rung;

/// When each ticket's next rung is due, and which rungs fired.
#[derive(Debug, Default)]
pub(super) struct Timers {
    due: BTreeSet<(i64, usize)>,
    of: Vec<Option<i64>>,
    effects: HashSet<(usize, (u32, u32), Rung)>,
}

impl Timers {
    pub(super) fn set(&mut self, case: usize, due: Option<i64>) {
        if self.of.len() <= case {
            self.of.resize(case + 1, None);
        }
        if let Some(before) = self.of[case].take() {
            self.due.remove(&(before, case));
        }
        if let Some(due) = due {
            self.due.insert((due, case));
        }
        self.of[case] = due;
    }

    pub(super) fn has(&self, case: usize) -> bool {
        self.of.get(case).copied().flatten().is_some()
    }

    /// The tickets that are due at an instant, at most this many, the earliest first.
    pub(super) fn due(&self, at: i64, most: usize) -> Vec<usize> {
        self.due.iter().take_while(|(due, _)| *due <= at).take(most).map(|(_, case)| *case).collect()
    }

    /// How many tickets have a timer.
    pub(super) fn waiting(&self) -> usize {
        self.due.len()
    }

    /// How many rungs fired.
    pub(super) fn fired_count(&self) -> usize {
        self.effects.len()
    }

    /// Records a fired rung; false if it had fired before.
    pub(super) fn mark_fired(&mut self, case: usize, cycle_and_round: (u32, u32), rung: Rung) -> bool {
        self.effects.insert((case, cycle_and_round, rung))
    }
}
