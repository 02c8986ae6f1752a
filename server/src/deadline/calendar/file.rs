//! The written form of a calendar, unchecked.

use serde::{Deserialize, Serialize};

use super::fault::{CalendarFault, FILE_BYTES_MAX};

/// A calendar as written in TOML, unchecked; turn it into a [`Calendar`](super::Calendar) with `try_into`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    /// Changes with every change of the file, 1 to `TEXT_CHARS_MAX` characters.
    pub version: String,
    /// The years, in any order, each once.
    #[serde(rename = "year")]
    pub years: Vec<YearTable>,
}

/// One year of a [`CalendarFile`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearTable {
    /// The calendar year, `YEAR_MIN` to `YEAR_MAX`.
    pub year: i32,
    /// Whether the days are expected, without a notice yet.
    #[serde(default)]
    pub provisional: bool,
    /// The numbers of the notices, at least one unless provisional.
    #[serde(default)]
    pub notices: Vec<String>,
    /// The holidays with a day in this year.
    #[serde(default)]
    pub holidays: Vec<HolidayTable>,
}

/// One holiday of a [`YearTable`]; days are `2019-05-01` or `2019-10-01/2019-10-07`, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayTable {
    /// The name as in the notice.
    pub name: String,
    /// Days off.
    #[serde(default)]
    pub off: Vec<String>,
    /// Saturdays and Sundays that are worked instead.
    #[serde(default)]
    pub work: Vec<String>,
}

/// Reads the written form, without checks of its content.
pub(super) fn read(text: &str) -> Result<CalendarFile, CalendarFault> {
    if text.len() > FILE_BYTES_MAX {
        return Err(CalendarFault::TooLong { bytes: text.len() });
    }
    toml::from_str(text).map_err(|error| CalendarFault::Unreadable(error.to_string()))
}
