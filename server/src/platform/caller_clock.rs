//! Instants that callers give for what has happened. Their clocks are not the server's: a telephone switch or a
//! district's system may be some seconds ahead.
//!
//! Up to [`TAKEN_AS_NOW_MAX`] ahead, an instant counts as now. Up to [`RETRY_MAX`] ahead, the same request can succeed
//! later. Anything further ahead is a wrong field. Every refusal says what time it is at the server.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::Fault;

/// How far ahead an instant may be and count as now.
pub const TAKEN_AS_NOW_MAX: TimeDelta = TimeDelta::seconds(5);

/// How far ahead an instant may be so that the same request is worth sending again.
pub const RETRY_MAX: TimeDelta = TimeDelta::minutes(10);

/// An instant that lies too far ahead of the server's clock to count as now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockAhead {
    /// By so much; the request can succeed after as long a wait.
    Retry(TimeDelta),
    /// By so much that the field is wrong.
    Wrong,
}

/// The instant that is recorded for one that a caller gave for what has happened: never later than `now`.
///
/// # Errors
/// If it lies more than [`TAKEN_AS_NOW_MAX`] ahead.
pub fn settle(given: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, ClockAhead> {
    let ahead = given - now;
    if ahead <= TAKEN_AS_NOW_MAX {
        Ok(given.min(now))
    } else if ahead <= RETRY_MAX {
        Err(ClockAhead::Retry(ahead))
    } else {
        Err(ClockAhead::Wrong)
    }
}

/// The server's time as refusals state it.
#[must_use]
pub fn server_time(now: DateTime<Utc>) -> String {
    now.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// What is wrong with a field that lies too far ahead.
#[must_use]
pub fn description(now: DateTime<Utc>) -> String {
    format!("lies in the future; the server's time is {}", server_time(now))
}

impl ClockAhead {
    /// The refusal of a field with this instant, at the server's time `now`.
    ///
    /// `CLOCK_AHEAD` with the wait, or `INVALID_FIELDS`.
    #[must_use]
    pub fn fault(self, field: &str, now: DateTime<Utc>) -> Fault {
        let fault = match self {
            Self::Retry(ahead) => {
                Fault::clock_ahead(ahead.to_std().unwrap_or(Duration::ZERO)).with("field", field)
            }
            Self::Wrong => Fault::invalid_fields().at(field, description(now)),
        };
        fault.with("server_time", server_time(now))
    }
}

#[cfg(test)]
mod tests {
    use hotline_proto::v1::ErrorReason;

    use super::*;

    #[test]
    fn the_bounds_are_five_seconds_and_ten_minutes() {
        let now: DateTime<Utc> = "2019-10-12T02:00:00.000005Z".parse().expect("an instant");
        let instant = TimeDelta::microseconds(1);
        for (ahead, expected) in [
            (TimeDelta::days(-1), Ok(now - TimeDelta::days(1))),
            (TimeDelta::zero(), Ok(now)),
            (TimeDelta::milliseconds(5), Ok(now)),
            (TimeDelta::seconds(5), Ok(now)),
            (TimeDelta::seconds(5) + instant, Err(ClockAhead::Retry(TimeDelta::seconds(5) + instant))),
            (TimeDelta::minutes(10), Err(ClockAhead::Retry(TimeDelta::minutes(10)))),
            (TimeDelta::minutes(10) + instant, Err(ClockAhead::Wrong)),
        ] {
            assert_eq!(settle(now + ahead, now), expected, "{ahead}");
        }
    }

    #[test]
    fn a_refusal_says_the_wait_and_the_time_of_the_server() {
        let now: DateTime<Utc> = "2019-10-12T02:00:00.1234Z".parse().expect("an instant");
        let retry = ClockAhead::Retry(TimeDelta::milliseconds(7_250)).fault("call_start_time", now);
        assert_eq!(retry.reason, ErrorReason::ClockAhead);
        assert_eq!(retry.retry_after, Some(Duration::from_millis(7_250)));
        assert_eq!(retry.metadata["field"], "call_start_time");
        assert_eq!(retry.metadata["server_time"], "2019-10-12T02:00:00.123Z");
        let wrong = ClockAhead::Wrong.fault("call_start_time", now);
        assert_eq!(wrong.reason, ErrorReason::InvalidFields);
        assert_eq!(wrong.metadata["server_time"], "2019-10-12T02:00:00.123Z");
        assert_eq!(wrong.violations.len(), 1);
        assert!(wrong.violations[0].description.contains("2019-10-12T02:00:00.123Z"));
    }
}
