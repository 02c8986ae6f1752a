//! The commands of an administrator that put seats, skills and shifts.

use hotline_proto::v1;
use uuid::Uuid;

use crate::call::Command;
use crate::convert::{IntoProto, answers, setters};
use crate::directory::Directory;
use crate::error::Error;
use crate::model::{Seat, Shift, Skill};
use crate::page::{self, Listing};

/// A seat as an administrator puts it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeatSetup {
    /// Its code: the exchange's agent id or extension. At most 64 characters of `[A-Za-z0-9._-]`.
    pub code: String,
    /// Its name, 1 to 100 characters.
    pub name: String,
    /// The skills of the seat, 1 to 32 codes.
    pub skills: Vec<String>,
    /// Whether agents are trained there.
    pub training: bool,
    /// Whether agents can sign in there.
    pub active: bool,
    /// If it is given, it must be the present one.
    pub etag: Option<String>,
}

impl SeatSetup {
    /// An active seat with one skill.
    pub fn new(code: impl Into<String>, name: impl Into<String>, skill: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            name: name.into(),
            skills: vec![skill.into()],
            training: false,
            active: true,
            etag: None,
        }
    }

    /// The present setup of a seat, to change it.
    #[must_use]
    pub fn of(seat: &Seat) -> Self {
        Self {
            code: seat.code.clone(),
            name: seat.name.clone(),
            skills: seat.skills.clone(),
            training: seat.training,
            active: seat.active,
            etag: seat.etag.clone(),
        }
    }
}

setters! {
    SeatSetup {
        name: String,
        skills: Vec<String>,
        training: bool,
        active: bool,
        etag: Option<String>,
    }
}

impl IntoProto<Option<v1::Seat>> for SeatSetup {
    fn into_proto(self) -> Option<v1::Seat> {
        Some(v1::Seat {
            code: self.code,
            name: self.name,
            skills: self.skills,
            training: self.training,
            active: self.active,
            etag: self.etag.into_proto(),
            ..Default::default()
        })
    }
}

/// Adds a seat, or replaces the one with the same code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutSeat {
    /// The seat with its new values.
    pub seat: SeatSetup,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl PutSeat {
    /// Puts a seat with its new values.
    #[must_use]
    pub const fn new(seat: SeatSetup) -> Self {
        Self { seat, request_id: None }
    }
}

setters! {
    PutSeat {
        seat: SeatSetup,
        request_id: Option<Uuid>,
    }
}

impl Command for PutSeat {
    type Request = v1::PutSeatRequest;
    type Changed = Seat;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::PutSeatRequest { request_id, seat: self.seat.into_proto() }
    }
}

/// Adds a skill, or replaces the one with the same code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutSkill {
    /// The skill with its new values.
    pub skill: Skill,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl PutSkill {
    /// Puts a skill with its new values.
    #[must_use]
    pub const fn new(skill: Skill) -> Self {
        Self { skill, request_id: None }
    }
}

setters! {
    PutSkill {
        skill: Skill,
        request_id: Option<Uuid>,
    }
}

impl Command for PutSkill {
    type Request = v1::PutSkillRequest;
    type Changed = Skill;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::PutSkillRequest { request_id, skill: self.skill.into_proto() }
    }
}

/// Adds a shift, or replaces the one with the same code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutShift {
    /// The shift with its new values.
    pub shift: Shift,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl PutShift {
    /// Puts a shift with its new values.
    #[must_use]
    pub const fn new(shift: Shift) -> Self {
        Self { shift, request_id: None }
    }
}

setters! {
    PutShift {
        shift: Shift,
        request_id: Option<Uuid>,
    }
}

impl Command for PutShift {
    type Request = v1::PutShiftRequest;
    type Changed = Shift;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::PutShiftRequest { request_id, shift: self.shift.into_proto() }
    }
}

impl Directory {
    /// Adds a seat, or replaces the one with the same code. For administrators.
    ///
    /// # Errors
    /// `ETAG_STALE`, `SKILL_UNKNOWN`, `SEAT_BUSY`, `REQUEST_ID_REUSED`.
    pub async fn put_seat(&self, command: PutSeat) -> Result<Seat, Error> {
        self.0.command(command).await
    }

    /// Adds a skill, or replaces the one with the same code. For administrators.
    ///
    /// # Errors
    /// `ETAG_STALE`, `REQUEST_ID_REUSED`.
    pub async fn put_skill(&self, command: PutSkill) -> Result<Skill, Error> {
        self.0.command(command).await
    }

    /// Lists skills, by code. For telephony, agents, supervisors and administrators.
    pub fn list_skills(&self) -> Listing<Skill> {
        page::list(self.0.clone(), v1::ListSkillsRequest::default())
    }

    /// Adds a shift, or replaces the one with the same code. For administrators.
    ///
    /// # Errors
    /// `ETAG_STALE`, `REQUEST_ID_REUSED`.
    pub async fn put_shift(&self, command: PutShift) -> Result<Shift, Error> {
        self.0.command(command).await
    }

    /// Lists shifts, by code. For telephony, agents, supervisors and administrators.
    pub fn list_shifts(&self) -> Listing<Shift> {
        page::list(self.0.clone(), v1::ListShiftsRequest::default())
    }
}

answers! {
    Seat: PutSeatResponse.seat;
    Skill: PutSkillResponse.skill;
    Shift: PutShiftResponse.shift;
}
