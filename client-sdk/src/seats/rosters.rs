//! The rosters of staff of units on duty.

use hotline_proto::v1;
use uuid::Uuid;

use crate::call::Command;
use crate::convert::{IntoProto as _, answers, setters};
use crate::directory::Directory;
use crate::error::Error;
use crate::model::Roster;
use crate::page::{self, Listing};

/// Adds a roster, or replaces the one with the same code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutRoster {
    /// The roster with its new values.
    pub roster: Roster,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl PutRoster {
    /// Puts a roster with its new values.
    #[must_use]
    pub const fn new(roster: Roster) -> Self {
        Self { roster, request_id: None }
    }
}

setters! {
    PutRoster {
        roster: Roster,
        request_id: Option<Uuid>,
    }
}

impl Command for PutRoster {
    type Request = v1::PutRosterRequest;
    type Changed = Roster;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::PutRosterRequest { request_id, roster: self.roster.into_proto() }
    }
}

impl Directory {
    /// Adds a roster, or replaces the one with the same code. For administrators.
    ///
    /// # Errors
    /// `ETAG_STALE`, `UNIT_UNKNOWN`, `REQUEST_ID_REUSED`.
    pub async fn put_roster(&self, command: PutRoster) -> Result<Roster, Error> {
        self.0.command(command).await
    }

    /// Lists rosters, by code. A unit reads its own. For dispatchers, units, supervisors and administrators.
    pub fn list_rosters(&self) -> Listing<Roster> {
        page::list(self.0.clone(), v1::ListRostersRequest::default())
    }
}

answers! {
    Roster: PutRosterResponse.roster;
}
