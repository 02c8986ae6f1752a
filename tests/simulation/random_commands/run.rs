//! Runs one command on the product and on the model.

use super::{Episode, Outcome};
use crate::command_spec::CommandSpec;
use crate::in_memory_product::Call;
use crate::reference::ticket::ModelContext;
use crate::reference::verbs;

impl Episode<'_> {
    /// Runs both, and compares their answers.
    pub(super) fn run_command(&mut self, place: usize, spec: &CommandSpec, who: usize) -> Result<(), String> {
        let (now, command) = (self.now, spec.command());
        let state = self.pool[place].model.state;
        self.pool[place].history.push((now, who, spec.clone()));
        let (expected, outcome) = match spec {
            CommandSpec::Merge { into } => self.merge_on_both(place, *into, spec, who),
            _ => self.run_on_both(place, spec, who),
        };
        self.coverage.visit(command, state, outcome.as_ref().err().copied());
        if expected != outcome {
            let what = format!("{spec:?} by {who}: should be {expected:?}, is {outcome:?}");
            return Err(self.pool[place].describe(now, &what));
        }
        if let CommandSpec::Merge { into } = spec {
            self.check(*into)?;
        }
        self.check(place)
    }

    fn run_on_both(&mut self, place: usize, spec: &CommandSpec, who: usize) -> (Outcome, Outcome) {
        let pair = &mut self.pool[place];
        let rules = &self.rule_versions.policy(pair.model.policy).rules;
        let context = ModelContext {
            roster: self.product.roster,
            rule_versions: &self.rule_versions,
            rules,
            now: self.now,
        };
        let policy_pair = self.rule_versions.policy_found(pair.model.policy, self.product.bug);
        let expected = verbs::carry_out(&mut pair.model, spec, &self.people.all[who], &context);
        let outcome = self.people.permit(spec.command(), who).and_then(|permit| {
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
        who: usize,
    ) -> (Outcome, Outcome) {
        let context = self.context(self.pool[place].model.policy);
        let mut open = (place != into).then(|| self.pool[into].model.clone());
        let mut repeat = self.pool[place].model.clone();
        let expected = verbs::merge(&mut repeat, open.as_mut(), spec, &self.people.all[who], &context);
        let policy_pair = self.rule_versions.policy(repeat.policy);
        let outcome = self.people.permit(spec.command(), who).and_then(|permit| {
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
