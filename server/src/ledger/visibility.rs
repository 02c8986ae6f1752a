//! Visibility: the SQL condition that a ticket is in a scope. Tickets, lists and digests share it.
//!
//! A unit may see the tickets that it leads, assists or is informed of. It may not see a ticket that accuses it or a
//! unit above it, or a unit that one of these took over from. The tree of units may have changed since the dispatch, so
//! it is read again each time.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, IntoColumnRef, Query, SelectStatement, SimpleExpr};
use sea_orm::{FromQueryResult as _, Statement};

use super::rows::{accused, unit};
use crate::access::Scope;
use crate::platform::Fault;
use crate::ticket::UnitCode;

/// A unit, every unit above it, and the units that any of them took over from. It is a separate query, so that the main
/// query has a plan without recursion.
const LINEAGE: &str = "WITH RECURSIVE above (code) AS (SELECT CAST($1 AS VARCHAR(64)) \
                     UNION SELECT unit.parent FROM unit JOIN above ON unit.code = above.code \
                     WHERE unit.parent IS NOT NULL), \
                     lineage (code) AS (SELECT code FROM above \
                     UNION SELECT unit.code FROM lineage JOIN unit ON unit.successor = lineage.code) \
                     SELECT code FROM lineage";

/// A unit, with those above it as the tree is now, and those that they took over from.
#[derive(Debug, Clone)]
pub(crate) struct UnitLineage {
    unit: UnitCode,
    above: Vec<String>,
}

#[derive(sea_orm::FromQueryResult)]
struct UnitCodeRow {
    code: String,
}

impl UnitLineage {
    /// The lineage of a scope's unit; `None` for staff, whose scope is not limited.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn of(db: &impl ConnectionTrait, scope: &Scope) -> Result<Option<Self>, Fault> {
        match scope {
            Scope::All => Ok(None),
            Scope::Unit(unit) => Self::of_unit(db, unit).await.map(Some),
        }
    }

    /// The lineage of a unit.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn of_unit(db: &impl ConnectionTrait, unit: &UnitCode) -> Result<Self, Fault> {
        let statement =
            Statement::from_sql_and_values(db.get_database_backend(), LINEAGE, [unit.as_str().into()]);
        let above = UnitCodeRow::find_by_statement(statement).all(db).await?;
        let above = above.into_iter().map(|one| one.code).collect();
        Ok(Self { unit: unit.clone(), above })
    }

    /// The unit.
    pub(crate) fn unit(&self) -> &str {
        self.unit.as_str()
    }

    /// The codes of the unit and of every unit above it.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        self.above.iter().map(String::as_str)
    }

    /// The condition that the unit may see the ticket of a number column.
    pub(crate) fn may_see(&self, number: impl IntoColumnRef + Clone) -> SimpleExpr {
        let theirs: SelectStatement = Query::select()
            .column(unit::Column::TicketNumber)
            .from(unit::Entity)
            .and_where(Expr::col((unit::Entity, unit::Column::Unit)).eq(self.unit.as_str()))
            .and_where(Expr::col((unit::Entity, unit::Column::TicketNumber)).eq(Expr::col(number.clone())))
            .to_owned();
        Expr::exists(theirs).and(self.is_not_accused(number))
    }

    /// The condition that the ticket of a number column accuses neither the unit nor one above it.
    pub(crate) fn is_not_accused(&self, number: impl IntoColumnRef) -> SimpleExpr {
        let accused: SelectStatement = Query::select()
            .column(accused::Column::TicketNumber)
            .from(accused::Entity)
            .and_where(Expr::col((accused::Entity, accused::Column::TicketNumber)).eq(Expr::col(number)))
            .and_where(
                Expr::col((accused::Entity, accused::Column::Unit))
                    .is_in(self.above.iter().map(String::as_str)),
            )
            .to_owned();
        Expr::exists(accused).not()
    }
}
