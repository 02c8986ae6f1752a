//! The heads that the next checkpoint will cover. Code that makes a chain longer adds the new head in the same
//! transaction.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{DbBackend, QueryOrder as _, QuerySelect as _, Statement};
use serde::Serialize;

use super::rows::pending_head;
use crate::platform::bulk_sql::json_rows;
use crate::platform::hashing::Link;
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work};

/// Adds heads for the next checkpoint: ticket number or 0, subject or empty, sequence, link.
pub(crate) async fn note<'h>(
    work: &Work,
    heads: impl IntoIterator<Item = (i64, &'h str, i32, &'h Link)>,
) -> Result<(), Fault> {
    let mut writes = Writes::new(work);
    add(heads, &mut writes)?;
    writes.execute(work).await
}

/// Adds heads for the next checkpoint to what a unit of work writes.
pub(crate) fn add<'h>(
    heads: impl IntoIterator<Item = (i64, &'h str, i32, &'h Link)>,
    writes: &mut Writes,
) -> Result<(), Fault> {
    let row = |(ticket_number, subject, sequence, link): (i64, &str, i32, &Link)| pending_head::ActiveModel {
        ticket_number: Set(ticket_number),
        subject: Set(subject.to_owned()),
        sequence: Set(sequence),
        hash: Set(link.as_bytes().to_vec()),
    };
    writes.insert(heads.into_iter().map(row).collect())
}

/// At most `limit` pending heads, by ticket number, subject and sequence in the order of the database.
pub(super) async fn first(work: &Work, limit: u64) -> Result<Vec<pending_head::Model>, Fault> {
    use pending_head::Column;
    let found = pending_head::Entity::find()
        .order_by_asc(Column::TicketNumber)
        .order_by_asc(Column::Subject)
        .order_by_asc(Column::Sequence)
        .limit(limit);
    Ok(found.all(&work.tx).await?)
}

/// One statement for any number of heads: with a thousand tuples in its text PostgreSQL takes half a second to plan it.
const DELETE_POSTGRES: &str = "DELETE FROM pending_head \
    USING jsonb_to_recordset($1::jsonb) AS covered (number bigint, subject text, sequence integer) \
    WHERE pending_head.ticket_number = covered.number AND pending_head.subject = covered.subject \
      AND pending_head.sequence = covered.sequence";

/// A head under the new checkpoint, as the statement above reads it.
#[derive(Serialize)]
struct CoveredHead {
    number: i64,
    subject: String,
    sequence: i32,
}

/// Deletes the heads that a checkpoint covers, given in the order of [`first`], and no others, because more may have
/// been added meanwhile.
pub(super) async fn delete(work: &Work, mut heads: Vec<pending_head::Model>) -> Result<(), Fault> {
    use pending_head::Column;
    if work.tx.get_database_backend() == DbBackend::Postgres {
        let covered = |head: pending_head::Model| CoveredHead {
            number: head.ticket_number,
            subject: head.subject,
            sequence: head.sequence,
        };
        let heads = json_rows(&heads.into_iter().map(covered).collect::<Vec<_>>())?;
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, DELETE_POSTGRES, [heads.into()]);
        work.tx.execute_raw(statement).await?;
        return Ok(());
    }
    // SQLite has one writer, so no head was added meanwhile: the heads up to the last one are those that were read.
    let Some(last) = heads.pop() else { return Ok(()) };
    let place = Expr::tuple([Column::TicketNumber, Column::Subject, Column::Sequence].map(Expr::col));
    let last = [Expr::val(last.ticket_number), Expr::val(last.subject), Expr::val(last.sequence)];
    pending_head::Entity::delete_many().filter(place.lte(Expr::tuple(last))).exec(&work.tx).await?;
    Ok(())
}
