//! Digests of the supervision ladder for units.

use chrono::{DateTime, Utc};

use super::Rung;
use crate::convert::record;

record! {
    /// The tickets of a unit for which a rung fired, gathered at the end of one tick of the ladder. A digest never
    /// changes. A unit sees in it only the tickets that it still leads, assists or is informed of, so it may be empty.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Digest = Digest {
        /// The code of the unit that the digest is for: the lead of its tickets when the rung fired.
        unit: String,
        /// 1 for the unit's first digest, in the order in which they became visible. There are no gaps, unless a backup
        /// was restored.
        sequence: i64,
        /// The rung that fired.
        rung: Rung,
        /// When it was gathered.
        event_time: DateTime<Utc>,
        /// The tickets, by number; at most 1,000. More of them make several digests.
        tickets: Vec<DigestTicket>,
    }
}

record! {
    /// A ticket in a digest.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    DigestTicket = DigestTicket {
        /// The ticket's number.
        ticket_number: String,
        /// The number of the handling cycle.
        cycle: u32,
        /// The instant at which the rung was due; `None` if staff fired it.
        due_time: Option<DateTime<Utc>>,
        /// When it fired.
        fire_time: DateTime<Utc>,
    }
}
