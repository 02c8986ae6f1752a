//! The connection for reads that are not part of a unit of work.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::transaction::Mode;
use super::{Fault, Pool, Store, Transaction, row_security};

/// The connection for reads: for staff the pool, for a unit a transaction that sees only its rows. It is rolled back
/// when it is dropped.
#[derive(Debug)]
pub enum ReadConn {
    /// Sees every row.
    AllRows(Pool),
    /// Sees only what one unit may see.
    UnitScope(Transaction),
}

impl Store {
    /// The connection for the reads of a unit, or of staff (`None`).
    ///
    /// # Errors
    /// If the database can't be reached.
    pub async fn read_conn(&self, unit: Option<&str>) -> Result<ReadConn, Fault> {
        let Some(unit) = unit.filter(|_| !self.is_sqlite()) else {
            return Ok(ReadConn::AllRows(self.reader().clone()));
        };
        let (pool, count) = (self.reader(), self.statement_count());
        // One round trip for both, if the code of the unit can stand in the text of a statement as it is.
        if let Some(set_scope) = row_security::unit_scope_statement(unit) {
            let begun = Transaction::begin_and(pool, Mode::Read, &set_scope, count).await?;
            return Ok(ReadConn::UnitScope(begun));
        }
        let tx = Transaction::begin(pool, Mode::Read, count).await?;
        row_security::set_unit_scope(&tx, unit).await?;
        Ok(ReadConn::UnitScope(tx))
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for ReadConn {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::AllRows(pool) => pool.get_database_backend(),
            Self::UnitScope(tx) => tx.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::AllRows(pool) => pool.execute_raw(statement).await,
            Self::UnitScope(tx) => tx.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::AllRows(pool) => pool.execute_unprepared(sql).await,
            Self::UnitScope(tx) => tx.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::AllRows(pool) => pool.query_one_raw(statement).await,
            Self::UnitScope(tx) => tx.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::AllRows(pool) => pool.query_all_raw(statement).await,
            Self::UnitScope(tx) => tx.query_all_raw(statement).await,
        }
    }
}
