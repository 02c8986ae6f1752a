//! Units are closed and opened again. What a closed unit had open moves to its successor or to the desk, ticket by
//! ticket, while commands go on.

use hotline_server::closed_loop::transfer_decision::Destination;

use super::{CLOSINGS, Closing, Episode};
use crate::reference::moves::{self, Target};

impl Episode<'_> {
    /// Closes a unit, or ends the transfer of a closed one and opens it again.
    pub(super) fn reorganise(&mut self) -> Result<(), String> {
        if self.closing.is_some() {
            for place in 0..self.pool.len() {
                self.transfer(place)?;
            }
            self.closing = None;
            self.product = &self.products[0];
            return Ok(());
        }
        let chosen = self.random.below(CLOSINGS.len());
        self.closing = Some(CLOSINGS[chosen]);
        self.product = &self.products[chosen + 1];
        // A successor may have what it is accused by from now on.
        (0..self.pool.len()).try_for_each(|place| self.recall(place))
    }

    fn recall(&mut self, place: usize) -> Result<(), String> {
        let mut model = self.pool[place].model.clone();
        if !model.is_open() {
            return Ok(());
        }
        let context = self.context(model.policy);
        let is_recalled = moves::recall(&mut model, &context);
        let policy_pair = self.rule_versions.policy(model.policy);
        let recalled = self.product.recall(&self.pool[place].ticket, policy_pair, self.now);
        let recalled = recalled.map_err(|fault| self.failure(place, "a recall fails", &fault.detail))?;
        if recalled.is_some() != is_recalled {
            return Err(self.failure(place, "a recall", &format!("should be {is_recalled}")));
        }
        self.pool[place].model = model;
        if let Some(written) = recalled {
            self.pool[place].ticket = written.after;
        }
        self.check(place)
    }

    /// The transfer of the closed unit reaches a ticket.
    pub(super) fn transfer(&mut self, place: usize) -> Result<(), String> {
        let Some((from, to)): Option<Closing> = self.closing else { return Ok(()) };
        let mut model = self.pool[place].model.clone();
        let state = model.state;
        let context = self.context(model.policy);
        let expected = moves::transfer(&mut model, from, to, &context);
        let policy_pair = self.rule_versions.policy(model.policy);
        let calendar = &self.rule_versions.calendar(model.calendar).product;
        let ticket = &self.pool[place].ticket;
        let moved = self.product.transfer(ticket, (from, to), (policy_pair, calendar), self.now);
        let moved = moved.map_err(|fault| self.failure(place, "a transfer fails", &fault.detail))?;
        let target = moved.as_ref().map(|(_, destination)| match destination {
            Destination::Successor => Target::Heir,
            Destination::Desk => Target::Desk,
            Destination::Lead => Target::Lead,
        });
        if target != expected.map(|(_, target)| target) {
            let what = format!("to {target:?}, should be {expected:?}");
            return Err(self.failure(place, &format!("a transfer from {from} to {to:?}"), &what));
        }
        self.pool[place].model = model;
        if let (Some((written, _)), Some((relation, target))) = (moved, expected) {
            self.pool[place].ticket = written.after;
            self.coverage.transfer(state, relation, target);
        }
        self.check(place)
    }

    fn failure(&self, place: usize, what: &str, detail: &str) -> String {
        self.pool[place].describe(self.now, &format!("{what}: {detail}"))
    }
}
