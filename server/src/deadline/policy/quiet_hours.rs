//! The quiet hours, in which companies get no messages.

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Asia::Shanghai;
use serde::{Deserialize, Serialize};

use super::TimeOfDay;

/// When companies get messages about their tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRules {
    /// The first minute of the quiet hours, Asia/Shanghai.
    pub quiet_from: TimeOfDay,
    /// The first minute after them. They may span midnight; if both are equal, there are none.
    pub quiet_until: TimeOfDay,
}

impl MessageRules {
    /// Whether an instant is in the quiet hours, by the wall clock of Asia/Shanghai.
    #[must_use]
    pub fn is_quiet_at(&self, instant: DateTime<Utc>) -> bool {
        // Arithmetic on seconds, because a conversion of the instant would panic at the ends of chrono's range.
        let east_of_utc = Shanghai.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc();
        let minute = (instant.timestamp() + i64::from(east_of_utc)).div_euclid(60).rem_euclid(24 * 60);
        let (from, until) = (i64::from(self.quiet_from.minutes()), i64::from(self.quiet_until.minutes()));
        if from <= until { (from..until).contains(&minute) } else { minute >= from || minute < until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_span_midnight() {
        let time = |text: &str| TimeOfDay::try_from(text.to_owned()).expect("a time");
        for (from, until, at, expected) in [
            ("21:00", "08:00", "2019-10-12T20:59:59+08:00", false),
            ("21:00", "08:00", "2019-10-12T21:00:00+08:00", true),
            ("21:00", "08:00", "2019-10-13T00:00:00+08:00", true),
            ("21:00", "08:00", "2019-10-13T07:59:59+08:00", true),
            ("21:00", "08:00", "2019-10-13T08:00:00+08:00", false),
            ("12:00", "14:00", "2019-10-12T13:00:00+08:00", true),
            ("12:00", "14:00", "2019-10-12T14:00:00+08:00", false),
            ("22:00", "24:00", "2019-10-12T23:59:59+08:00", true),
            ("22:00", "24:00", "2019-10-13T00:00:00+08:00", false),
            ("08:00", "08:00", "2019-10-12T08:00:00+08:00", false),
        ] {
            let rules = MessageRules { quiet_from: time(from), quiet_until: time(until) };
            assert_eq!(rules.is_quiet_at(at.parse().expect("an instant")), expected, "{from} {until} {at}");
        }
    }
}
