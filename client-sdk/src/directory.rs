//! Who is responsible for what: units, topics, the dispatch catalogue; and previews of limits before there is a ticket.

use chrono::{DateTime, Utc};
use hotline_proto::v1;
use uuid::Uuid;

use crate::call::{Command, Core};
use crate::convert::{IntoProto as _, answers, setters};
use crate::error::Error;
use crate::model::{CatalogueEntry, Category, Complexity, DeadlineExplanation, Unit, UnitChange, UnitGroup};
use crate::page::{self, Listing};

/// The directory. Made by [`HotlineClient::directory`](crate::HotlineClient::directory).
#[derive(Debug, Clone)]
pub struct Directory(pub(crate) Core);

/// A filter of units; by default all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListUnits {
    /// This group only.
    pub group: Option<UnitGroup>,
    /// Active units only.
    pub active_only: bool,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

setters! {
    ListUnits { group: Option<UnitGroup>, active_only: bool, page_size: Option<u32> }
}

/// A filter of the dispatch catalogue; by default everything, including the history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListCatalogueEntries {
    /// This topic only.
    pub topic: Option<String>,
    /// In force at this instant only.
    pub effective_time: Option<DateTime<Utc>>,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

setters! {
    ListCatalogueEntries {
        topic: Option<String>,
        effective_time: Option<DateTime<Utc>>,
        page_size: Option<u32>,
    }
}

/// Previews a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreviewDeadline {
    /// What the company wants.
    pub category: Category,
    /// How much work it is.
    pub complexity: Complexity,
    /// Whether several units are involved.
    pub several_units: bool,
    /// The moment of intake; `None` for now. Years 2000 to 2099.
    pub intake_time: Option<DateTime<Utc>>,
    /// The version of the policy; `None` for the one in force at the intake.
    pub policy_version: Option<String>,
    /// The version of the calendar; `None` for the one in force at the intake.
    pub calendar_version: Option<String>,
}

impl PreviewDeadline {
    /// A preview for a request of one unit that is taken in now, under the rules in force.
    #[must_use]
    pub const fn new(category: Category, complexity: Complexity) -> Self {
        Self {
            category,
            complexity,
            several_units: false,
            intake_time: None,
            policy_version: None,
            calendar_version: None,
        }
    }
}

setters! {
    PreviewDeadline {
        category: Category,
        complexity: Complexity,
        several_units: bool,
        intake_time: Option<DateTime<Utc>>,
        policy_version: Option<String>,
        calendar_version: Option<String>,
    }
}

/// Adds a unit, or replaces the one with the same code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutUnit {
    /// The unit with its new values.
    pub unit: Unit,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl PutUnit {
    /// Puts a unit with its new values.
    #[must_use]
    pub const fn new(unit: Unit) -> Self {
        Self { unit, request_id: None }
    }
}

setters! {
    PutUnit { unit: Unit, request_id: Option<Uuid> }
}

/// Makes a unit inactive, and says where its open work goes: to its successor, which the unit names, or to the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeactivateUnit {
    /// The unit as it is now, with its successor if it has one.
    pub unit: Unit,
    /// Whether its open tickets go back to the desk. Only without a successor.
    pub to_desk: bool,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl DeactivateUnit {
    /// A unit whose work another unit takes over.
    pub fn in_favour_of(unit: Unit, successor: impl Into<String>) -> Self {
        let successor = Some(successor.into());
        Self { unit: Unit { successor, ..unit }, to_desk: false, request_id: None }
    }

    /// A unit whose work goes back to the desk.
    #[must_use]
    pub const fn to_desk(unit: Unit) -> Self {
        Self { unit, to_desk: true, request_id: None }
    }
}

setters! {
    DeactivateUnit { request_id: Option<Uuid> }
}

/// Sets who is responsible for a topic and district from an instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutCatalogueEntry {
    /// The entry. The one in force until then ends where it starts.
    pub entry: CatalogueEntry,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl PutCatalogueEntry {
    /// Puts an entry.
    #[must_use]
    pub const fn new(entry: CatalogueEntry) -> Self {
        Self { entry, request_id: None }
    }
}

setters! {
    PutCatalogueEntry { entry: CatalogueEntry, request_id: Option<Uuid> }
}

