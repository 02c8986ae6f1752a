//! What staff do again: they classify tickets anew, take back what was declined or withdrawn by a slip, and open closed
//! tickets again when a company calls.

use hotline_proto::v1::Role;
use hotline_server::ticket::{Category, ClosingReason, Complexity, State};

use super::backend::Backend;
use super::event_loop::City;
use crate::command_spec::{Class, CommandSpec, UnitId};
use crate::in_memory_product::at;

/// The percentage of open tickets that are classified again after a change of rules.
const REVIEWED: usize = 40;
/// The percentage of declined and withdrawn tickets that were slips.
const SLIPS: usize = 30;
/// The percentage of companies that call after nobody could reach them, or although they were satisfied.
const CALLING_AGAIN: usize = 20;

impl<H: Backend> City<'_, H> {
    /// Who classifies a ticket: after the limit, a supervisor.
    pub(super) fn classifier(&self, case: usize) -> usize {
        let is_late = self.state.cases[case].ticket.cycle.has_passed(at(self.state.now));
        self.state.people.with(if is_late { Role::Supervisor } else { Role::Agent })
    }

    /// A classification as complex.
    pub(super) fn reclassify(&mut self, case: usize, accused: Vec<UnitId>) -> CommandSpec {
        let ticket = &self.state.cases[case].ticket;
        let category = if accused.is_empty() { ticket.category } else { Category::ComplaintReport };
        let has_several_units = self.random.percent(30);
        CommandSpec::Classify(Class {
            category,
            complexity: Complexity::Complex,
            has_several_units,
            is_overlapping: false,
            accused,
            has_note: true,
        })
    }

    /// After a change of rules, agents classify some open tickets again. They must still be counted by their own rules.
    pub(super) fn review(&mut self) -> Result<(), String> {
        let is_open = |case: &usize| self.state(*case).is_open();
        let open: Vec<usize> = (0..self.state.cases.len()).filter(is_open).collect();
        for case in open {
            if self.random.percent(REVIEWED) {
                let accused = self.state.cases[case].ticket.accused_units.clone();
                let accused = accused.iter().filter_map(|code| self.unit_of(code)).collect();
                let spec = self.reclassify(case, accused);
                let person = self.classifier(case);
                let _ = self.send_command(case, &spec, person)?;
            }
        }
        Ok(())
    }

    /// Some tickets were declined or withdrawn by a slip, which is noticed at once.
    pub(super) fn take_back(&mut self, case: usize) -> Result<(), String> {
        let is_over = matches!(self.state(case), State::Declined | State::Withdrawn);
        if is_over && self.random.percent(SLIPS) {
            let agent = self.state.people.with(Role::Agent);
            let _ = self.send_command(case, &CommandSpec::Reinstate, agent)?;
        }
        Ok(())
    }

    /// Some companies call after their ticket was closed.
    pub(super) fn open_again(&mut self, case: usize) -> Result<(), String> {
        let closing = self.state.cases[case].ticket.closing.as_ref().map(|closing| closing.reason);
        let Some(reason) = closing.filter(|_| self.random.percent(CALLING_AGAIN)) else { return Ok(()) };
        let agent = self.state.people.with(Role::Agent);
        let is_rework = reason == ClosingReason::Surveyed;
        let _ = self.send_command(case, &CommandSpec::Reopen { is_rework }, agent)?;
        self.take_up(case);
        Ok(())
    }
}
