//! `ListRosters`: rosters, by code. A unit reads its own.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Rosters;
use super::model::Roster;
use super::rows::{self, roster};
use crate::access::Permit;
use crate::platform::Fault;

impl Rosters {
    /// The rosters after a code, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_rosters(
        &self,
        permit: &Permit,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Roster>, Fault> {
        let mut query = roster::Entity::find().order_by_asc(roster::Column::Code).limit(limit);
        if let Some(unit) = permit.unit() {
            query = query.filter(roster::Column::Unit.eq(unit.as_str()));
        }
        if let Some(after) = after {
            query = query.filter(roster::Column::Code.gt(after));
        }
        let rows = query.all(self.store.reader()).await?;
        Ok(rows.into_iter().map(rows::roster_of).collect())
    }
}
