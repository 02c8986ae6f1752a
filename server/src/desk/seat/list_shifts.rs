//! `ListShifts`: shifts, by code.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Seats;
use super::model::Shift;
use super::rows::{self, shift};
use crate::platform::Fault;

impl Seats {
    /// The shifts after a code, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_shifts(&self, after: Option<&str>, limit: u64) -> Result<Vec<Shift>, Fault> {
        let mut query = shift::Entity::find().order_by_asc(shift::Column::Code).limit(limit);
        if let Some(after) = after {
            query = query.filter(shift::Column::Code.gt(after));
        }
        let rows = query.all(self.store.reader()).await?;
        Ok(rows.into_iter().map(rows::shift_of).collect())
    }
}
