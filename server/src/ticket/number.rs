//! The ticket number (工单编号), which is read out on the telephone: 13 digits, with a check digit at the end.
//!
//! `YYMMDD` is the day of intake in Asia/Shanghai, six digits count the tickets of that day, and one Damm digit checks
//! the rest. Numbers are dictated, noted and typed again. So the check has to find the common mistakes: one wrong digit
//! (一 "yao" and 七 "qi"), or two swapped neighbours. Damm's digit finds all of both kinds, including its own place.
//! Luhn's digit misses the swap of 0 and 9, and a sum modulo 11 needs an eleventh digit.
//!
//! A number in memory is always valid, because there is no way to make one without the checks. Nothing here allots a
//! sequence.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::codes::fold::fold;

/// Digits of a ticket number.
pub const TICKET_NUMBER_DIGITS: usize = 13;

/// Highest sequence within a day: a million tickets a day, four times the largest surge published for Beijing.
pub const SEQUENCE_MAX: u32 = 999_999;

/// Years that two digits can name.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2099;

/// The longest text that is read, in bytes: a label, and the widest digits with a separator after each one.
const TEXT_MAX_BYTES: usize = 128;

/// What people write before a number.
const LABELS: [&str; 4] = ["工单编号", "工单号", "编号", "no"];

/// One more than the largest number of 13 digits.
const NUMBER_END: i64 = 10_000_000_000_000;

/// Damm's totally anti-symmetric quasigroup of order 10 (H. M. Damm, *Total anti-symmetrische Quasigruppen*,
/// Marburg 2004). Row: the interim digit; column: the next digit.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// A ticket number. Ordered by day, then by sequence, both as a value and as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TicketNumber(i64);

/// Why something is not a ticket number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFault {
    /// The day lies outside the years 2000 to 2099.
    Year(i32),
    /// The sequence is above [`SEQUENCE_MAX`].
    Sequence(u32),
    /// Not 13 ASCII digits, apart from spaces and hyphens.
    Shape,
    /// The check digit does not fit: a digit is wrong or two are swapped.
    CheckDigit,
    /// The first six digits are not a day.
    Day,
}

impl fmt::Display for NumberFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "a ticket number cannot name the year {year}"),
            Self::Sequence(sequence) => write!(f, "sequence {sequence} is above {SEQUENCE_MAX}"),
            Self::Shape => write!(f, "a ticket number has {TICKET_NUMBER_DIGITS} digits"),
            Self::CheckDigit => f.write_str(
                "check digit of the ticket number does not fit: a digit is wrong or two are swapped",
            ),
            Self::Day => f.write_str("ticket number does not begin with a day (yymmdd)"),
        }
    }
}

impl std::error::Error for NumberFault {}

impl TicketNumber {
    /// The number of no ticket: a placeholder for an unreadable number in a request that will be refused.
    pub(crate) const PLACEHOLDER: Self = Self(0);

    /// The number of the `sequence`-th ticket (from 0) of `day`, the day of intake in Asia/Shanghai.
    ///
    /// # Errors
    /// [`NumberFault::Year`] outside 2000 to 2099, [`NumberFault::Sequence`] above [`SEQUENCE_MAX`].
    pub fn new(day: NaiveDate, sequence: u32) -> Result<Self, NumberFault> {
        if !YEARS.contains(&day.year()) {
            return Err(NumberFault::Year(day.year()));
        }
        if sequence > SEQUENCE_MAX {
            return Err(NumberFault::Sequence(sequence));
        }
        let yymmdd =
            i64::from(day.year() - YEARS.start()) * 10_000 + i64::from(day.month() * 100 + day.day());
        let payload = yymmdd * 1_000_000 + i64::from(sequence);
        Ok(Self(payload * 10 + i64::from(damm(payload))))
    }

