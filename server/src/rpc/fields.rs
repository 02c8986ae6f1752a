//! Reading a request's fields. Every wrong one is noted before anything is refused, so a caller mends them all at once.
//! A description says what is right; it never repeats what was sent.

mod instants;

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::enums::ContractEnum;
use crate::platform::caller_clock;
use crate::platform::{Fault, Violations};
use crate::ticket::codes::{check_phone, check_social_credit_code};
use crate::ticket::{TicketNumber, UnitCode};

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

/// The fields of one request, and what is wrong with them so far.
#[derive(Debug, Default)]
pub(super) struct Fields {
    wrong: Violations,
    /// When the request is read; nothing is in the future where nobody says.
    now: Option<DateTime<Utc>>,
    /// The refusal for a caller's clock that is ahead, of the field that has to wait longest.
    clock_ahead: Option<Fault>,
    /// Whether the refusal states the server's time.
    states_time: bool,
}

/// Whether a text may span lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    One,
    Many,
}

/// Control characters, and the marks that reorder what a reader sees.
fn is_forbidden(character: char, lines: Lines) -> bool {
    match character {
        '\n' | '\r' | '\t' => lines == Lines::One,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' => true,
        other => other.is_control(),
    }
}

impl Fields {
    /// The fields of a request that is read at an instant.
    pub(super) fn at(now: DateTime<Utc>) -> Self {
        Self { now: Some(now), ..Self::default() }
    }

    /// Notes a wrong field.
    pub(super) fn wrong(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.wrong.add(field, description);
    }

    /// What is wrong so far, for a check that goes on.
    pub(super) fn into_wrong(self) -> Violations {
        self.wrong
    }

    /// What was read, if nothing is wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Fault> {
        let states_time = self.now.filter(|_| self.states_time);
        let value = self.wrong.into_result(value).map_err(|fault| match states_time {
            Some(now) => fault.with("server_time", caller_clock::server_time(now)),
            None => fault,
        })?;
        // Last, because waiting mends no other field.
        self.clock_ahead.map_or(Ok(value), Err)
    }

    /// A text of so many characters. White space alone is no text.
    pub(super) fn text(
        &mut self,
        field: impl Into<String>,
        value: &str,
        length: RangeInclusive<usize>,
        lines: Lines,
    ) -> String {
        let field = field.into();
        let characters = value.chars().count();
        let is_blank = value.trim().is_empty();
        if *length.start() > 0 && is_blank {
            self.wrong(field, "is required");
        } else if !length.contains(&characters) {
            self.wrong(field, format!("has {} to {} characters", length.start(), length.end()));
        } else if value.chars().any(|character| is_forbidden(character, lines)) {
            let allowed = if lines == Lines::One { "no line breaks or" } else { "no" };
            self.wrong(field, format!("has {allowed} control characters"));
        }
        value.to_owned()
    }

    /// One line of so many characters, or nothing.
    pub(super) fn optional(&mut self, field: &str, value: &str, max: usize) -> Option<String> {
        (!value.is_empty()).then(|| self.text(field, value, 1..=max, Lines::One))
    }

    /// A required choice; `fallback` only keeps the reading going.
    pub(super) fn choice<T: ContractEnum>(&mut self, field: &str, number: i32, fallback: T) -> T {
        T::of(number).unwrap_or_else(|| {
            self.wrong(field, "is required, and one of the contract's values");
            fallback
        })
    }

    /// A choice that may stay open: 0 is none.
    pub(super) fn optional_choice<T: ContractEnum>(&mut self, field: &str, number: i32) -> Option<T> {
        let choice = T::of(number);
        if choice.is_none() && number != 0 {
            self.wrong(field, "is not one of the contract's values");
        }
        choice
    }

    /// The size of a page, which the page itself makes sense of.
    pub(super) fn page_size(&mut self, size: i32) {
        if size < 0 {
            self.wrong("page_size", "is not negative");
        }
    }

    /// A request id.
    pub(super) fn request_id(&mut self, value: &str) -> Uuid {
        let id = Uuid::try_parse(value).unwrap_or_default();
        if id.is_nil() {
            self.wrong("request_id", "is required: a UUID of the caller's making");
        }
        id
    }

    /// A ticket number, as people write it down; some number only keeps the reading going.
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

    /// Several units, at most `max`, none of them twice.
    pub(super) fn units(&mut self, field: &str, values: &[String], max: usize) -> Vec<UnitCode> {
        if values.len() > max {
            self.wrong(field, format!("names at most {max} units"));
            return Vec::new();
        }
        let units = values.iter().enumerate();
        units.map(|(place, value)| self.unit(format!("{field}[{place}]"), value)).collect()
    }

    /// No unit stands twice in what is named.
    pub(super) fn distinct<'a>(&mut self, named: impl IntoIterator<Item = (String, &'a UnitCode)>) {
        let mut seen = std::collections::HashSet::new();
        for (field, unit) in named {
            if !seen.insert(unit) {
                self.wrong(field, "names a unit that is named already");
            }
        }
    }

    /// A topic leaf, or nothing.
    pub(super) fn topic(&mut self, field: &str, value: &str) -> Option<String> {
        let is_leaf = value.len() <= 64
            && value.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'));
        if !is_leaf {
            self.wrong(field, "has at most 64 characters of [a-z0-9.-]");
        }
        Some(value.to_owned()).filter(|topic| !topic.is_empty())
    }

    /// An administrative division code, or nothing.
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

    /// The reference of a source.
    pub(super) fn source_reference(&mut self, field: &str, value: &str) -> String {
        let is_reference =
            REFERENCE_CHARS.contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_reference {
            self.wrong(field, "has 1 to 128 visible ASCII characters");
        }
        value.to_owned()
    }

    /// A social credit code in its normal form, or nothing.
    pub(super) fn credit_code(&mut self, field: &str, value: &str) -> Option<String> {
        self.code(field, value, check_social_credit_code)
    }

    /// A telephone number in its normal form, or nothing.
    pub(super) fn phone(&mut self, field: &str, value: &str) -> Option<String> {
        self.code(field, value, check_phone)
    }

    fn code<E: std::fmt::Display>(
        &mut self,
        field: &str,
        value: &str,
        check: impl Fn(&str) -> Result<String, E>,
    ) -> Option<String> {
        if value.is_empty() {
            return None;
        }
        match check(value) {
            Ok(normal) => Some(normal),
            Err(fault) => {
                self.wrong(field, fault.to_string());
                None
            }
        }
    }
}
