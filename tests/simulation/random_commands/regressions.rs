//! Sequences in which the product once had a bug. They run first every time, because random commands rarely produce
//! them.

use hotline_proto::v1::Role;
use hotline_server::ticket::{Category, Complexity, State};

use super::Episode;
use crate::command_spec::{Class, CommandSpec, Create, UnitId};

/// The caller of a step.
#[derive(Debug, Clone, Copy)]
enum CallerRole {
    Staff(Role),
    Unit(UnitId),
}

/// A sequence: its name, the classification at intake, the steps, and the final state.
type Path = (&'static str, Class, Vec<(CallerRole, CommandSpec)>, State);

fn class(category: Category, complexity: Complexity, is_overlapping: bool, accused: &[UnitId]) -> Class {
    Class {
        category,
        complexity,
        has_several_units: false,
        is_overlapping,
        accused: accused.to_vec(),
        has_note: false,
    }
}

fn send(lead: UnitId) -> (CallerRole, CommandSpec) {
    (
        CallerRole::Staff(Role::Dispatcher),
        CommandSpec::Dispatch { lead, assist: Vec::new(), inform: Vec::new(), has_reason: false },
    )
}

/// A pending return, and the unit turns out to be the accused one.
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

/// A returned consultation is answered on the spot with a bad survey, and comes back to the agents.
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
    /// Runs every known sequence; each step must be accepted.
    pub(super) fn known_paths(&mut self) -> Result<(), String> {
        for (name, class, steps, end) in
            [recalled_with_a_return_waiting(), reworked_at_the_desk_after_a_return()]
        {
            self.known_path(class, &steps, end).map_err(|what| format!("{name}: {what}"))?;
        }
        self.undone_merge_of_what_an_accused_unit_had()?;
        self.undone_merge_in_a_chain()?;
        self.repeat_called_before_the_survey()
    }

    /// A ticket that its lead has returned is merged into one that turns out to be a complaint about that lead.
    fn undone_merge_of_what_an_accused_unit_had(&mut self) -> Result<(), String> {
        let agent = CallerRole::Staff(Role::Agent);
        let (open, repeat) = (self.appeal()?, self.appeal()?);
        let returned = (CallerRole::Unit(5), CommandSpec::Return { proposed: None });
        self.known_steps(repeat, &[send(5), returned, (agent, CommandSpec::Merge { into: open })])?;
        let complaint = class(Category::ComplaintReport, Complexity::General, false, &[5]);
        self.known_steps(open, &[(agent, CommandSpec::Classify(complaint))])?;
        self.known_steps(repeat, &[(agent, CommandSpec::Unmerge { from: open })])?;
        self.ends_in(repeat, State::Received)
    }

    /// The first ticket of a chain of merges leaves it with its rung.
    fn undone_merge_in_a_chain(&mut self) -> Result<(), String> {
        let agent = CallerRole::Staff(Role::Agent);
        let (third, second, first) = (self.appeal()?, self.appeal()?, self.appeal()?);
        let fired = (CallerRole::Staff(Role::Supervisor), CommandSpec::Fire { rung: 4 });
        self.known_steps(first, &[fired, (agent, CommandSpec::Merge { into: second })])?;
        self.known_steps(second, &[(agent, CommandSpec::Merge { into: third })])?;
        self.known_steps(first, &[(agent, CommandSpec::Unmerge { from: second })])?;
        self.ends_in(third, State::Received)
    }

    /// The company of a repeat is called while the ticket still waits for its own survey.
    fn repeat_called_before_the_survey(&mut self) -> Result<(), String> {
        let agent = CallerRole::Staff(Role::Agent);
        let (ticket, repeat) = (self.appeal()?, self.appeal()?);
        self.known_steps(repeat, &[(agent, CommandSpec::Merge { into: ticket })])?;
        let both_halves = CommandSpec::Feedback { replied: Some(self.now), has_report: true };
        let steps = [
            send(5),
            (CallerRole::Unit(5), CommandSpec::Accept),
            (CallerRole::Unit(5), both_halves),
            (agent, CommandSpec::CallRepeat { repeat, is_reached: true }),
        ];
        self.known_steps(ticket, &steps)?;
        self.ends_in(ticket, State::Completed)
    }

    /// An appeal that an agent takes in; returns its place in the pool.
    fn appeal(&mut self) -> Result<usize, String> {
        let class = class(Category::Appeal, Complexity::General, false, &[]);
        self.take_in_known(class)?;
        Ok(self.pool.len() - 1)
    }

    fn known_path(
        &mut self,
        class: Class,
        steps: &[(CallerRole, CommandSpec)],
        end: State,
    ) -> Result<(), String> {
        self.take_in_known(class)?;
        let place = self.pool.len() - 1;
        self.known_steps(place, steps)?;
        self.ends_in(place, end)
    }

    fn take_in_known(&mut self, class: Class) -> Result<(), String> {
        let create = Create {
            class,
            is_call: false,
            call_began: None,
            chosen_confidential: None,
            names_somebody: false,
        };
        self.take_in(&create, self.people.with(Role::Agent))
    }

    /// Runs steps on a ticket; each must be accepted.
    fn known_steps(&mut self, place: usize, steps: &[(CallerRole, CommandSpec)]) -> Result<(), String> {
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
        Ok(())
    }

    fn ends_in(&self, place: usize, end: State) -> Result<(), String> {
        let state = self.pool[place].ticket.state;
        if state == end { Ok(()) } else { Err(format!("ends in {state:?}, should end in {end:?}")) }
    }
}
