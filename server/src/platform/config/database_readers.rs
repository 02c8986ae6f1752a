//! Which hosts of the database answer lists.

use serde::{Deserialize, Serialize};

/// Which hosts of the database answer lists that no decision depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseReaders {
    /// The host that takes writes.
    Primary,
    /// A standby that keeps up, if there is one.
    Standby,
}
