//! The commands about follow-up calls.

use hotline_proto::v1;
use uuid::Uuid;

use crate::convert::{FromProto, Malformed, setters};
use crate::model::{FollowUp, FollowUpKind};

/// Takes tickets to call back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaseFollowUps {
    /// How many at most, from 1 to 20.
    pub count: u32,
    /// Which calls; `None` for surveys.
    pub kind: Option<FollowUpKind>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl LeaseFollowUps {
    /// So many at most.
    #[must_use]
    pub const fn new(count: u32) -> Self {
        Self { count, kind: None, request_id: None }
    }
}

setters! {
    LeaseFollowUps {
        count: u32,
        kind: Option<FollowUpKind>,
        request_id: Option<Uuid>,
    }
}

/// Gives tickets back before the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReleaseFollowUps {
    /// The tickets, 1 to 20.
    pub ticket_numbers: Vec<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl ReleaseFollowUps {
    /// These tickets.
    #[must_use]
    pub const fn new(ticket_numbers: Vec<String>) -> Self {
        Self { ticket_numbers, request_id: None }
    }
}

setters! {
    ReleaseFollowUps {
        ticket_numbers: Vec<String>,
        request_id: Option<Uuid>,
    }
}

commands! {
    LeaseFollowUps = LeaseFollowUpsRequest { count, kind } -> FollowUps
    ReleaseFollowUps = ReleaseFollowUpsRequest { ticket_numbers } -> Numbers
}

/// The answer of a lease.
type FollowUps = Vec<FollowUp>;
/// The answer of a release.
type Numbers = Vec<String>;

impl FromProto<v1::LeaseFollowUpsResponse> for FollowUps {
    fn from_proto(value: v1::LeaseFollowUpsResponse, at: &'static str) -> Result<Self, Malformed> {
        FromProto::from_proto(value.follow_ups, at)
    }
}

impl FromProto<v1::ReleaseFollowUpsResponse> for Numbers {
    fn from_proto(value: v1::ReleaseFollowUpsResponse, _: &'static str) -> Result<Self, Malformed> {
        Ok(value.ticket_numbers)
    }
}
