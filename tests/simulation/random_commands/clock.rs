//! The clock of a run, and what happens when it moves: rungs fire, and provisional limits are counted again.

use super::{Episode, compare};
use crate::in_memory_product::Product;
use crate::reference::due::{DAY, HOUR, MINUTE};
use crate::reference::{ladder, undo};

impl Episode<'_> {
    /// Usually minutes, sometimes hours or days, and rarely an outage of weeks.
    pub(super) fn pause(&mut self) -> i64 {
        match self.random.below(1000) {
            0..700 => self.random.between(0, 10 * MINUTE),
            700..900 => self.random.between(0, 3 * HOUR),
            900..975 => self.random.between(0, 14 * HOUR),
            975..998 => self.random.between(HOUR, 3 * DAY),
            _ => self.random.between(5 * DAY, 40 * DAY),
        }
    }

    /// Moves the clock, with a runner that is on time, late, or down.
    pub(super) fn advance(&mut self, to: i64) -> Result<(), String> {
        if self.random.percent(20) {
            (0..self.pool.len()).try_for_each(|place| self.recount(place))?;
        }
        match self.random.below(20) {
            0..12 => {
                while let Some((due, place)) = self.next_timer().filter(|(due, _)| *due <= to) {
                    self.now = due.max(self.now);
                    self.fire(place)?;
                }
                self.now = to;
            }
            12..17 => {
                self.now = to;
                for place in 0..self.pool.len() {
                    self.fire(place)?;
                }
            }
            _ => self.now = to,
        }
        Ok(())
    }

    /// The earliest timer of the model, and its ticket.
    pub(super) fn next_timer(&self) -> Option<(i64, usize)> {
        let timers = self.pool.iter().enumerate().filter_map(|(place, pair)| {
            let (_, due) = ladder::next(&pair.model, &self.rule_versions.policy(pair.model.policy).rules)?;
            Some((due, place))
        });
        timers.min()
    }

    pub(super) fn fire(&mut self, place: usize) -> Result<(), String> {
        let pair = &mut self.pool[place];
        let policy = pair.model.policy;
        let fired = ladder::fire(&mut pair.model, &self.rule_versions.policy(policy).rules, self.now);
        let policy_pair = self.rule_versions.policy(policy);
        let written = self.product.fire(&pair.ticket, policy_pair, self.now).transpose();
        let written = written
            .map_err(|fault| pair.describe(self.now, &format!("the runner fails: {}", fault.detail)))?;
        let events = written.as_ref().map_or(&[][..], |written| &written.recorded);
        let roster = self.product.roster;
        let lead = pair.model.sent.as_ref().map(|sent| sent.lead).filter(|lead| !roster.is_closed(*lead));
        let lead = lead.map(|lead| roster.code(lead));
        compare::rungs(&fired, lead.as_ref(), events).map_err(|what| pair.describe(self.now, &what))?;
        self.coverage.rungs += fired.len() as u64;
        if let Some(written) = written {
            pair.ticket = written.after;
        }
        self.check(place)
    }

    /// Counts a provisional limit again on both.
    pub(super) fn recount(&mut self, place: usize) -> Result<(), String> {
        let pair = &self.pool[place];
        let (mut model, policy) = (pair.model.clone(), pair.model.policy);
        let expected = undo::recount(&mut model, &self.context(policy));
        let policy_pair = self.rule_versions.policy(policy);
        let written = Product::recount(&pair.ticket, policy_pair, &self.rule_versions, self.now);
        let written = written.map_err(|fault| pair.describe(self.now, &fault.detail))?;
        if expected != written.is_some() {
            let what = format!("counted again: should be {expected}, is {written:?}");
            return Err(pair.describe(self.now, &what));
        }
        self.coverage.recounts += u64::from(expected);
        let pair = &mut self.pool[place];
        pair.model = model;
        if let Some(written) = written {
            pair.ticket = written.after;
        }
        self.check(place)
    }
}
