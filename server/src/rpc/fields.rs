//! Reads and checks a request's fields. All wrong fields are collected before the request is refused, so that the
//! caller can correct them together. A description says what is right; it never repeats what was sent.

mod instants;
mod texts;

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) use texts::Lines;

use super::enums::ContractEnum;
use super::request_id;
use crate::platform::caller_clock;
use crate::platform::{Fault, Violations};
use crate::ticket::codes::{
    CODE_KEY_CHARS_MIN, CodeReading, GIVEN_CHARS_MAX, PHONE_KEY_CHARS_MIN, PhoneReading,
};
use crate::ticket::{CallId, TicketNumber, UnitCode};

/// The longest unit code, in characters.
const UNIT_CODE_CHARS: RangeInclusive<usize> = 2..=64;

/// The system of a source, in characters.
const SYSTEM_CHARS: RangeInclusive<usize> = 1..=64;

/// The reference of a source, in characters.
const REFERENCE_CHARS: RangeInclusive<usize> = 1..=128;

/// The longest version of a policy or a calendar, in characters.
pub(super) const VERSION_CHARS_MAX: usize = 64;

/// The longest name of a principal, in characters.
pub(super) const PRINCIPAL_CHARS_MAX: usize = 128;

/// The fields of one request, and their violations so far.
#[derive(Debug, Default)]
pub(super) struct Fields {
    wrong: Violations,
    /// When the request is read; `None` accepts no instant in the future.
    now: Option<DateTime<Utc>>,
    /// The refusal for a caller's clock that is ahead, of the field that has to wait longest.
    clock_ahead: Option<Fault>,
    /// Whether the refusal states the server's time.
    states_time: bool,
}

impl Fields {
    /// The fields of a request that is read at an instant.
    pub(super) fn at(now: DateTime<Utc>) -> Self {
        Self { now: Some(now), ..Self::default() }
    }

    /// Adds a violation.
    pub(super) fn wrong(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.wrong.add(field, description);
    }

    /// The violations so far, for a further check.
    pub(super) fn into_wrong(self) -> Violations {
        self.wrong
    }

