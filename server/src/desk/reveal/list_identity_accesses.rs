//! `ListIdentityAccesses`: who was shown an identity, when, on which occasion and for which purpose.

use super::CallerIdentities;
use super::look_up::CallerNumbers;
use crate::access::Permit;
use crate::identity::access_log;
use crate::identity::access_log::{AccessFilter, AccessReason, IdentityAccess, Occasion};
use crate::platform::{Fault, Work};
use crate::ticket::Actor;
use std::collections::BTreeSet;

/// A list of accesses to read.
#[derive(Debug, Clone)]
pub struct ListIdentityAccesses {
    /// The filter; its caller is filled in from the numbers.
    pub filter: AccessFilter,
    /// The caller to search for.
    pub caller: CallerNumbers,
    /// After this access: its instant in microseconds, and its id.
    pub after: Option<(i64, String)>,
    /// Maximum number.
    pub limit: u64,
}

impl CallerIdentities {
    /// The accesses, the newest first. A search by who called is itself an access to each identity that is found.
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
