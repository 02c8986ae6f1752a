//! The coverage of a run. A run that never tried a command in some state, or never got some refusal, proves less than
//! it seems, so a long enough run fails then.

use std::collections::BTreeMap;
use std::fmt;

use hotline_proto::v1::ErrorReason as R;
use hotline_server::ticket::{Command, State};

use crate::reference::moves::Target;
use crate::reference::table::askable;

/// A run with this many steps must have covered everything.
const ENOUGH: u64 = 80_000;

/// The refusals that the pure core can give.
const REASONS: [R; 37] = [
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
    R::RecheckNotDue,
    R::RecheckRecorded,
    R::OtherAgentNeeded,
    R::ReworksExhausted,
    R::MergeTargetUnfit,
    R::TextHeld,
    R::SupervisorNeeded,
    R::UndoWindowClosed,
    R::NotMergedInto,
    R::SurveyStands,
    R::RepeatUnknown,
];

/// How often each command was tried in each state.
type Table = [[u64; Command::ALL.len()]; State::ALL.len()];

/// Counts.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    visited: Table,
    accepted: Table,
    refused: BTreeMap<i32, u64>,
    /// Tickets that a transfer moved, by their state before and what the closed unit was to them.
    moved: [[u64; RELATIONS]; State::ALL.len()],
    /// By where they went: to the successor, to the desk, or they stayed with their lead.
    targets: [u64; 3],
    /// Returns that were refused, and reworks, whose lead was closed.
    given_back: [u64; 2],
    pub(super) rungs: u64,
    pub(super) recounts: u64,
}

/// The relations of a unit to a ticket: lead, assist, inform.
const RELATIONS: usize = 3;
/// The states in which units have a ticket that a transfer moves.
const AT_UNITS: [State; 3] = [State::Dispatched, State::Handling, State::Returned];

impl Coverage {
    pub(super) fn visit(&mut self, command: Command, state: State, refused: Option<R>) {
        self.visited[state as usize][command as usize] += 1;
        self.accepted[state as usize][command as usize] += u64::from(refused.is_none());
        self.note(refused);
    }

    /// A transfer moved a ticket.
    pub(super) fn transfer(&mut self, state: State, relation: usize, target: Target) {
        self.moved[state as usize][relation] += 1;
        self.targets[target as usize] += 1;
    }

    /// A ticket would have come back to a closed lead.
    pub(super) fn give_back(&mut self, command: Command) {
        self.given_back[usize::from(command == Command::ReworkTicket)] += 1;
    }

    /// What transfers and closed leads never met.
    fn never_moved(&self) -> Vec<String> {
        let moved = AT_UNITS.iter().flat_map(|state| {
            let cells = self.moved[*state as usize].iter().enumerate();
            cells.map(move |(relation, count)| (format!("{state:?} as {relation}"), *count))
        });
        let targets = ["to a successor", "to the desk", "without the unit"];
        let targets = targets.iter().zip(self.targets).map(|(target, count)| ((*target).to_owned(), count));
        let given_back = ["refused return", "rework"].iter().zip(self.given_back);
        let given_back = given_back.map(|(what, count)| (format!("{what} of a closed lead"), count));
        let all = moved.chain(targets).chain(given_back);
        all.filter(|(_, count)| *count == 0).map(|(what, _)| what).collect()
    }

    /// The command that was tried least in a state.
    pub(super) fn rarest_in(&self, state: State) -> Command {
        let counts = self.visited[state as usize];
        Command::ALL.into_iter().min_by_key(|command| counts[*command as usize]).unwrap_or(Command::ALL[0])
    }

    pub(super) fn note(&mut self, refused: Option<R>) {
        if let Some(reason) = refused {
            *self.refused.entry(reason as i32).or_default() += 1;
        }
    }

    /// Fails if a long enough run has missed something.
    pub(super) fn verdict(&self, steps: u64) -> Result<(), String> {
        let cells = || Command::ALL.into_iter().flat_map(|command| State::ALL.map(|state| (command, state)));
        let never: Vec<_> = cells().filter(|cell| is_zero(&self.visited, *cell)).collect();
        let never_done: Vec<_> = cells()
            .filter(|(command, state)| askable(*state).contains(command))
            .filter(|cell| is_zero(&self.accepted, *cell))
            .collect();
        let never_refused: Vec<_> =
            REASONS.into_iter().filter(|reason| !self.refused.contains_key(&(*reason as i32))).collect();
        let never_moved = self.never_moved();
        let is_whole = never.is_empty() && never_done.is_empty() && never_refused.is_empty();
        if (is_whole && never_moved.is_empty() && self.recounts > 0) || steps < ENOUGH {
            return Ok(());
        }
        Err(format!(
            "never asked {never:?}; never done {never_done:?}; never refused for {never_refused:?}; never moved \
             {never_moved:?}"
        ))
    }
}

fn is_zero(table: &Table, (command, state): (Command, State)) -> bool {
    table[state as usize][command as usize] == 0
}

fn used(table: &Table) -> usize {
    table.iter().flatten().filter(|count| **count > 0).count()
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rarest = self.visited.iter().flatten().min().unwrap_or(&0);
        write!(
            f,
            "{} of {} cells (the rarest {rarest} times), {} ways done, {} reasons for refusal, {} rungs, {} moved by \
             transfers, {} recounts",
            used(&self.visited),
            Command::ALL.len() * State::ALL.len(),
            used(&self.accepted),
            self.refused.len(),
            self.rungs,
            self.targets.iter().sum::<u64>(),
            self.recounts,
        )
    }
}