    /// The value, if there are no violations.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Fault> {
        let states_time = self.now.filter(|_| self.states_time);
        let value = self.wrong.into_result(value).map_err(|fault| match states_time {
            Some(now) => fault.with("server_time", caller_clock::server_time(now)),
            None => fault,
        })?;
        // Last, because waiting mends no other field.
        self.clock_ahead.map_or(Ok(value), Err)
    }

    /// A required enum value. On a violation, `fallback` is returned so that reading continues.
    pub(super) fn choice<T: ContractEnum>(&mut self, field: &str, number: i32, fallback: T) -> T {
        T::of(number).unwrap_or_else(|| {
            self.wrong(field, "is required, and one of the contract's values");
            fallback
        })
    }

    /// An optional enum value: 0 is `None`.
    pub(super) fn optional_choice<T: ContractEnum>(&mut self, field: &str, number: i32) -> Option<T> {
        let choice = T::of(number);
        if choice.is_none() && number != 0 {
            self.wrong(field, "is not one of the contract's values");
        }
        choice
    }

    /// Checks that the size of a page is not negative; the page itself applies the bounds.
    pub(super) fn page_size(&mut self, size: i32) {
        if size < 0 {
            self.wrong("page_size", "is not negative");
        }
    }

    /// A request id, in every spelling that people paste.
    pub(super) fn request_id(&mut self, value: &str) -> Uuid {
        let id = request_id::parse(value).unwrap_or_default();
        if id.is_nil() {
            self.wrong("request_id", "is required: a UUID of the caller's making");
        }
        id
    }

    /// A ticket number, with spaces or hyphens allowed. On a violation, an arbitrary number is returned so that reading
    /// continues.
    pub(super) fn number(&mut self, field: &str, value: &str) -> TicketNumber {
        TicketNumber::parse(value).unwrap_or_else(|fault| {
            self.wrong(field, if value.is_empty() { "is required".to_owned() } else { fault.to_string() });
            TicketNumber::PLACEHOLDER
        })
    }

    /// A unit's code.
    pub(super) fn unit(&mut self, field: impl Into<String>, value: &str) -> UnitCode {
        let is_code = UNIT_CODE_CHARS.contains(&value.len())
            && value.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !is_code {
            let right = "has 2 to 64 characters of [a-z0-9-]";
            self.wrong(field, if value.is_empty() { "is required" } else { right });
        }
        UnitCode(value.to_owned())
    }

    /// The code of an article.
    pub(super) fn article(&mut self, field: &str, value: &str) -> String {
        // Its form is that of a unit's code.
        self.unit(field, value).0
    }

    /// The code of a skill or a shift.
    pub(super) fn skill(&mut self, field: &str, value: &str) -> String {
        self.unit(field, value).0
    }

    /// A list of at most `max` different units.
    pub(super) fn units(&mut self, field: &str, values: &[String], max: usize) -> Vec<UnitCode> {
        if values.len() > max {
            self.wrong(field, format!("names at most {max} units"));
            return Vec::new();
        }
        let units = values.iter().enumerate();
        units.map(|(place, value)| self.unit(format!("{field}[{place}]"), value)).collect()
    }

    /// Checks that no unit is named twice.
    pub(super) fn distinct<'a>(&mut self, named: impl IntoIterator<Item = (String, &'a UnitCode)>) {
        let mut seen = std::collections::HashSet::new();
        for (field, unit) in named {
            if !seen.insert(unit) {
                self.wrong(field, "names a unit that is named already");
            }
        }
    }

    /// An optional topic leaf.
    pub(super) fn topic(&mut self, field: &str, value: &str) -> Option<String> {
        let is_leaf = value.len() <= 64
            && value.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'));
        if !is_leaf {
            self.wrong(field, "has at most 64 characters of [a-z0-9.-]");
        }
        Some(value.to_owned()).filter(|topic| !topic.is_empty())
    }

    /// An optional administrative division code.
    pub(super) fn district(&mut self, field: &str, value: &str) -> Option<String> {
        if !value.is_empty() && (value.len() != 6 || !value.bytes().all(|byte| byte.is_ascii_digit())) {
            self.wrong(field, "has 6 digits (GB/T 2260)");
        }
        Some(value.to_owned()).filter(|district| !district.is_empty())
    }

    /// The system of a source.
    pub(super) fn source_system(&mut self, field: &str, value: &str) -> String {
        let is_system = SYSTEM_CHARS.contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if !is_system {
            self.wrong(field, "has 1 to 64 characters of [A-Za-z0-9._-]");
        }
        value.to_owned()
    }

    /// A name that an exchange gives to a seat or a queue; it has the form of a system.
    pub(super) fn exchange_name(&mut self, field: &str, value: &str) -> String {
        self.source_system(field, value)
    }

    /// The number of a unit that agents dial, if one is given.
    pub(super) fn policy_number(&mut self, field: &str, value: &str) -> Option<String> {
        const CHARS_MAX: usize = 32;
        let is_dialled = |byte: u8| byte.is_ascii_digit() || b"+*#-".contains(&byte);
        if value.len() > CHARS_MAX || !value.bytes().all(is_dialled) {
            self.wrong(field, format!("has at most {CHARS_MAX} characters of [0-9+*#-]"));
        }
        Some(value.to_owned()).filter(|value| !value.is_empty())
    }

    /// The reference of a source.
    pub(super) fn source_reference(&mut self, field: &str, value: &str) -> String {
        let is_reference =
            REFERENCE_CHARS.contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_reference {
            self.wrong(field, "has 1 to 128 visible ASCII characters");
        }
        value.to_owned()
    }

    /// The id of a call. On a violation, an empty one is returned so that reading continues.
    pub(super) fn call_id(&mut self, field: &str, value: &str) -> CallId {
        CallId::parse(value).unwrap_or_else(|| {
            self.wrong(field, if value.is_empty() { "is required" } else { "is the id of a call: a UUID" });
            CallId(String::new())
        })
    }

    /// The keys of a code to search for, if one is given.
    pub(super) fn sought_code(&mut self, field: &str, value: &str) -> Option<Vec<String>> {
        self.sought(field, value, CODE_KEY_CHARS_MIN, CodeReading::sought)
    }

    /// The keys of a telephone number to search for, if one is given.
    pub(super) fn sought_phone(&mut self, field: &str, value: &str) -> Option<Vec<String>> {
        self.sought(field, value, PHONE_KEY_CHARS_MIN, PhoneReading::sought)
    }

    fn sought(
        &mut self,
        field: &str,
        value: &str,
        min: usize,
        keys: impl Fn(&str) -> Vec<String>,
    ) -> Option<Vec<String>> {
        if value.is_empty() {
            return None;
        }
        if value.chars().nth(GIVEN_CHARS_MAX).is_some() {
            self.wrong(field, format!("has at most {GIVEN_CHARS_MAX} characters"));
            return None;
        }
        let keys = keys(value);
        if keys.is_empty() {
            self.wrong(field, format!("has at least {min} letters or digits, and is no withheld number"));
            return None;
        }
        Some(keys)
    }
}
