//! A time of day in whole minutes, `00:00` to `24:00`, where `24:00` is the end of the day.

use std::fmt;

use serde::{Deserialize, Serialize};

const MINUTES_OF_HOUR: u16 = 60;
const MINUTES_OF_DAY: u16 = 24 * MINUTES_OF_HOUR;

/// A time of day, written `06:00`; `24:00` is the end of the day and sorts last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    minutes: u16,
}

/// The text is not a time of day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotATimeOfDay(String);

impl TimeOfDay {
    /// The beginning of the day.
    pub const MIDNIGHT: Self = Self { minutes: 0 };

    /// Minutes since midnight, 0 to 1440.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.minutes
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = NotATimeOfDay;

    fn try_from(text: String) -> Result<Self, NotATimeOfDay> {
        parse(&text).map(|minutes| Self { minutes }).ok_or(NotATimeOfDay(text))
    }
}

fn parse(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |part: &str| -> Option<u16> {
        // Parsing alone would also accept "+6".
        let is_plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| part.parse().ok())?
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let minutes = hour * MINUTES_OF_HOUR + minute;
    (minute < MINUTES_OF_HOUR && minutes <= MINUTES_OF_DAY).then_some(minutes)
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / MINUTES_OF_HOUR, self.minutes % MINUTES_OF_HOUR)
    }
}

impl fmt::Display for NotATimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is not a time of day from 00:00 to 24:00", self.0)
    }
}

impl std::error::Error for NotATimeOfDay {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written_alike() {
        for (text, minutes) in [("00:00", 0), ("06:00", 360), ("23:59", 1439), ("24:00", 1440)] {
            let time = TimeOfDay::try_from(text.to_owned()).expect(text);
            assert_eq!((time.minutes(), time.to_string().as_str()), (minutes, text));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", ":", "6:00", "06:0", "06:60", "24:01", "25:00", "+6:00", "06:00:00", "６:00", "99:99"]
        {
            assert_eq!(TimeOfDay::try_from(text.to_owned()), Err(NotATimeOfDay(text.to_owned())));
        }
    }

    #[test]
    fn what_is_refused_is_named() {
        let refused = TimeOfDay::try_from("25:00".to_owned()).expect_err("no time of day");
        assert_eq!(refused.to_string(), "\"25:00\" is not a time of day from 00:00 to 24:00");
    }
}
