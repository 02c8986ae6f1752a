//! `ListIdentityAccesses`: who was shown an identity, when, on which occasion and for what purpose.

use super::CallerIdentities;
use super::look_up::CallerNumbers;
use crate::access::Permit;
use crate::identity::access_log;
use crate::identity::access_log::{AccessFilter, AccessReason, IdentityAccess, Occasion};
use crate::platform::{Fault, Work};
use crate::ticket::Actor;
use std::collections::BTreeSet;

/// Which readings to list.
#[derive(Debug, Clone)]
pub struct ListIdentityAccesses {
    /// Which ones; its caller is filled in from the numbers.
    pub filter: AccessFilter,
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
    /// If the database refuses, or the vault's keys do not answer.
    pub async fn list_identity_accesses(
        &self,
        permit: &Permit,
        query: ListIdentityAccesses,
    ) -> Result<Vec<IdentityAccess>, Fault> {
        let mut query = query;
        query.filter.caller = self.look_up_of(&query.caller).await?;
        if query.filter.caller.is_empty() {
            return access_log::list(self.store.reader(), &query.filter, query.after, query.limit).await;
        }
        let input = (permit.actor(), query);
        self.store
            .run(&self.clock, input, async |work, (reader, query)| look_up_in(work, reader, query).await)
            .await
    }
}

async fn look_up_in(
    work: &Work,
    reader: &Actor,
    query: &ListIdentityAccesses,
) -> Result<Vec<IdentityAccess>, Fault> {
    let found = access_log::list(&work.tx, &query.filter, query.after.clone(), query.limit).await?;
    let tickets: BTreeSet<_> = found.iter().map(|access| access.ticket).collect();
    let tickets: Vec<_> = tickets.into_iter().collect();
    access_log::record(work, reader, &tickets, &AccessReason::of(Occasion::LookUp)).await?;
    Ok(found)
}
