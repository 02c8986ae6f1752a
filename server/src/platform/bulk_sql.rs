//! Statements for many rows. SQLite gets them value by value. PostgreSQL gets one array for each column and unnests the
//! arrays. The text of the statement is then the same for any number of rows, so it is parsed and planned once, without
//! an expression for each value.

use sea_orm::DbBackend;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{ArrayType, ExprTrait as _, SimpleExpr};

use super::Fault;

/// Values in one statement: SQLite's limit. PostgreSQL's is twice as high, and it gets arrays.
const VALUES_MAX: usize = 32_766;

/// The condition that a column holds one of some numbers.
pub(crate) fn is_among(db: &impl ConnectionTrait, column: impl ColumnTrait, numbers: Vec<i64>) -> SimpleExpr {
    match db.get_database_backend() {
        DbBackend::Postgres => column.into_expr().eq(PgFunc::any(numbers)),
        _ => column.is_in(numbers),
    }
}

/// Rows as one JSON value, so that one statement text, planned once, takes any number of them.
///
/// # Errors
/// Never for rows that JSON can hold.
pub(crate) fn json_rows(rows: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(rows)
        .map_err(|error| Fault::internal(format!("rows that cannot be written as JSON: {error}")))
}

/// How many rows with this many values fit into one statement.
pub(crate) const fn rows_max(values: usize) -> usize {
    VALUES_MAX / values
}

/// The rows of a statement as a query, with their values as its first parameters.
pub(crate) struct ValuesSource {
    /// The query.
    pub(crate) sql: String,
    /// Its values.
    pub(crate) values: Vec<Value>,
}

impl ValuesSource {
    /// Rows as a list of values, for SQLite; all columns, given by name, have the same number of values.
    pub(crate) fn from_rows(columns: Vec<(&'static str, Vec<Value>)>) -> Self {
        let (width, height) = (columns.len(), columns.first().map_or(0, |(_, values)| values.len()));
        // Without parameter numbers: SQLite treats a number as a name, and searches all names for each value.
        let row = format!("({})", vec!["?"; width].join(", "));
        let sql = format!("VALUES {}", vec![row; height].join(", "));
        let mut columns: Vec<_> = columns.into_iter().map(|(_, values)| values.into_iter()).collect();
        let values =
            (0..height).flat_map(|_| columns.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>());
        Self { sql, values: values.collect() }
    }

    /// Rows as one array for each column, given by name. All columns have the same number of values, and all values of
    /// a column are of one kind.
    ///
    /// # Errors
    /// If a column has no values, or they are of a kind that no table here has.
    pub(crate) fn from_arrays(columns: Vec<(&'static str, Vec<Value>)>) -> Result<Self, Fault> {
        Self::from_arrays_at(0, columns)
    }

    /// The same for a statement that has so many parameters before these.
    ///
    /// # Errors
    /// As [`Self::from_arrays`].
    pub(crate) fn from_arrays_at(
        parameters_before: usize,
        columns: Vec<(&'static str, Vec<Value>)>,
    ) -> Result<Self, Fault> {
        let mut arrays = Arrays { parameters_before, ..Arrays::default() };
        let mut selected = Vec::new();
        for (name, values) in columns {
            let first = values.first().ok_or_else(|| Fault::internal(format!("{name} has no values")))?;
            let kind = kind(first).ok_or_else(|| Fault::internal(format!("{name} is of another kind")))?;
            // sea-query arrays cannot hold NULL: if some values are missing, a second array says which.
            let missing: Vec<_> = values.iter().map(|value| *value == value.as_null()).collect();
            selected.push(if missing.iter().all(|is_missing| *is_missing) {
                format!("NULL::{kind}")
            } else if missing.iter().any(|is_missing| *is_missing) {
                let is_missing = arrays.push("boolean", missing.into_iter().map(Value::from).collect());
                let present =
                    |value: Value| if value == value.as_null() { value.dummy_value() } else { value };
                let value = arrays.push(kind, values.into_iter().map(present).collect());
                format!("CASE WHEN {is_missing} THEN NULL ELSE {value} END")
            } else {
                arrays.push(kind, values)
            });
        }
        Ok(Self { sql: arrays.select(&selected), values: arrays.values })
    }
}

#[derive(Default)]
struct Arrays {
    parameters_before: usize,
    kinds: Vec<&'static str>,
    values: Vec<Value>,
}

impl Arrays {
    /// Adds the values of a column; returns its name.
    fn push(&mut self, kind: &'static str, values: Vec<Value>) -> String {
        let kind_of_all = values.first().map_or(ArrayType::Bool, Value::array_type);
        self.kinds.push(kind);
        self.values.push(Value::Array(kind_of_all, Some(Box::new(values))));
        format!("c{}", self.kinds.len())
    }

    fn select(&self, selected: &[String]) -> String {
        let places = (1_usize..).zip(&self.kinds);
        let before = self.parameters_before;
        let arrays: Vec<_> =
            places.clone().map(|(place, kind)| format!("${}::{kind}[]", place + before)).collect();
        let names: Vec<_> = places.map(|(place, _)| format!("c{place}")).collect();
        format!(
            "SELECT {} FROM unnest({}) AS source ({})",
            selected.join(", "),
            arrays.join(", "),
            names.join(", ")
        )
    }
}

/// PostgreSQL's name of a value's type.
fn kind(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Bool(_) => "boolean",
        Value::SmallInt(_) => "smallint",
        Value::Int(_) => "integer",
        Value::BigInt(_) => "bigint",
        Value::String(_) => "text",
        Value::Bytes(_) => "bytea",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vec<(&'static str, Vec<Value>)> {
        let texts = [Some("x"), None].map(Value::from);
        let nothing = [None::<String>, None].map(Value::from);
        vec![
            ("number", vec![1_i64.into(), 2_i64.into()]),
            ("unit", texts.to_vec()),
            ("topic", nothing.to_vec()),
        ]
    }

    #[test]
    fn each_column_is_an_array_and_another_says_which_values_are_missing() {
        let source = ValuesSource::from_arrays(some()).expect("every kind is known");
        assert_eq!(
            source.sql,
            "SELECT c1, CASE WHEN c2 THEN NULL ELSE c3 END, NULL::text \
             FROM unnest($1::bigint[], $2::boolean[], $3::text[]) AS source (c1, c2, c3)"
        );
        let expected: [Value; 3] =
            [vec![1_i64, 2].into(), vec![false, true].into(), vec!["x".to_owned(), String::new()].into()];
        assert_eq!(source.values, expected);
    }

    #[test]
    fn each_row_has_its_own_values() {
        let source = ValuesSource::from_rows(some());
        assert_eq!(source.sql, "VALUES (?, ?, ?), (?, ?, ?)");
        let nothing = None::<String>;
        let expected: [Value; 6] = [
            1_i64.into(),
            "x".into(),
            nothing.clone().into(),
            2_i64.into(),
            nothing.clone().into(),
            nothing.into(),
        ];
        assert_eq!(source.values, expected);
    }

    #[test]
    fn a_kind_that_no_table_has_is_refused() {
        assert!(ValuesSource::from_arrays(vec![("share", vec![0.5_f64.into()])]).is_err());
        assert!(ValuesSource::from_arrays(vec![("nothing", vec![])]).is_err());
    }
}
