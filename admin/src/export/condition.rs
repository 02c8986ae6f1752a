//! `--where COLUMN=VALUE`: conditions on the columns of an export.

use super::column::{Cell, ExportColumn, Kind};
use crate::failure::Failure;

/// A column that must have one of some values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    place: usize,
    kind: Kind,
    values: Vec<String>,
}

/// Names of the contract are compared as flags have them.
fn comparable(text: &str) -> String {
    text.trim().to_lowercase().replace('_', "-")
}

impl Condition {
    /// `rung=urged,supervised`, `returns=1+`, `topic=`.
    pub(super) fn parse(text: &str, columns: &[ExportColumn]) -> Result<Self, Failure> {
        let (name, values) = text
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("--where {text}: it has the form COLUMN=VALUE")))?;
        let name = name.trim();
        let place = columns.iter().position(|(column, _)| *column == name).ok_or_else(|| {
            let known: Vec<_> = columns.iter().map(|(column, _)| *column).collect();
            Failure::usage(format!("--where: no column {name:?}; the columns are {}", known.join(", ")))
        })?;
        let values = values.split(',').map(comparable).collect();
        Ok(Self { place, kind: columns[place].1, values })
    }

    pub(super) fn holds(&self, row: &[Cell]) -> bool {
        let cell = row.get(self.place).unwrap_or(&Cell::Absent);
        let shown = comparable(&cell.shown(self.kind));
        self.values.iter().any(|value| match (cell, value.strip_suffix('+')) {
            (Cell::Integer(number), Some(least)) => least.parse::<i64>().is_ok_and(|least| *number >= least),
            _ => *value == shown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[ExportColumn] =
        &[("rung", Kind::Text), ("returns", Kind::Integer), ("age", Kind::Text), ("is_open", Kind::Boolean)];

    #[test]
    fn a_condition_selects_records() {
        let row = [Cell::text("URGED"), Cell::Integer(2), Cell::text("60+"), Cell::Boolean(true)];
        for (condition, expected) in [
            ("rung=urged", true),
            ("rung=reminded,urged", true),
            ("rung=supervised", false),
            ("rung=", false),
            ("returns=1+", true),
            ("returns=3+", false),
            ("returns=2", true),
            ("age=60+", true),
            ("is_open=yes", true),
            ("is_open=no", false),
        ] {
            let parsed = Condition::parse(condition, COLUMNS).expect("a condition");
            assert_eq!(parsed.holds(&row), expected, "{condition}");
        }
        let empty = Condition::parse("rung=", COLUMNS).expect("a condition");
        assert!(empty.holds(&[Cell::Absent]));
        for wrong in ["rung", "nothing=1"] {
            assert!(Condition::parse(wrong, COLUMNS).is_err(), "{wrong}");
        }
    }
}
