//! What stands around the work on a ticket in the model: the open question, and the open request for help.

use hotline_proto::v1::{ErrorReason, Role};

use super::ticket::Model;
use super::verbs::led_by;
use crate::command_spec::{CommandSpec, UnitId};
use crate::roster::Person;

/// What waits on a ticket besides the work itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    is_question_open: bool,
    /// The unit that asked for help.
    help_of: Option<UnitId>,
    /// Whether it is linked to the one ticket that the run links to.
    is_linked: bool,
}

/// Runs one of the commands around the work.
pub(super) fn carry_out(
    model: &mut Model,
    spec: &CommandSpec,
    unit: Option<UnitId>,
    person: &Person,
) -> Result<(), ErrorReason> {
    let is_of_worker = |model: &Model, unit: UnitId| {
        model.sent.as_ref().is_some_and(|sent| sent.lead == unit || sent.assist.contains(&unit))
    };
    match spec {
        CommandSpec::AssignInside if !unit.is_some_and(|unit| is_of_worker(model, unit)) => {
            return Err(ErrorReason::NotInvolved);
        }
        CommandSpec::Link if std::mem::replace(&mut model.waiting.is_linked, true) => {
            return Err(ErrorReason::LinkUnfit);
        }
        CommandSpec::AskCompany => {
            if unit.is_some() {
                led_by(model, unit)?;
            }
            if std::mem::replace(&mut model.waiting.is_question_open, true) {
                return Err(ErrorReason::QuestionOpen);
            }
        }
        CommandSpec::Supplement | CommandSpec::Upload => {
            if unit.is_some_and(|unit| !is_of_worker(model, unit)) {
                return Err(ErrorReason::NotInvolved);
            }
            model.waiting.is_question_open &= matches!(spec, CommandSpec::Upload);
        }
        CommandSpec::Help { is_answer: true } => {
            if !person.roles.contains(&Role::Supervisor) {
                return Err(ErrorReason::PartNotAllowed);
            }
            model.waiting.help_of.take().ok_or(ErrorReason::NoHelpRequested)?;
        }
        CommandSpec::Help { is_answer: false } => {
            let Some(unit) = unit else { return Err(ErrorReason::PartNotAllowed) };
            led_by(model, Some(unit))?;
            if model.waiting.help_of.is_some() {
                return Err(ErrorReason::HelpAlreadyRequested);
            }
            model.waiting.help_of = Some(unit);
        }
        _ => {}
    }
    Ok(())
}

impl Model {
    /// A supervisor has acted, or a return was ruled on: nobody waits for help any more.
    pub(super) const fn end_help(&mut self) {
        self.waiting.help_of = None;
    }

    /// What waits ends with the work, and help with the lead of the unit that asked.
    pub(super) fn end_waiting(&mut self) {
        if !self.is_open() {
            self.waiting = Waiting { is_linked: self.waiting.is_linked, ..Waiting::default() };
        }
        let lead = self.sent.as_ref().map(|sent| sent.lead);
        self.waiting.help_of = self.waiting.help_of.filter(|unit| lead == Some(*unit));
    }
}
