//! The search for tickets by who called. Whoever finds a ticket that way knows its caller. So every search is recorded
//! as an access to each identity that it found, in the transaction that found it.

use hotline_proto::v1::ErrorReason;

use super::CallerIdentities;
use crate::access::{Permit, view};
use crate::identity::LookUp;
use crate::identity::access_log;
use crate::identity::access_log::{AccessReason, Occasion};
use crate::ledger;
use crate::ledger::list::ListQuery;
use crate::platform::{Fault, Work};
use crate::ticket::Ticket;

/// The numbers of a caller to search for, by their keys; without both, nothing is searched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallerNumbers {
    codes: Option<Vec<String>>,
    phones: Option<Vec<String>>,
}

impl CallerNumbers {
    /// The numbers, if the caller of the method may search.
    ///
    /// # Errors
    /// `PART_NOT_ALLOWED`.
    pub fn new(
        permit: &Permit,
        codes: Option<Vec<String>>,
        phones: Option<Vec<String>>,
    ) -> Result<Self, Fault> {
        if (codes.is_some() || phones.is_some()) && !view::looks_up(permit) {
            return Err(Fault::new(ErrorReason::PartNotAllowed).with("part", "look-up"));
        }
        Ok(Self { codes, phones })
    }
}

impl CallerIdentities {
    /// The condition of a query for these numbers.
    pub(super) async fn look_up_of(&self, numbers: &CallerNumbers) -> Result<LookUp, Fault> {
        LookUp::of(&self.vault, numbers.codes.as_deref(), numbers.phones.as_deref()).await
    }

    /// The tickets of a caller, or `None` if there are no numbers to search for.
    ///
    /// # Errors
    /// If the database refuses, or the vault's keys do not answer.
    pub async fn look_up(
        &self,
        permit: &Permit,
        numbers: &CallerNumbers,
        query: &ListQuery,
    ) -> Result<Option<Vec<Ticket>>, Fault> {
        let caller = self.look_up_of(numbers).await?;
        if caller.is_empty() {
            return Ok(None);
        }
        let mut query = query.clone();
        query.filter.caller = caller;
        let input = (permit.clone(), query);
        let found = self
            .store
            .run(&self.clock, input, async |work, (permit, query)| look_up_in(work, permit, query).await);
        found.await.map(Some)
    }
}

async fn look_up_in(work: &Work, permit: &Permit, query: &ListQuery) -> Result<Vec<Ticket>, Fault> {
    let found = ledger::list::page(&work.tx, &permit.scope(), query).await?;
    let numbers: Vec<_> = found.iter().map(|ticket| ticket.number).collect();
    access_log::record(work, &permit.actor(), &numbers, &AccessReason::of(Occasion::LookUp)).await?;
    Ok(found)
}
