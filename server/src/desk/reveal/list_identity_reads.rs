//! `ListIdentityReads`: who was shown an identity, when, on which occasion and for what purpose.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::CallerIdentities;
use super::look_up::CallerNumbers;
use crate::access::Permit;
use crate::ledger::identity::reads::{self, Filter, IdentityRead, Occasion, Why};
use crate::platform::{Fault, Work};
use crate::ticket::Actor;

/// Which readings to list.
#[derive(Debug, Clone)]
pub struct ListIdentityReads {
    /// Which ones; its caller is filled in from the numbers.
    pub filter: Filter,
    /// Of the tickets of this caller.
    pub caller: CallerNumbers,
    /// After this reading: its instant in microseconds, and its id.
    pub after: Option<(i64, String)>,
    /// How many at most.
    pub limit: u64,
}

impl CallerIdentities {
    /// The readings, the newest first. A look-up by who called is itself a reading of each identity that is found.
    ///
    /// # Errors
    /// Where the database refuses, or the vault's keys do not answer.
    pub async fn list_identity_reads(
        &self,
        permit: &Permit,
        query: ListIdentityReads,
    ) -> Result<Vec<IdentityRead>, Fault> {
        let mut query = query;
        query.filter.caller = self.look_up_of(&query.caller).await?;
        if query.filter.caller.is_empty() {
            return reads::list(self.store.reader(), &query.filter, query.after, query.limit).await;
        }
        let input = Arc::new((permit.actor(), query));
        self.store
            .work(&self.clock, move |work| {
                let input = Arc::clone(&input);
                Box::pin(async move { look_up_in(work, &input.0, &input.1).await })
            })
            .await
    }
}

async fn look_up_in(
    work: &Work,
    reader: &Actor,
    query: &ListIdentityReads,
) -> Result<Vec<IdentityRead>, Fault> {
    let found = reads::list(&work.tx, &query.filter, query.after.clone(), query.limit).await?;
    let tickets: BTreeSet<_> = found.iter().map(|read| read.ticket).collect();
    let tickets: Vec<_> = tickets.into_iter().collect();
    reads::record(work, reader, &tickets, &Why::of(Occasion::LookUp)).await?;
    Ok(found)
}
