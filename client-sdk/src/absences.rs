//! Absences of clerks of a unit, each with a substitute.

use chrono::{DateTime, Utc};
use hotline_proto::v1;
use uuid::Uuid;

use crate::call::Command;
use crate::convert::{IntoProto as _, answers, setters};
use crate::directory::Directory;
use crate::error::Error;
use crate::model::Absence;
use crate::page::{self, Listing};

/// Sets the absence of a clerk of the caller's unit, in the place of the clerk's former one, or ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetAbsence {
    /// The principal of the clerk.
    pub clerk: String,
    /// The principal who stands in; `None` ends the absence.
    pub substitute: Option<String>,
    /// The first instant: now, unless it is set.
    pub start_time: Option<DateTime<Utc>>,
    /// The first instant after it.
    pub end_time: Option<DateTime<Utc>>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl SetAbsence {
    /// The clerk is not there until an instant, and another one stands in.
    #[must_use]
    pub fn new(clerk: impl Into<String>, substitute: impl Into<String>, end_time: DateTime<Utc>) -> Self {
        let (substitute, end_time) = (Some(substitute.into()), Some(end_time));
        Self { clerk: clerk.into(), substitute, start_time: None, end_time, request_id: None }
    }

    /// The clerk is there again.
    #[must_use]
    pub fn end(clerk: impl Into<String>) -> Self {
        Self { clerk: clerk.into(), substitute: None, start_time: None, end_time: None, request_id: None }
    }
}

setters! {
    SetAbsence {
        start_time: Option<DateTime<Utc>>,
        request_id: Option<Uuid>,
    }
}

impl Command for SetAbsence {
    type Request = v1::SetAbsenceRequest;
    type Changed = Absence;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::SetAbsenceRequest {
            request_id,
            clerk: self.clerk,
            substitute: self.substitute.into_proto(),
            start_time: self.start_time.into_proto(),
            end_time: self.end_time.into_proto(),
        }
    }
}

impl Directory {
    /// Sets the absence of a clerk of the caller's unit, or ends it. For units.
    ///
    /// # Errors
    /// `REQUEST_ID_REUSED`; `INVALID_FIELDS` if there is none to end.
    pub async fn set_absence(&self, command: SetAbsence) -> Result<Absence, Error> {
        self.0.command(command).await
    }

    /// Lists the absences of the caller's unit that have not ended, by clerk. For units.
    pub fn list_absences(&self) -> Listing<Absence> {
        page::list(self.0.clone(), v1::ListAbsencesRequest::default())
    }
}

answers! {
    Absence: SetAbsenceResponse.absence;
}
