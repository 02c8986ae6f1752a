//! Runs one command on the product and on the model.

use hotline_server::closed_loop::record_repeat_call::RecordRepeatCall;

use super::{Episode, Outcome};
use crate::command_spec::CommandSpec;
use crate::in_memory_product::Call;
use crate::reference::ticket::ModelContext;
use crate::reference::{undo, verbs};

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
        // The tickets that change with it.
        let others = match spec {
            CommandSpec::Merge { into } => vec![*into],
            CommandSpec::Unmerge { .. } => self.standing_for_all(place),
            _ => Vec::new(),
        };
        let (expected, outcome) = match spec {
            CommandSpec::Merge { into } => self.merge_on_both(place, *into, spec, person),
            CommandSpec::Unmerge { from } => self.unmerge_on_both(place, *from, spec, person),
            CommandSpec::CallRepeat { repeat, is_reached } => {
                self.call_on_both(place, (*repeat, *is_reached), spec, person)
            }
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
        for other in others {
            self.check(other)?;
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
        let (its, other) = (self.pool[place].number, self.pool[into].number);
        let expected = verbs::merge(
            (&mut repeat, its),
            (open.as_mut(), other),
            spec,
            &self.people.all[person],
            &context,
        );
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

    /// The places of the tickets that stand for one, the nearest first. They are in use as long as it is.
    fn standing_for_all(&self, place: usize) -> Vec<usize> {
        let (mut places, mut here) = (Vec::new(), place);
        while let Some(number) = self.pool[here].model.stands_in {
            let Some(next) = self.pool.iter().position(|pair| pair.number == number) else { break };
            places.push(next);
            here = next;
        }
        places
    }

    fn unmerge_on_both(
        &mut self,
        place: usize,
        from: usize,
        spec: &CommandSpec,
        person: usize,
    ) -> (Outcome, Outcome) {
        let context = self.context(self.pool[place].model.policy);
        let places = self.standing_for_all(place);
        let mut models: Vec<_> = places.iter().map(|one| self.pool[*one].model.clone()).collect();
        let mut repeat = (self.pool[place].model.clone(), self.pool[place].number);
        let expected = undo::unmerge(
            (&mut repeat.0, repeat.1),
            self.pool[from].number,
            &mut models.iter_mut().collect::<Vec<_>>(),
            (spec, &self.people.all[person]),
            &context,
        );
        let policy_pair = self.rule_versions.policy(repeat.0.policy);
        let outcome = self.people.permit(spec.command(), person).and_then(|permit| {
            let call = Call { permit, policy_pair, rule_versions: &self.rule_versions, now: self.now };
            let standing: Vec<_> = places.iter().map(|one| &self.pool[*one].ticket).collect();
            let named = self.pool[from].ticket.number;
            let written = self.product.unmerge(&self.pool[place].ticket, named, &standing, &call);
            written.map_err(|fault| fault.reason)
        });
        if expected.is_ok() {
            self.pool[place].model = repeat.0;
            for (one, model) in places.iter().zip(models) {
                self.pool[*one].model = model;
            }
        }
        let outcome = outcome.map(|written| {
            for (one, written) in std::iter::once(&place).chain(&places).zip(written) {
                self.pool[*one].ticket = written.after;
            }
        });
        (expected, outcome)
    }

    fn call_on_both(
        &mut self,
        place: usize,
        (repeat, is_reached): (usize, bool),
        spec: &CommandSpec,
        person: usize,
    ) -> (Outcome, Outcome) {
        let (number, ticket) = (self.pool[repeat].number, self.pool[repeat].ticket.number);
        let mut model = self.pool[place].model.clone();
        let context = self.context(model.policy);
        let caller = (spec, &self.people.all[person]);
        let expected = undo::call_repeat(&mut model, number, is_reached, caller, &context);
        let policy_pair = self.rule_versions.policy(model.policy);
        let outcome = self.people.permit(spec.command(), person).and_then(|permit| {
            let call = Call { permit, policy_pair, rule_versions: &self.rule_versions, now: self.now };
            let verb = RecordRepeatCall { repeat: ticket, is_reached, note: String::new() };
            let written = self.product.run(&verb, &self.pool[place].ticket, &call);
            written.map_err(|fault| fault.reason)
        });
        self.pool[place].model = model;
        let outcome = outcome.map(|written| self.pool[place].ticket = written.after);
        (expected, outcome)
    }
}