impl Directory {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    /// Lists units, by code. For everyone but telephony.
    pub fn list_units(&self, which: ListUnits) -> Listing<Unit> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Reads one unit. For everyone but telephony.
    ///
    /// # Errors
    /// `UNIT_NOT_FOUND`.
    pub async fn get_unit(&self, code: impl Into<String>) -> Result<Unit, Error> {
        self.0.query(v1::GetUnitRequest { code: code.into() }).await
    }

    /// Adds or replaces a unit. A unit is never deleted; set `active` to false instead, and name its successor if it
    /// has open tickets. [`Directory::deactivate_unit`] can also send them back to the desk. For administrators.
    ///
    /// # Errors
    /// `ETAG_STALE`, `UNIT_UNKNOWN` (its parent, its successor), `LAST_ACTIVE_UNIT`, `UNIT_HAS_OPEN_TICKETS`,
    /// `TRANSFER_RUNNING`, `REQUEST_ID_REUSED`.
    pub async fn put_unit(&self, command: PutUnit) -> Result<Unit, Error> {
        self.0.command(command).await
    }

    /// Makes a unit inactive with `PutUnit`, and starts the transfer of its open tickets. For administrators.
    ///
    /// # Errors
    /// Those of [`Directory::put_unit`].
    pub async fn deactivate_unit(&self, command: DeactivateUnit) -> Result<UnitChange, Error> {
        self.0.command(command).await
    }

    /// Lists the dispatch catalogue (派单目录), by topic. For everyone but telephony.
    pub fn list_catalogue_entries(&self, which: ListCatalogueEntries) -> Listing<CatalogueEntry> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Puts an entry into the dispatch catalogue. For administrators.
    ///
    /// # Errors
    /// `UNIT_UNKNOWN`, `TOPIC_NOT_IN_FORCE`, `REQUEST_ID_REUSED`.
    pub async fn put_catalogue_entry(&self, command: PutCatalogueEntry) -> Result<CatalogueEntry, Error> {
        self.0.command(command).await
    }

    /// Counts a limit under the policy and calendar in force at the intake, or under named versions. For everyone but
    /// telephony.
    ///
    /// # Errors
    /// `INVALID_FIELDS` if the instant is out of range, `RULES_NOT_FOUND`.
    pub async fn preview_deadline(&self, question: PreviewDeadline) -> Result<DeadlineExplanation, Error> {
        let request = v1::PreviewDeadlineRequest {
            category: question.category.into_proto(),
            complexity: question.complexity.into_proto(),
            several_units: question.several_units,
            intake_time: question.intake_time.into_proto(),
            policy_version: question.policy_version.into_proto(),
            calendar_version: question.calendar_version.into_proto(),
        };
        self.0.query(request).await
    }
}

impl ListUnits {
    fn into_request(self) -> v1::ListUnitsRequest {
        v1::ListUnitsRequest {
            page_size: self.page_size.into_proto(),
            page_token: String::new(),
            group: self.group.into_proto(),
            active_only: self.active_only,
        }
    }
}

impl ListCatalogueEntries {
    fn into_request(self) -> v1::ListCatalogueEntriesRequest {
        v1::ListCatalogueEntriesRequest {
            page_size: self.page_size.into_proto(),
            page_token: String::new(),
            topic: self.topic.into_proto(),
            effective_time: self.effective_time.into_proto(),
        }
    }
}

impl Command for PutUnit {
    type Request = v1::PutUnitRequest;
    type Changed = Unit;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::PutUnitRequest { request_id, unit: self.unit.into_proto(), to_desk: false }
    }
}

impl Command for DeactivateUnit {
    type Request = v1::PutUnitRequest;
    type Changed = UnitChange;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        let unit = Unit { active: false, ..self.unit };
        v1::PutUnitRequest { request_id, unit: unit.into_proto(), to_desk: self.to_desk }
    }
}

impl Command for PutCatalogueEntry {
    type Request = v1::PutCatalogueEntryRequest;
    type Changed = CatalogueEntry;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::PutCatalogueEntryRequest { request_id, entry: self.entry.into_proto() }
    }
}

answers! {
    Unit: GetUnitResponse.unit, PutUnitResponse.unit;
    CatalogueEntry: PutCatalogueEntryResponse.entry;
    DeadlineExplanation: PreviewDeadlineResponse.explanation;
}
