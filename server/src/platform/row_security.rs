//! The second wall, inside PostgreSQL: a connection says whose rows it reaches, and row-level security holds it to that
//! even where a query forgets to ask. Knows the settings, not what they guard; the policies stand in `migration`.
//!
//! Every connection of ours begins with reach over everything, which the hotline's own work needs. Work for a unit gives
//! that up first, until its transaction ends. A connection that says nothing reaches nothing. On SQLite there is no
//! second wall.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::transaction::Mode;
use super::{Fault, Store, Transaction};

/// What a connection of ours begins with: the setting and its value.
pub(super) const WHOLE: (&str, &str) = ("hotline.scope", "all");

/// Gives up the reach over everything, for that of one unit, until the transaction ends.
const CONFINE: &str = "SELECT set_config('hotline.scope', 'unit', true), set_config('hotline.unit', $1, true), \
                       set_config('hotline.ticket', '', true)";
/// Lets a confined transaction reach the rows of one ticket, to change them.
const REACH: &str = "SELECT set_config('hotline.ticket', $1, true)";

/// Confines a transaction to what a unit reaches.
pub(super) async fn confine(tx: &Transaction, unit: &str) -> Result<(), Fault> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, CONFINE, [unit.into()]);
    tx.execute_raw(statement).await?;
    Ok(())
}

/// Lets a confined transaction reach one ticket's rows.
pub(super) async fn reach(tx: &Transaction, ticket: i64) -> Result<(), Fault> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, REACH, [ticket.to_string().into()]);
    tx.execute_raw(statement).await?;
    Ok(())
}

/// Where reads go: for staff the pool, for a unit a transaction that reaches its rows alone. It reads only, and is rolled
/// back when it is dropped.
#[derive(Debug)]
pub enum Reading {
    /// Reaches everything.
    Whole(DatabaseConnection),
    /// Reaches what one unit may see.
    Confined(Transaction),
}

impl Store {
    /// Where reads go for a unit, or for staff (`None`).
    ///
    /// # Errors
    /// Where the database can't be reached.
    pub async fn reading(&self, unit: Option<&str>) -> Result<Reading, Fault> {
        let Some(unit) = unit.filter(|_| !self.is_sqlite()) else {
            return Ok(Reading::Whole(self.reader().clone()));
        };
        let tx = Transaction::begin(self.reader(), Mode::Read).await?;
        confine(&tx, unit).await?;
        Ok(Reading::Confined(tx))
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Reading {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Whole(pool) => pool.get_database_backend(),
            Self::Confined(tx) => tx.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Whole(pool) => pool.execute_raw(statement).await,
            Self::Confined(tx) => tx.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Whole(pool) => pool.execute_unprepared(sql).await,
            Self::Confined(tx) => tx.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Whole(pool) => pool.query_one_raw(statement).await,
            Self::Confined(tx) => tx.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Whole(pool) => pool.query_all_raw(statement).await,
            Self::Confined(tx) => tx.query_all_raw(statement).await,
        }
    }
}
