//! Absences of clerks of a unit.

use chrono::{DateTime, Utc};

use crate::convert::record;

record! {
    /// A time in which a clerk of a unit is not there (请假代理), and who stands in.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Absence = Absence {
        /// The principal of the clerk.
        clerk: String,
        /// The principal who stands in.
        substitute: String,
        /// The first instant.
        start_time: DateTime<Utc>,
        /// The first instant after it.
        end_time: DateTime<Utc>,
        /// The principal that set it.
        principal: String,
        /// When.
        set_time: DateTime<Utc>,
    }
}
