//! Runs one command on the product and on the model.

use super::{Episode, Outcome};
use crate::command_spec::CommandSpec;
use crate::in_memory_product::Call;
use crate::reference::ticket::ModelContext;
use crate::reference::verbs;

impl Episode<'_> {
    /// Runs both, and compares their answers.
    pub(super) fn run_command(
        &mut self,
        place: usize,
        spec: &CommandSpec,
        person: usize,
    ) -> Result<(), String> {
        let (now, command) = (self.now, spec.command());
        let state = self.pool[place].model.state;
        let lead = self.pool[place].model.sent.as_ref().map(|sent| sent.lead);
        let is_lead_closed = lead.is_some_and(|lead| self.product.roster.is_closed(lead));
        self.pool[place].history.push((now, person, spec.clone()));
        let (expected, outcome) = match spec {
            CommandSpec::Merge { into } => self.merge_on_both(place, *into, spec, person),
            _ => self.run_on_both(place, spec, person),
        };
        self.coverage.visit(command, state, outcome.as_ref().err().copied());
        let gives_back = matches!(spec, CommandSpec::Rule { is_accepted: false } | CommandSpec::Rework);
        if gives_back && is_lead_closed && outcome.is_ok() {
            self.coverage.give_back(command);
        }
        if expected != outcome {
            let what = format!("{spec:?} by {person}: should be {expected:?}, is {outcome:?}");
            return Err(self.pool[place].describe(now, &what));
        }
        if let CommandSpec::Merge { into } = spec {
            self.check(*into)?;
        }
        self.check(place)
    }

    fn run_on_both(&mut self, place: usize, spec: &CommandSpec, person: usize) -> (Outcome, Outcome) {
        let pair = &mut self.pool[place];
        let rules = &self.rule_versions.policy(pair.model.policy).rules;
        let context = ModelContext {
            roster: self.product.roster,
            rule_versions: &self.rule_versions,
            rules,
            now: self.now,
        };
        let policy_pair = self.rule_versions.policy_found(pair.model.policy, self.product.bug);
        let expected = verbs::carry_out(&mut pair.model, spec, &self.people.all[person], &context);
        let outcome = self.people.permit(spec.command(), person).and_then(|permit| {
            let call = Call { permit, policy_pair, rule_versions: &self.rule_versions, now: self.now };
            pair.ticket = self.product.change(&pair.ticket, spec, &call).map_err(|fault| fault.reason)?.after;
            Ok(())
        });
        (expected, outcome)
    }

    fn merge_on_both(
        &mut self,
        place: usize,
        into: usize,
        spec: &CommandSpec,
        person: usize,
    ) -> (Outcome, Outcome) {
        let context = self.context(self.pool[place].model.policy);
        let mut open = (place != into).then(|| self.pool[into].model.clone());
        let mut repeat = self.pool[place].model.clone();
        let expected = verbs::merge(&mut repeat, open.as_mut(), spec, &self.people.all[person], &context);
        let policy_pair = self.rule_versions.policy(repeat.policy);
        let outcome = self.people.permit(spec.command(), person).and_then(|permit| {
            let call = Call { permit, policy_pair, rule_versions: &self.rule_versions, now: self.now };
            let (repeat, open) = (&self.pool[place].ticket, &self.pool[into].ticket);
            self.product.merge(repeat, open, &call).map_err(|fault| fault.reason)
        });
        if expected.is_ok() {
            self.pool[place].model = repeat;
            if let Some(open) = open {
                self.pool[into].model = open;
            }
        }
        let outcome = outcome.map(|[repeat, open]| {
            self.pool[place].ticket = repeat.after;
            self.pool[into].ticket = open.after;
        });
        (expected, outcome)
    }
}
