//! `ListAbsences`: the absences of the caller's unit that have not ended, by clerk.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::rows::{self, absence};
use super::{Absence, Absences};
use crate::access::Permit;
use crate::platform::Fault;

impl Absences {
    /// The absences of the caller's unit after a clerk, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses, or a row can't be read.
    pub async fn list_absences(
        &self,
        permit: &Permit,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Absence>, Fault> {
        use absence::Column;
        let Some(unit) = permit.unit() else { return Ok(Vec::new()) };
        let mut query = absence::Entity::find()
            .filter(Column::Unit.eq(unit.as_str()))
            .filter(Column::UntilAt.gt(self.clock.now().timestamp_micros()))
            .order_by_asc(Column::Clerk)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(Column::Clerk.gt(after));
        }
        let rows = query.all(self.store.reader()).await?;
        rows.into_iter().map(rows::absence_of).collect()
    }
}
