//! Marks a call that a training seat has answered, so that no service level counts it.

use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;

use super::rows::{self, call};
use super::{CallDetails, rollup};
use crate::platform::{Fault, Work};
use crate::ticket::CallId;
use crate::ticket::dated::{Dated, Join as _};

/// Marks a call in a unit of work; nothing happens if it is marked.
///
/// # Errors
/// If the database refuses, or the call can't be read.
pub(in crate::desk) async fn mark_training(work: &Work, id: &CallId) -> Result<(), Fault> {
    let known = call::Entity::find_by_id(id.0.as_str()).lock_exclusive().one(&work.tx).await?;
    let Some(before) = known.map(rows::read).transpose()? else { return Ok(()) };
    let is_training = Some(Dated { at: work.now(), value: true });
    let mut after = before.clone();
    after.details.join(&CallDetails { is_training, ..CallDetails::default() });
    if after == before {
        return Ok(());
    }
    rows::write(work, &after, false).await?;
    rollup::count(work, Some(&before.details), &after).await
}
