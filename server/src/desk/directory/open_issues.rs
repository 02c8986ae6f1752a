//! The policy issues of a unit that becomes inactive. Only their unit changes here; the analysis keeps everything else
//! of the table.

use sea_orm::{ConnectionTrait as _, Statement};

use crate::platform::{Fault, Work};
use crate::ticket::UnitCode;

/// Passes the issues that a unit has not answered on to its successor. Without a successor they stay open.
///
/// # Errors
/// If the database refuses.
pub(super) async fn pass_on(work: &Work, from: &UnitCode, successor: Option<&UnitCode>) -> Result<(), Fault> {
    let Some(successor) = successor else { return Ok(()) };
    let sql = "UPDATE policy_issue SET unit = $1 WHERE unit = $2 AND NOT is_answered";
    let values = [successor.as_str().into(), from.as_str().into()];
    let statement = Statement::from_sql_and_values(work.tx.get_database_backend(), sql, values);
    work.tx.execute_raw(statement).await?;
    Ok(())
}