    /// Reads a number as people write, dictate and paste it: 13 digits of any script and width, with any dashes, dots
    /// and spaces between them, behind a label or in brackets.
    ///
    /// # Errors
    /// [`NumberFault::Shape`], [`NumberFault::CheckDigit`] or [`NumberFault::Day`], checked in this order, so that a
    /// mistyped digit of the day counts as a mistyped digit.
    pub fn parse(text: &str) -> Result<Self, NumberFault> {
        if text.len() > TEXT_MAX_BYTES {
            return Err(NumberFault::Shape);
        }
        if let Some(value) = plain_value(text) {
            return Self::from_i64(value);
        }
        let folded = fold(text).to_ascii_lowercase();
        let text = folded.trim_matches(['#', '(', ')', '"', '\'']);
        let text = LABELS.iter().find_map(|label| text.strip_prefix(label)).unwrap_or(text);
        let text = text.trim_start_matches([':', '.', '#']);
        plain_value(text).map_or(Err(NumberFault::Shape), Self::from_i64)
    }

    /// The number of a stored value.
    ///
    /// # Errors
    /// As [`TicketNumber::parse`].
    pub fn from_i64(value: i64) -> Result<Self, NumberFault> {
        if !(0..NUMBER_END).contains(&value) {
            return Err(NumberFault::Shape);
        }
        // A valid number, with its check digit, gives 0.
        if damm(value) != 0 {
            return Err(NumberFault::CheckDigit);
        }
        day_of(value).map(|_| Self(value)).ok_or(NumberFault::Day)
    }

    /// The value to store: the 13 digits read as one decimal number.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// The day of intake, Asia/Shanghai.
    #[must_use]
    pub fn day(self) -> NaiveDate {
        // Both constructors have checked the day, so the default is never used.
        day_of(self.0).unwrap_or_default()
    }

    /// The place within the day, from 0.
    #[must_use]
    pub fn sequence(self) -> u32 {
        u32::try_from(self.0 / 10 % 1_000_000).unwrap_or(SEQUENCE_MAX)
    }

    /// The number grouped as it is read out: day, sequence, check digit, for example `191012-000017-8`.
    #[must_use]
    pub fn spoken(self) -> String {
        format!("{:06}-{:06}-{}", self.0 / 10_000_000, self.sequence(), self.0 % 10)
    }
}

/// The value of 13 ASCII digits, dashes, dots and spaces aside.
fn plain_value(text: &str) -> Option<i64> {
    let mut value = 0;
    let mut digits = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' if digits < TICKET_NUMBER_DIGITS => {
                value = value * 10 + i64::from(byte - b'0');
                digits += 1;
            }
            b' ' | b'-' | b'.' => {}
            _ => return None,
        }
    }
    (digits == TICKET_NUMBER_DIGITS).then_some(value)
}

/// Damm's interim digit after all 13 places of `number`. Leading zeros do not change it, so `number` may be shorter.
fn damm(number: i64) -> u8 {
    let mut divisor = NUMBER_END / 10;
    let mut interim = 0_u8;
    while divisor > 0 {
        // Both are single digits of a number that is not negative, so neither the conversion nor the index can fail.
        let digit = usize::try_from(number / divisor % 10).unwrap_or_default();
        interim = DAMM[usize::from(interim)][digit];
        divisor /= 10;
    }
    interim
}

/// The day named by the first six of 13 digits.
fn day_of(value: i64) -> Option<NaiveDate> {
    let yymmdd = i32::try_from(value / 10_000_000).ok()?;
    let month = u32::try_from(yymmdd / 100 % 100).ok()?;
    let day = u32::try_from(yymmdd % 100).ok()?;
    NaiveDate::from_ymd_opt(YEARS.start() + yymmdd / 10_000, month, day)
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:013}", self.0)
    }
}

impl FromStr for TicketNumber {
    type Err = NumberFault;

    fn from_str(text: &str) -> Result<Self, NumberFault> {
        Self::parse(text)
    }
}

impl TryFrom<String> for TicketNumber {
    type Error = NumberFault;

    fn try_from(text: String) -> Result<Self, NumberFault> {
        Self::parse(&text)
    }
}

impl From<TicketNumber> for String {
    fn from(number: TicketNumber) -> Self {
        number.to_string()
    }
}

#[cfg(test)]
mod tests;
