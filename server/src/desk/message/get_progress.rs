//! `GetProgress`: where a ticket is, for the company that has its code. A wrong code and a number that nobody has take
//! the same steps and get the same answer. Wrong answers of a caller about a ticket are limited.

use hotline_proto::v1::{ErrorReason, Role};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};
use tokio::time::Instant as Tick;

use super::Messages;
use super::code;
use super::model::{CompanyMessage, MessageState};
use super::rows::{self, message};
use crate::access::{Permit, Scope};
use crate::desk::directory::units;
use crate::ledger::{self, accused};
use crate::platform::Fault;
use crate::ticket::{Instant, State, Ticket, TicketNumber};

/// Messages that an answer lists.
const SENT_MAX: u64 = 50;

/// Where a ticket is, in steps that a company knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressStage {
    /// The hotline has it.
    Received,
    /// A unit handles it.
    Handling,
    /// It is answered or complete.
    Completed,
    /// It is closed.
    Closed,
    /// It was not accepted, or was withdrawn.
    Ended,
}

impl ProgressStage {
    /// The stage of a state. A repeat whose target is not found counts as with the hotline.
    #[must_use]
    pub const fn of(state: State) -> Self {
        match state {
            State::Received | State::Planning | State::Dispatched | State::Returned | State::Merged => {
                Self::Received
            }
            State::Handling => Self::Handling,
            State::Answered | State::Completed => Self::Completed,
            State::Closed => Self::Closed,
            State::Declined | State::Withdrawn => Self::Ended,
        }
    }
}

/// What a company may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The ticket.
    pub number: TicketNumber,
    /// Where it is.
    pub stage: ProgressStage,
    /// The names of the unit that has accepted it, in both languages.
    pub unit: Option<(String, String)>,
    /// The limit in force, while it is handled.
    pub due_at: Option<Instant>,
    /// Whether the limit is a promised date.
    pub is_carried_over: bool,
    /// What the company was told, the oldest first.
    pub sent: Vec<CompanyMessage>,
}

impl Messages {
    /// The progress of a ticket. An agent has checked who asks and needs no code.
    ///
    /// # Errors
    /// `PROGRESS_NOT_FOUND`, `RATE_LIMITED`; if the database refuses.
    pub async fn get_progress(
        &self,
        permit: &Permit,
        number: TicketNumber,
        given_code: &str,
    ) -> Result<Progress, Fault> {
        let is_checked = permit.has(Role::Agent);
        let guesser = (permit.principal().to_owned(), number.as_i64());
        if let Some(wait) = self.guesses.wait(&guesser, Tick::now()).filter(|_| !is_checked) {
            return Err(Fault { retry_after: Some(wait), ..Fault::new(ErrorReason::RateLimited) });
        }
        // Both are done whatever the other says, so that the time does not tell which of them failed. The code is the
        // proof, so the read has the scope of the hotline.
        let is_code = is_checked || code::is_code(&self.vault, number, given_code).await?;
        let ticket = ledger::read::find(self.store.reader(), &Scope::All, number).await?;
        if let Some(ticket) = ticket.filter(|_| is_code) {
            return self.progress_of(ticket).await;
        }
        if !is_checked {
            self.guesses.add(guesser, Tick::now());
        }
        Err(Fault::new(ErrorReason::ProgressNotFound))
    }

    async fn progress_of(&self, ticket: Ticket) -> Result<Progress, Fault> {
        let db = self.store.reader();
        let number = ticket.number;
        // The company of a repeat waits for the ticket that it was merged into.
        let handled = match ticket.merged_into {
            Some(into) => ledger::read::find(db, &Scope::All, into).await?.unwrap_or(ticket),
            None => ticket,
        };
        let is_handled = handled.state.is_open() && handled.cycle.completed_at.is_none();
        let lead = handled.dispatch.as_ref().filter(|dispatch| dispatch.accepted_at.is_some());
        let unit = match lead.map(|dispatch| &dispatch.lead_unit) {
            Some(lead) if !accused::accuses(db, number, lead).await? => units::find(db, lead).await?,
            _ => None,
        };
        let sent = message::Entity::find()
            .filter(message::Column::TicketNumber.eq(number.as_i64()))
            .filter(message::Column::State.eq(MessageState::Sent.stored()))
            .order_by_asc(message::Column::Sequence)
            .limit(SENT_MAX)
            .all(db)
            .await?;
        Ok(Progress {
            number,
            stage: ProgressStage::of(handled.state),
            unit: unit.map(|unit| (unit.name, unit.name_en)),
            due_at: is_handled.then(|| handled.cycle.due_at()),
            is_carried_over: is_handled && handled.cycle.is_due_by_promise(),
            sent: sent.into_iter().map(rows::message_of).collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_that_has_not_accepted_is_not_handling() {
        for (state, stage) in [
            (State::Received, ProgressStage::Received),
            (State::Dispatched, ProgressStage::Received),
            (State::Returned, ProgressStage::Received),
            (State::Handling, ProgressStage::Handling),
            (State::Answered, ProgressStage::Completed),
            (State::Declined, ProgressStage::Ended),
        ] {
            assert_eq!(ProgressStage::of(state), stage, "{state:?}");
        }
    }
}
