//! The filters of the lists of the assessment.

use chrono::NaiveDate;
use hotline_proto::v1;

use crate::analysis::written;
use crate::convert::{IntoProto as _, setters};
use crate::model::{ExclusionState, UnitGroup};

/// The ranking of a group in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListUnitScores {
    /// The month, for example `2019-10`.
    pub month: String,
    /// The group.
    pub group: UnitGroup,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

impl ListUnitScores {
    /// Of a group in a month.
    pub fn new(month: impl Into<String>, group: UnitGroup) -> Self {
        Self { month: month.into(), group, page_size: None }
    }

    pub(super) fn into_request(self) -> v1::ListUnitScoresRequest {
        v1::ListUnitScoresRequest {
            page_token: String::new(),
            month: self.month.into_proto(),
            group: self.group.into_proto(),
            page_size: self.page_size.into_proto(),
        }
    }
}

setters! {
    ListUnitScores {
        month: String,
        group: UnitGroup,
        page_size: Option<u32>,
    }
}

/// The cases of a unit in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListScoreLines {
    /// The unit.
    pub unit: String,
    /// The month.
    pub month: String,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

impl ListScoreLines {
    /// Of a unit in a month.
    pub fn new(unit: impl Into<String>, month: impl Into<String>) -> Self {
        Self { unit: unit.into(), month: month.into(), page_size: None }
    }

    pub(super) fn into_request(self) -> v1::ListScoreLinesRequest {
        v1::ListScoreLinesRequest {
            page_token: String::new(),
            unit: self.unit.into_proto(),
            month: self.month.into_proto(),
            page_size: self.page_size.into_proto(),
        }
    }
}

setters! {
    ListScoreLines {
        unit: String,
        month: String,
        page_size: Option<u32>,
    }
}

/// The facts of the tickets that came in on some days of Asia/Shanghai.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListFacts {
    /// The first day of intake.
    pub first_day: NaiveDate,
    /// The last day of intake, at most 800 days after the first.
    pub last_day: NaiveDate,
    /// Of this unit only.
    pub unit: Option<String>,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

impl ListFacts {
    /// All facts of some days.
    #[must_use]
    pub fn new(first_day: NaiveDate, last_day: NaiveDate) -> Self {
        Self { first_day, last_day, unit: None, page_size: None }
    }

    pub(super) fn into_request(self) -> v1::ListFactsRequest {
        v1::ListFactsRequest {
            page_token: String::new(),
            first_day: written(self.first_day),
            last_day: written(self.last_day),
            unit: self.unit.into_proto(),
            page_size: self.page_size.into_proto(),
        }
    }
}

setters! {
    ListFacts {
        unit: Option<String>,
        page_size: Option<u32>,
    }
}

/// A filter of objections and requests for exclusion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListObjections {
    /// About cases of this unit only. A unit gets its own in any case.
    pub unit: Option<String>,
    /// About this month only.
    pub month: Option<String>,
    /// In this state only.
    pub state: Option<ExclusionState>,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

impl ListObjections {
    pub(super) fn into_request(self) -> v1::ListObjectionsRequest {
        v1::ListObjectionsRequest {
            page_token: String::new(),
            unit: self.unit.into_proto(),
            month: self.month.into_proto(),
            state: self.state.into_proto(),
            page_size: self.page_size.into_proto(),
        }
    }
}

setters! {
    ListObjections {
        unit: Option<String>,
        month: Option<String>,
        state: Option<ExclusionState>,
        page_size: Option<u32>,
    }
}
