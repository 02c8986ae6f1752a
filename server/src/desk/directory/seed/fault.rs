//! Faults of a directory.

use std::fmt;

/// Why a directory cannot be used. It names the row, so that whoever edits the file can find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeedFault {
    /// Not TOML, a field is missing or unknown, or a value has the wrong form. Holds the parser's message.
    Malformed(String),
    /// A code has the wrong form or is too long.
    Code(String),
    /// The same unit, topic, catalogue row or governed district occurs twice.
    Duplicate(String),
    /// A row refers to a unit, topic leaf or district that does not exist, or comes after it.
    Unresolved {
        /// The row with the reference.
        row: String,
        /// The reference.
        reference: String,
    },
    /// A unit governs a district without being one, or is a district that governs none.
    Government(String),
    /// A topic leaf has no catalogue row for any place.
    Uncovered(String),
    /// There is not exactly one coordinator; holds their number.
    Coordinators(usize),
}

impl fmt::Display for SeedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(detail) => write!(f, "directory cannot be read: {detail}"),
            Self::Code(code) => write!(f, "directory code {code:?} has the wrong form"),
            Self::Duplicate(key) => write!(f, "directory has {key:?} twice"),
            Self::Unresolved { row, reference } => {
                write!(f, "directory row {row:?} refers to {reference:?}, which is not there")
            }
            Self::Government(unit) => {
                write!(f, "unit {unit:?}: a district code goes with the district group and with no other")
            }
            Self::Uncovered(topic) => write!(f, "topic {topic:?} has no catalogue row for any place"),
            Self::Coordinators(count) => write!(f, "directory has {count} coordinators instead of one"),
        }
    }
}

impl std::error::Error for SeedFault {}
