//! Approvals of a second person: a principal may be shown the identity behind one ticket, for one purpose, once, and
//! within a time limit.

use chrono::TimeDelta;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder as _, QuerySelect as _};

use super::access_log::RevealPurpose;
use super::rows::approval;
use crate::platform::{Fault, Work, failpoint};
use crate::ticket::{Instant, TicketNumber};

/// How long an approval can be used.
pub const APPROVAL_KEPT: TimeDelta = TimeDelta::minutes(30);

/// An approval to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The ticket.
    pub ticket: TicketNumber,
    /// Who may be shown the identity.
    pub principal: String,
    /// The purpose.
    pub purpose: RevealPurpose,
    /// Who approves.
    pub approved_by: String,
    /// The note.
    pub note: String,
}

/// Records an approval; returns when it expires.
///
/// # Errors
/// If the database refuses.
pub async fn record(work: &Work, id: Uuid, approval: &Approval) -> Result<Instant, Fault> {
    failpoint::reach("identity.approval").await?;
    let expires_at = work.now() + APPROVAL_KEPT;
    let row = approval::ActiveModel {
        id: Set(id.to_string()),
        ticket_number: Set(approval.ticket.as_i64()),
        principal: Set(approval.principal.clone()),
        purpose: Set(approval.purpose.number()),
        approved_by: Set(approval.approved_by.clone()),
        note: Set(approval.note.clone()),
        approved_at: Set(work.now().timestamp_micros()),
        expires_at: Set(expires_at.timestamp_micros()),
        used_for: Set(None),
    };
    approval::Entity::insert(row).exec_without_returning(&work.tx).await?;
    Ok(expires_at)
}

/// An approval that a request can use.
#[derive(Debug)]
pub struct Usable(approval::Model);

/// Finds an approval that a request can use, or the one that it used before. `None` if there is no valid one.
///
/// # Errors
/// If the database refuses.
pub async fn find(
    work: &Work,
    ticket: TicketNumber,
    principal: &str,
    purpose: RevealPurpose,
    request_id: Uuid,
) -> Result<Option<Usable>, Fault> {
    use approval::Column;
    let request_id = request_id.to_string();
    let usable = Condition::any().add(Column::UsedFor.is_null()).add(Column::UsedFor.eq(request_id.as_str()));
    let found = approval::Entity::find()
        .filter(Column::TicketNumber.eq(ticket.as_i64()))
        .filter(Column::Principal.eq(principal))
        .filter(Column::Purpose.eq(purpose.number()))
        .filter(Column::ExpiresAt.gt(work.now().timestamp_micros()))
        // Nobody may approve their own reveal, whatever a row says.
        .filter(Column::ApprovedBy.ne(principal))
        .filter(usable)
        // An approval that this request has used comes before one that it could use.
        .order_by_desc(Column::UsedFor)
        .order_by_asc(Column::ExpiresAt)
        .limit(2)
        .all(&work.tx)
        .await?;
    let mine = found.iter().position(|row| row.used_for.as_ref() == Some(&request_id));
    Ok(found.into_iter().nth(mine.unwrap_or(0)).map(Usable))
}

impl Usable {
    /// Uses it for a request; returns who approved.
    ///
    /// # Errors
    /// A conflict if another request uses it at the same time.
    pub async fn take(self, work: &Work, request_id: Uuid) -> Result<String, Fault> {
        use approval::Column;
        let Self(row) = self;
        if row.used_for.is_none() {
            let used = approval::Entity::update_many()
                .col_expr(Column::UsedFor, Expr::value(request_id.to_string()))
                .filter(Column::Id.eq(row.id.as_str()))
                .filter(Column::UsedFor.is_null())
                .exec(&work.tx)
                .await?;
            if used.rows_affected != 1 {
                return Err(Fault {
                    is_conflict: true,
                    ..Fault::unavailable("an approval was used meanwhile")
                });
            }
        }
        Ok(row.approved_by)
    }
}
