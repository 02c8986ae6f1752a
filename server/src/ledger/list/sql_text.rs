//! The text of a statement with its values. A list is written as text, because its plan hangs on the exact words: a
//! partial index is used only if the query repeats its condition, and PostgreSQL plans a limit well only if it is a
//! literal.

use std::fmt::Write as _;

use sea_orm::{DbBackend, Statement, Value};

/// A statement under construction.
#[derive(Debug)]
pub(super) struct SqlText {
    backend: DbBackend,
    text: String,
    values: Vec<Value>,
    has_condition: bool,
}

impl SqlText {
    /// An empty statement for a database.
    pub(super) const fn new(backend: DbBackend) -> Self {
        Self { backend, text: String::new(), values: Vec::new(), has_condition: false }
    }

    /// Whether it is for PostgreSQL.
    pub(super) fn is_postgres(&self) -> bool {
        self.backend == DbBackend::Postgres
    }

    /// Adds text.
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value as a parameter. SQLite's have no numbers, because sqlx searches each numbered one.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        if self.is_postgres() {
            // Writing to a string does not fail.
            let _ = write!(self.text, "${}", self.values.len());
        } else {
            self.text.push('?');
        }
        self
    }

    /// Begins a part whose first condition is a `WHERE`.
    pub(super) fn begin_conditions(&mut self) -> &mut Self {
        self.has_condition = false;
        self
    }

    /// Begins a condition.
    pub(super) fn condition(&mut self) -> &mut Self {
        let word = if self.has_condition { " AND " } else { " WHERE " };
        self.has_condition = true;
        self.push(word)
    }

    /// Adds the condition that a column compares so with a value.
    pub(super) fn compare(&mut self, comparison: &str, value: impl Into<Value>) -> &mut Self {
        self.condition().push(comparison).push(" ").bind(value)
    }

    /// Adds the condition that a column has one of these values; none of them is a condition that never holds.
    pub(super) fn one_of<V: Into<Value>>(
        &mut self,
        column: &str,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (None, _) => self.condition().push("1 = 0"),
            (Some(value), None) => self.compare(&format!("{column} ="), value),
            (Some(first), Some(second)) => {
                self.condition().push(column).push(" IN (").bind(first).push(", ").bind(second);
                for value in values {
                    self.push(", ").bind(value);
                }
                self.push(")")
            }
        }
    }

    /// Adds the condition that one of these columns has one of these values; none of either is a condition that never
    /// holds.
    pub(super) fn any_is_one_of<V: Into<Value> + Clone>(
        &mut self,
        columns: &[String],
        values: &[V],
    ) -> &mut Self {
        if columns.is_empty() || values.is_empty() {
            return self.condition().push("1 = 0");
        }
        // Each part of an OR must be an index's for SQLite to use the indexes.
        let mut before = "(";
        self.condition();
        for column in columns {
            for value in values {
                self.push(before).push(column).push(" = ").bind(value.clone());
                before = " OR ";
            }
        }
        self.push(")")
    }

    /// The statement.
    pub(super) fn statement(self) -> Statement {
        Statement::from_sql_and_values(self.backend, self.text, self.values)
    }
}
