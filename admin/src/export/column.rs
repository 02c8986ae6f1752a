//! The columns of an export, and the cells of a record.

use chrono::DateTime;
use chrono_tz::Asia::Shanghai;
use serde::{Deserialize, Serialize};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Integer,
    Number,
    Boolean,
    /// Microseconds since 1970.
    Time,
}

/// A column: its name, which never changes, and what it holds.
pub(crate) type ExportColumn = (&'static str, Kind);

/// A cell. Its kind is that of the column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Cell {
    Absent,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(String),
}

/// A record: as many cells as there are columns.
pub(crate) type Row = Vec<Cell>;

impl Cell {
    pub(crate) fn text(value: impl std::fmt::Display) -> Self {
        Self::Text(format!("{value}"))
    }

    pub(crate) fn of<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Absent, cell)
    }

    pub(crate) fn time(time: chrono::DateTime<chrono::Utc>) -> Self {
        Self::Integer(time.timestamp_micros())
    }

    /// As people and spreadsheets read it. Times are those of Beijing.
    pub(crate) fn shown(&self, kind: Kind) -> String {
        match self {
            Self::Absent => String::new(),
            Self::Boolean(value) => if *value { "yes" } else { "no" }.to_owned(),
            Self::Integer(value) if kind == Kind::Time => {
                let time = DateTime::from_timestamp_micros(*value);
                time.map(|time| time.with_timezone(&Shanghai).format("%Y-%m-%dT%H:%M:%S%:z").to_string())
                    .unwrap_or_default()
            }
            Self::Integer(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}
