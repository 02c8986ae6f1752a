//! What a walk has seen. A walk that never tried a command in some state, or never saw a refusal, proves less than it
//! says, so a long enough one fails for it.

use std::collections::BTreeMap;
use std::fmt;

use hotline_proto::v1::ErrorReason as R;
use hotline_server::ticket::{Command, State};

use crate::reference::ticket::askable;

/// A walk of so many steps must have seen everything.
const ENOUGH: u64 = 30_000;

/// The refusals that the pure core can give.
const REASONS: [R; 28] = [
    R::InvalidFields,
    R::UnitUnknown,
    R::RoleNotAllowed,
    R::LeadOnly,
    R::NotInvolved,
    R::PartNotAllowed,
    R::TicketNotFound,
    R::WrongState,
    R::OutsideHours,
    R::AnsweredOnTheSpot,
    R::NotAGeneralConsultation,
    R::PlanNotCalledFor,
    R::PlanMissing,
    R::ConflictOfInterest,
    R::ReturnWindowClosed,
    R::ReturnsExhausted,
    R::ReturnPending,
    R::NoReturnPending,
    R::FeedbackStands,
    R::LimitPassed,
    R::AlreadyCarriedOver,
    R::NoCarryOverPending,
    R::RungAlreadyReached,
    R::NotInManualSupervision,
    R::AttemptTooSoon,
    R::SurveyNotBad,
    R::ReworksExhausted,
    R::MergeTargetUnfit,
];

/// Counts.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    visited: BTreeMap<(Command, State), u64>,
    accepted: BTreeMap<(Command, State), u64>,
    refused: BTreeMap<i32, u64>,
    pub(super) rungs: u64,
}

impl Coverage {
    pub(super) fn visit(&mut self, command: Command, state: State, refused: Option<R>) {
        *self.visited.entry((command, state)).or_default() += 1;
        if refused.is_none() {
            *self.accepted.entry((command, state)).or_default() += 1;
        }
        self.note(refused);
    }

    pub(super) fn note(&mut self, refused: Option<R>) {
        if let Some(reason) = refused {
            *self.refused.entry(reason as i32).or_default() += 1;
        }
    }

    /// Fails where a walk that was long enough has missed something.
    pub(super) fn verdict(&self, steps: u64) -> Result<(), String> {
        let cells = || Command::ALL.into_iter().flat_map(|command| State::ALL.map(|state| (command, state)));
        let never: Vec<_> = cells().filter(|cell| !self.visited.contains_key(cell)).collect();
        let never_done: Vec<_> = cells()
            .filter(|(command, state)| askable(*state).contains(command))
            .filter(|cell| !self.accepted.contains_key(cell))
            .collect();
        let never_refused: Vec<_> =
            REASONS.into_iter().filter(|reason| !self.refused.contains_key(&(*reason as i32))).collect();
        let is_whole = never.is_empty() && never_done.is_empty() && never_refused.is_empty();
        if is_whole || steps < ENOUGH {
            return Ok(());
        }
        Err(format!("never asked {never:?}; never done {never_done:?}; never refused for {never_refused:?}"))
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rarest = self.visited.values().min().unwrap_or(&0);
        write!(
            f,
            "{} of {} cells (the rarest {rarest} times), {} ways done, {} reasons for refusal, {} rungs",
            self.visited.len(),
            Command::ALL.len() * State::ALL.len(),
            self.accepted.len(),
            self.refused.len(),
            self.rungs,
        )
    }
}
