//! `ListSkills`: skills, by code.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Seats;
use super::model::Skill;
use super::rows::{self, skill};
use crate::platform::Fault;

impl Seats {
    /// The skills after a code, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_skills(&self, after: Option<&str>, limit: u64) -> Result<Vec<Skill>, Fault> {
        let mut query = skill::Entity::find().order_by_asc(skill::Column::Code).limit(limit);
        if let Some(after) = after {
            query = query.filter(skill::Column::Code.gt(after));
        }
        let rows = query.all(self.store.reader()).await?;
        Ok(rows.into_iter().map(rows::skill_of).collect())
    }
}
