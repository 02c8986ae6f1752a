//! The filter of digests.

use hotline_proto::v1;

use crate::convert::{IntoProto as _, setters};
use crate::model::Rung;

/// A filter of digests; by default all that the caller may see. All conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListDigests {
    /// The code of the unit. A unit's own scope also applies; it may leave this `None`.
    pub unit: Option<String>,
    /// This rung.
    pub rung: Option<Rung>,
    /// Digests of the unit after this sequence, the last one that the caller has read. 0 for all. Staff must also set
    /// the unit, because each unit's digests are numbered separately.
    pub after_sequence: i64,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

setters! {
    ListDigests { unit: Option<String>, rung: Option<Rung>, after_sequence: i64, page_size: Option<u32> }
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
