//! `DryRunScheme`: what a scheme would mean for each unit in a month. It counts from the rollups, which know no scheme.

use prost::Message;

use super::propose_scheme::record_change;
use super::scheme_record::{self, SchemeRecord, SchemeState, SchemeTrial};
use super::score::{Difference, Month, differences};
use super::{Assessment, follow, month_counts};
use crate::access::Permit;
use crate::desk::directory::UnitGroup;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

/// What a scheme would mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeDryRun {
    /// The scheme.
    pub record: SchemeRecord,
    /// The units that would notice, with their groups.
    pub differences: Vec<(UnitGroup, Difference)>,
    /// How many units were compared.
    pub units: usize,
}

impl Assessment {
    /// Counts a month under a scheme and under the one that counts it, once per request. A proposal remembers that it
    /// was tried, so its etag changes.
    ///
    /// # Errors
    /// `SCHEME_NOT_FOUND`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn dry_run_scheme<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        (number, month): (u32, Month),
        answer: impl Fn(&SchemeDryRun) -> A + Send + Sync + 'static,
    ) -> Result<A, Fault> {
        let input = (permit.clone(), number, month, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (permit, number, month, answer)| {
                let run = dry_run(work, *number, *month).await?;
                record_change(work, permit, &run.record).await?;
                Ok(answer(&run))
            })
            .await
    }
}

async fn dry_run(work: &Work, number: u32, month: Month) -> Result<SchemeDryRun, Fault> {
    follow::take_turn(work).await?;
    let mut record = scheme_record::lock(work, number).await?;
    let counts = month_counts::read(&work.tx, month, None).await?;
    let present = &counts.scheme.scheme;
    let (mut found, mut units) = (Vec::new(), 0);
    for group in month_counts::GROUPS {
        let members = counts.members(group);
        let before = counts.rank(present, &members);
        let after = counts.rank(&record.scheme, &members);
        units += members.len();
        let noticed = differences((present, &before), (&record.scheme, &after));
        found.extend(noticed.into_iter().filter(Difference::is_any).map(|one| (group, one)));
    }
    if record.state == SchemeState::Proposed {
        record.history.tried = Some(SchemeTrial { month, at: work.now() });
        record = scheme_record::update(work, record).await?;
    }
    Ok(SchemeDryRun { record, differences: found, units })
}
