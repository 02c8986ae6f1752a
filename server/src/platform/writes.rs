//! Many rows of several tables, written together. PostgreSQL gets one statement for all of them, so that a commit costs
//! one round trip of writes. SQLite gets one statement for each table.
//!
//! In PostgreSQL's statement every part sees the rows as they were before it. So no part may write a row that another
//! part writes: a row that may be there already is put by [`Writes::put`] and not deleted and inserted.

use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, Iterable as _, Statement};

use super::bulk_sql::{ValuesSource, rows_max};
use super::{Fault, Work};

/// Rows to write.
#[derive(Debug)]
pub(crate) struct Writes {
    backend: DbBackend,
    parts: Vec<Part>,
    values: Vec<Value>,
}

/// The statement for one table.
#[derive(Debug)]
struct Part {
    sql: String,
    /// Its values on SQLite. PostgreSQL's parts share one list.
    values: Vec<Value>,
    /// The rows that it has to change.
    rows: u64,
    /// Whether another number of rows means that somebody else has changed them.
    is_counted: bool,
}

/// The columns of some rows by name; all columns have as many values.
pub(crate) type Columns = Vec<(&'static str, Vec<Value>)>;

impl Writes {
    /// Nothing to write yet.
    pub(crate) fn new(work: &Work) -> Self {
        Self { backend: work.tx.get_database_backend(), parts: Vec::new(), values: Vec::new() }
    }

    /// Inserts rows.
    ///
    /// # Errors
    /// An internal error if a row lacks a value.
    pub(crate) fn insert<A: ActiveModelTrait>(&mut self, rows: Vec<A>) -> Result<(), Fault> {
        self.insert_or(rows, "")
    }

    /// Inserts rows, except those that are there already.
    ///
    /// # Errors
    /// An internal error if a row lacks a value.
    pub(crate) fn insert_missing<A: ActiveModelTrait>(&mut self, rows: Vec<A>) -> Result<(), Fault> {
        self.insert_or(rows, " ON CONFLICT DO NOTHING")
    }

    /// Inserts rows, in place of those with the same key.
    ///
    /// # Errors
    /// An internal error if a row lacks a value.
    pub(crate) fn put<A: ActiveModelTrait>(
        &mut self,
        rows: Vec<A>,
        key: &[&'static str],
    ) -> Result<(), Fault> {
        let names = <A::Entity as EntityTrait>::Column::iter().map(|column| column.as_str().to_owned());
        let others = names.filter(|name| !key.contains(&name.as_str()));
        let others: Vec<_> = others.map(|name| format!("\"{name}\" = excluded.\"{name}\"")).collect();
        self.insert_or(
            rows,
            &format!(" ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), others.join(", ")),
        )
    }

    fn insert_or<A: ActiveModelTrait>(&mut self, mut rows: Vec<A>, or: &str) -> Result<(), Fault> {
        let most = rows_max(<A::Entity as EntityTrait>::Column::iter().count());
        while !rows.is_empty() {
            let rest = rows.split_off(most.min(rows.len()));
            let columns = columns_of(&mut rows)?;
            let names: Vec<_> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            let table = A::Entity::default();
            let (table, names) = (table.table_name().to_owned(), names.join(", "));
            self.add(columns, false, |source| format!("INSERT INTO \"{table}\" ({names}) {source}{or}"))?;
            rows = rest;
        }
        Ok(())
    }

    /// Deletes the rows with these keys, given as the columns of the key.
    ///
    /// # Errors
    /// An internal error if a value is of a kind that no table has.
    pub(crate) fn delete<E: EntityTrait>(&mut self, keys: Columns) -> Result<(), Fault> {
        if keys.first().is_none_or(|(_, values)| values.is_empty()) {
            return Ok(());
        }
        let table = E::default().table_name().to_owned();
        let names: Vec<_> = keys.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        self.add(keys, false, |source| format!("DELETE FROM \"{table}\" WHERE ({names}) IN ({source})"))
    }

    /// Adds a statement that takes rows as a query, and has to change one row for each of them.
    ///
    /// # Errors
    /// An internal error if a value is of a kind that no table has.
    pub(crate) fn update(&mut self, rows: Columns, sql: impl FnOnce(&str) -> String) -> Result<(), Fault> {
        self.add(rows, true, sql)
    }

    /// The same, if some of these rows may be gone.
    ///
    /// # Errors
    /// An internal error if a value is of a kind that no table has.
    pub(crate) fn update_present(
        &mut self,
        rows: Columns,
        sql: impl FnOnce(&str) -> String,
    ) -> Result<(), Fault> {
        self.add(rows, false, sql)
    }

    fn add(
        &mut self,
        rows: Columns,
        is_counted: bool,
        sql: impl FnOnce(&str) -> String,
    ) -> Result<(), Fault> {
        let height = rows.first().map_or(0, |(_, values)| values.len() as u64);
        if height == 0 {
            return Ok(());
        }
        let part = if self.backend == DbBackend::Postgres {
            let source = ValuesSource::from_arrays_at(self.values.len(), rows)?;
            self.values.extend(source.values);
            Part { sql: sql(&source.sql), values: Vec::new(), rows: height, is_counted }
        } else {
            let source = ValuesSource::from_rows(rows);
            Part { sql: sql(&source.sql), values: source.values, rows: height, is_counted }
        };
        self.parts.push(part);
        Ok(())
    }

    /// Writes everything.
    ///
    /// # Errors
    /// A conflict if a row is there already, or an update met another number of rows than it was given; what the
    /// database refuses with.
    pub(crate) async fn execute(self, work: &Work) -> Result<(), Fault> {
        if self.parts.is_empty() {
            return Ok(());
        }
        if self.backend == DbBackend::Postgres {
            return self.execute_together(work).await;
        }
        for part in self.parts {
            let statement = Statement::from_sql_and_values(self.backend, part.sql, part.values);
            let changed = work.tx.execute_raw(statement).await?.rows_affected();
            check_changed(part.is_counted, part.rows, changed)?;
        }
        Ok(())
    }

    async fn execute_together(self, work: &Work) -> Result<(), Fault> {
        let (mut parts, mut counts) = (Vec::new(), Vec::new());
        for (place, part) in self.parts.iter().enumerate() {
            let returning = if part.is_counted { " RETURNING 1" } else { "" };
            parts.push(format!("w{place} AS ({}{returning})", part.sql));
            if part.is_counted {
                counts.push(format!("(SELECT count(*) FROM w{place})"));
            }
        }
        let counts = if counts.is_empty() { "1".to_owned() } else { counts.join(", ") };
        let sql = format!("WITH {} SELECT {counts}", parts.join(", "));
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, self.values);
        let row = work.tx.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| Fault::internal("a statement of writes returned no row"))?;
        for (place, part) in self.parts.iter().filter(|part| part.is_counted).enumerate() {
            let changed: i64 = row.try_get_by_index(place)?;
            check_changed(true, part.rows, changed.unsigned_abs())?;
        }
        Ok(())
    }
}

/// Inserts rows, as many in a statement as it takes.
///
/// # Errors
/// Where the database refuses; a unique row that is there already is a conflict.
pub(crate) async fn insert<A>(work: &Work, rows: Vec<A>) -> Result<(), Fault>
where
    A: ActiveModelTrait,
{
    let mut writes = Writes::new(work);
    writes.insert(rows)?;
    writes.execute(work).await
}

fn check_changed(is_counted: bool, rows: u64, changed: u64) -> Result<(), Fault> {
    if !is_counted || rows == changed {
        return Ok(());
    }
    Err(Fault { is_conflict: true, ..Fault::unavailable("a row changed under its lock") })
}

/// The columns of rows, each of which has every value.
fn columns_of<A: ActiveModelTrait>(rows: &mut [A]) -> Result<Columns, Fault> {
    let mut columns = Vec::new();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        let values: Option<Vec<Value>> = rows.iter_mut().map(|row| row.take(column).into_value()).collect();
        let name = sea_orm::IdenStatic::as_str(&column);
        columns.push((name, values.ok_or_else(|| Fault::internal(format!("{name} has no value")))?));
    }
    Ok(columns)
}
