//! Paths on which the product once went wrong, run first every time: chance would come by them too seldom.

use hotline_proto::v1::Role;
use hotline_server::ticket::{Category, Complexity, State};

use super::Episode;
use crate::command_spec::{Class, CommandSpec, Create, UnitId};

/// Who takes a step.
#[derive(Debug, Clone, Copy)]
enum CallerRole {
    Staff(Role),
    Unit(UnitId),
}

/// A path: its name, how the ticket comes in, the steps, and where it ends.
type Path = (&'static str, Class, Vec<(CallerRole, CommandSpec)>, State);

fn class(category: Category, complexity: Complexity, is_overlapping: bool, accused: &[UnitId]) -> Class {
    Class { category, complexity, has_several_units: false, is_overlapping, accused: accused.to_vec() }
}

fn send(lead: UnitId) -> (CallerRole, CommandSpec) {
    (
        CallerRole::Staff(Role::Dispatcher),
        CommandSpec::Dispatch { lead, assist: Vec::new(), inform: Vec::new() },
    )
}

/// A return that waits for its ruling when the unit turns out to be the one complained about.
fn recalled_with_a_return_waiting() -> Path {
    let complaint =
        |accused: &[UnitId]| class(Category::ComplaintReport, Complexity::General, false, accused);
    let steps = vec![
        send(5),
        (CallerRole::Unit(5), CommandSpec::Return { proposed: None }),
        (CallerRole::Staff(Role::Agent), CommandSpec::Classify(complaint(&[5]))),
        send(6),
        (CallerRole::Unit(6), CommandSpec::Accept),
    ];
    ("recalled with a return waiting", complaint(&[]), steps, State::Handling)
}

/// A question that a unit has returned is answered at the desk, not well, and comes back to the desk.
fn reworked_at_the_desk_after_a_return() -> Path {
    let appeal = |is_overlapping| class(Category::Appeal, Complexity::General, is_overlapping, &[]);
    let agent = CallerRole::Staff(Role::Agent);
    let steps = vec![
        send(8),
        (CallerRole::Unit(8), CommandSpec::Return { proposed: None }),
        (CallerRole::Staff(Role::Dispatcher), CommandSpec::Rule { is_accepted: true }),
        (agent, CommandSpec::Classify(appeal(true))),
        (agent, CommandSpec::Classify(class(Category::Consultation, Complexity::General, false, &[]))),
        (agent, CommandSpec::Answer),
        (agent, CommandSpec::Survey { is_unresolved: true, is_dissatisfied: false }),
        (agent, CommandSpec::Rework),
    ];
    ("reworked at the desk after a return", appeal(false), steps, State::Received)
}

impl Episode<'_> {
    /// Runs every known path; each step must be accepted.
    pub(super) fn known_paths(&mut self) -> Result<(), String> {
        for (name, class, steps, end) in
            [recalled_with_a_return_waiting(), reworked_at_the_desk_after_a_return()]
        {
            self.known_path(class, &steps, end).map_err(|what| format!("{name}: {what}"))?;
        }
        Ok(())
    }

    fn known_path(
        &mut self,
        class: Class,
        steps: &[(CallerRole, CommandSpec)],
        end: State,
    ) -> Result<(), String> {
        let create = Create {
            class,
            is_call: false,
            call_began: None,
            chosen_confidential: None,
            names_somebody: false,
        };
        self.take_in(&create, self.people.with(Role::Agent))?;
        let place = self.pool.len() - 1;
        for (by, spec) in steps {
            let person = match by {
                CallerRole::Staff(role) => self.people.with(*role),
                CallerRole::Unit(unit) => self.people.clerk(*unit),
            };
            let version = self.pool[place].ticket.version;
            self.run_command(place, spec, person)?;
            if self.pool[place].ticket.version == version {
                return Err(self.pool[place].describe(self.now, "refused, and should not be"));
            }
        }
        let state = self.pool[place].ticket.state;
        if state == end { Ok(()) } else { Err(format!("ends in {state:?}, should end in {end:?}")) }
    }
}
