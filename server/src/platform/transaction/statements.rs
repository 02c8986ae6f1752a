//! The statements of a transaction, for sea-orm: each is sent on the transaction's own connection, and counted.

use sea_orm::sqlx::{self, AssertSqlSafe};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;

use super::{Connection, Transaction, on, query_error};
use crate::platform::pool::HostLease;

/// The statement for sqlx, with its values.
fn query<DB>(statement: &Statement) -> sqlx::query::Query<'_, DB, SqlxValues>
where
    DB: sqlx::Database,
    SqlxValues: sqlx::IntoArguments<DB>,
{
    let values = statement.values.clone().unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}

/// Waits for a statement as long as its answer can come.
async fn bound<T>(
    lease: &mut HostLease,
    statement: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    lease.bound(statement).await.unwrap_or_else(|interruption| Err(interruption.into()))
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.count();
        let mut session = self.session.lock().await;
        let (connection, lease) = session.enter().await?;
        let outcome = on!(connection, conn => {
            bound(lease, query(&statement).execute(&mut **conn)).await.map(ExecResult::from)
        });
        session.leave(outcome).await.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.count();
        let mut session = self.session.lock().await;
        let (connection, lease) = session.enter().await?;
        let outcome = on!(connection, conn => {
            bound(lease, sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **conn)).await.map(ExecResult::from)
        });
        session.leave(outcome).await.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.count();
        let mut session = self.session.lock().await;
        let (connection, lease) = session.enter().await?;
        let outcome = on!(connection, conn => {
            let row = bound(lease, query(&statement).fetch_optional(&mut **conn)).await;
            row.map(|row| row.map(QueryResult::from))
        });
        session.leave(outcome).await.map_err(query_error)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count();
        let mut session = self.session.lock().await;
        let (connection, lease) = session.enter().await?;
        let outcome = on!(connection, conn => {
            let rows = bound(lease, query(&statement).fetch_all(&mut **conn)).await;
            rows.map(|rows| rows.into_iter().map(QueryResult::from).collect())
        });
        session.leave(outcome).await.map_err(query_error)
    }
}
