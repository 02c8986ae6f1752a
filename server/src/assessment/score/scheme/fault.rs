//! What is wrong with a scheme.

use std::fmt;

/// A fault of a scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeFault {
    /// The path of the value, for example `items[1].weight`; empty for the whole document.
    pub path: String,
    /// What it must be.
    pub rule: String,
}

impl fmt::Display for SchemeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.rule) } else { write!(f, "{}: {}", self.path, self.rule) }
    }
}

impl SchemeFault {
    pub(super) fn whole(rule: impl Into<String>) -> Self {
        Self { path: String::new(), rule: rule.into() }
    }
}
