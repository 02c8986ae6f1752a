//! By what tickets are grouped: the expression of a dimension in SQL, and its values.

use chrono::TimeDelta;

use super::AnalysisInstant;
use super::rows::{CATEGORIES, CHANNELS, RUNGS, STATES, variant};
use crate::platform::Fault;
use crate::ticket::{Category, Channel, Instant, Rung, State};

/// The first day of each class of age of open work; the last class has no end.
const AGES_DAYS: [i64; 7] = [0, 1, 3, 7, 15, 30, 60];

/// Limits further away than this count with those at it.
const DAYS_TO_LIMIT_MAX: i64 = 30;
/// The number of tickets that are not open among days to the limit.
const NOT_OPEN: i64 = 1_000;
/// How far Beijing is ahead of UTC, in microseconds.
const BEIJING_US: i64 = 8 * 3_600 * 1_000_000;
/// A day in microseconds.
const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// A dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the values")]
pub enum Dimension {
    Topic,
    TopicBranch,
    District,
    Industry,
    Channel,
    Category,
    Unit,
    State,
    Rung,
    Age,
    HourOfWeek,
    Day,
    Week,
    Month,
    Year,
    DaysToLimit,
}

/// A value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is named for what it is")]
pub enum Value {
    Text(String),
    State(i16, State),
    Rung(i16, Rung),
    Channel(i16, Channel),
    Category(i16, Category),
}

impl Dimension {
    /// Whether its values are instants, which the period before does not have.
    #[must_use]
    pub const fn is_of_time(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month | Self::Year)
    }

    /// Whether its column is a text.
    pub(super) const fn is_text(self) -> bool {
        matches!(self, Self::Topic | Self::TopicBranch | Self::District | Self::Industry | Self::Unit)
    }

    /// Its expression. Only constants and numbers of our own are in it.
    pub(super) fn sql(self, now: Instant, by: AnalysisInstant) -> String {
        let column = by.column();
        let number = |expression: &str| format!("CAST({expression} AS BIGINT)");
        match self {
            Self::Topic => "topic".to_owned(),
            Self::TopicBranch => "topic_branch".to_owned(),
            Self::District => "district".to_owned(),
            Self::Industry => "industry".to_owned(),
            Self::Unit => "unit".to_owned(),
            Self::Channel => number("channel"),
            Self::Category => number("category"),
            Self::State => number("state"),
            Self::Rung => number("rung"),
            Self::HourOfWeek => number(&format!("{column}_hour")),
            Self::Day => number(&format!("{column}_day")),
            Self::Week => number(&format!("{column}_week")),
            Self::Month => number(&format!("{column}_day / 100")),
            Self::Year => number(&format!("{column}_day / 10000")),
            Self::Age => {
                let before = |(place, days): (usize, &i64)| {
                    let at = (now - TimeDelta::days(*days)).timestamp_micros();
                    format!(" WHEN received_at > {at} THEN {place}")
                };
                let classes: String = AGES_DAYS.iter().skip(1).enumerate().map(before).collect();
                let last = AGES_DAYS.len() - 1;
                number(&format!("CASE WHEN is_open = 0 THEN -1{classes} ELSE {last} END"))
            }
            Self::DaysToLimit => {
                let today = (now.timestamp_micros() + BEIJING_US) / DAY_US;
                let days = format!("(due_at + {BEIJING_US}) / {DAY_US} - {today}");
                let max = DAYS_TO_LIMIT_MAX;
                number(&format!(
                    "CASE WHEN is_open = 0 THEN {NOT_OPEN} WHEN {days} > {max} THEN {max} \
                     WHEN {days} < -{max} THEN -{max} ELSE {days} END"
                ))
            }
        }
    }

    /// The value of a number of its expression.
    ///
    /// # Errors
    /// If the tables hold a number that is none of its values.
    pub(super) fn value_of(self, number: i64) -> Result<Value, Fault> {
        let place = i16::try_from(number).unwrap_or(-1);
        let text = |text: String| Ok(Value::Text(text));
        match self {
            Self::State => Ok(Value::State(place, variant(&STATES, place)?)),
            Self::Rung => Ok(Value::Rung(place, variant(&RUNGS, place)?)),
            Self::Channel => Ok(Value::Channel(place, variant(&CHANNELS, place)?)),
            Self::Category => Ok(Value::Category(place, variant(&CATEGORIES, place)?)),
            Self::Day => {
                text(format!("{:04}-{:02}-{:02}", number / 10_000, number / 100 % 100, number % 100))
            }
            Self::Week => text(format!("{:04}-W{:02}", number / 100, number % 100)),
            Self::Month => text(format!("{:04}-{:02}", number / 100, number % 100)),
            Self::HourOfWeek => text(format!("{}-{:02}", number / 24 + 1, number % 24)),
            Self::Age => text(age_text(number)),
            Self::DaysToLimit if number == NOT_OPEN => text(String::new()),
            _ => text(number.to_string()),
        }
    }
}

/// The text of a class of age, for example "1-3"; empty for tickets that are not open.
fn age_text(place: i64) -> String {
    let Some(first) = usize::try_from(place).ok().and_then(|place| AGES_DAYS.get(place)) else {
        return String::new();
    };
    let next = AGES_DAYS.iter().find(|days| *days > first);
    next.map_or_else(|| format!("{first}+"), |next| format!("{first}-{next}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_contract_says() {
        for (dimension, number, text) in [
            (Dimension::Day, 20_191_012, "2019-10-12"),
            (Dimension::Week, 201_941, "2019-W41"),
            (Dimension::Month, 201_910, "2019-10"),
            (Dimension::Year, 2019, "2019"),
            (Dimension::HourOfWeek, 9, "1-09"),
            (Dimension::HourOfWeek, 167, "7-23"),
            (Dimension::Age, -1, ""),
            (Dimension::Age, 0, "0-1"),
            (Dimension::Age, 3, "7-15"),
            (Dimension::Age, 6, "60+"),
            (Dimension::DaysToLimit, -2, "-2"),
            (Dimension::DaysToLimit, 0, "0"),
            (Dimension::DaysToLimit, NOT_OPEN, ""),
        ] {
            assert_eq!(
                dimension.value_of(number),
                Ok(Value::Text(text.to_owned())),
                "{dimension:?} {number}"
            );
        }
        assert!(Dimension::State.value_of(99).is_err());
    }
}
