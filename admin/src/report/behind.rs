//! The command that lists the tickets behind a figure.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::analysis::selection::Selection;

/// Which tickets a figure counts.
#[derive(Debug, Clone)]
pub(super) struct Behind {
    pub(super) selection: Selection,
    /// Conditions on columns of the export.
    pub(super) conditions: Vec<String>,
    /// For conditions that depend on the time.
    pub(super) as_of: Option<DateTime<Utc>>,
}

impl Behind {
    pub(super) const fn new(selection: Selection) -> Self {
        Self { selection, conditions: Vec::new(), as_of: None }
    }

    pub(super) fn only(mut self, condition: impl Into<String>) -> Self {
        self.conditions.push(condition.into());
        self
    }

    /// A value of a dimension; tickets without it have an empty cell.
    pub(super) fn value(self, column: &str, value: &str) -> Self {
        self.only(format!("{column}={value}"))
    }

    pub(super) const fn with_time(mut self, time: DateTime<Utc>) -> Self {
        self.as_of = Some(time);
        self
    }
}

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hotline export tickets {}", self.selection.flags())?;
        for condition in &self.conditions {
            write!(f, " --where {condition}")?;
        }
        if let Some(time) = self.as_of {
            write!(f, " --as-of {}", time.to_rfc3339_opts(SecondsFormat::AutoSi, true))?;
        }
        f.write_str(" --to-file tickets.csv")
    }
}
