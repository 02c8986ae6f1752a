//! Which digests to list.

use hotline_proto::v1;

use crate::convert::IntoProto as _;
use crate::model::Rung;

/// Which digests to list; by default all that the caller may see. Every condition that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListDigests {
    /// The code of the unit. A unit's own scope applies besides; it may leave this `None`.
    pub unit: Option<String>,
    /// This rung.
    pub rung: Option<Rung>,
    /// Digests of the unit after this sequence: the last one that the caller has read. 0 for all. Staff name the unit
    /// too, because each unit's digests are counted by themselves.
    pub after_sequence: i64,
    /// How many to fetch at once: 50 by default, 200 at most.
    pub page_size: Option<u32>,
}

impl ListDigests {
    pub(super) fn into_request(self) -> v1::ListDigestsRequest {
        v1::ListDigestsRequest {
            page_size: self.page_size.into_proto(),
            page_token: String::new(),
            unit: self.unit.into_proto(),
            rung: self.rung.into_proto(),
            after_sequence: self.after_sequence.into_proto(),
        }
    }
}
