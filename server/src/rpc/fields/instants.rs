//! Reading instants. One of what has happened may come from a clock that is ahead of the server's.

use chrono::{DateTime, Datelike as _, SubsecRound as _, Utc};

use super::Fields;
use crate::deadline::calendar::{YEAR_MAX, YEAR_MIN};
use crate::platform::caller_clock::{self, ClockAhead};

impl Fields {
    /// An instant, cut to microseconds.
    pub(in crate::rpc) fn time(
        &mut self,
        field: &str,
        value: Option<&prost_types::Timestamp>,
    ) -> Option<DateTime<Utc>> {
        let value = value?;
        let instant = u32::try_from(value.nanos)
            .ok()
            .filter(|nanos| *nanos < 1_000_000_000)
            .and_then(|nanos| DateTime::from_timestamp(value.seconds, nanos))
            .filter(|instant| (YEAR_MIN..=YEAR_MAX).contains(&instant.year()));
        if instant.is_none() {
            self.wrong(field, format!("is a time in the years {YEAR_MIN} to {YEAR_MAX}"));
        }
        instant.map(|instant| instant.trunc_subsecs(6))
    }

    /// An instant of what has happened. It stays as it was given, also if it counts as now: a decision settles it at
    /// its own instant ([`caller_clock::settle`]), and a repeat of the request is the same request.
    pub(in crate::rpc) fn past_time(
        &mut self,
        field: &str,
        value: Option<&prost_types::Timestamp>,
    ) -> Option<DateTime<Utc>> {
        let instant = self.time(field, value);
        let Some((now, given)) = self.now.zip(instant) else { return instant };
        match caller_clock::settle(given, now) {
            Ok(_) => {}
            Err(ClockAhead::Wrong) => {
                self.states_time = true;
                self.wrong(field, caller_clock::description(now));
            }
            Err(ahead) => {
                let fault = ahead.fault(field, now);
                let is_longer =
                    self.clock_ahead.as_ref().is_none_or(|known| known.retry_after < fault.retry_after);
                if is_longer {
                    self.clock_ahead = Some(fault);
                }
            }
        }
        instant
    }

    /// A required instant; the beginning of time only keeps the reading going.
    pub(in crate::rpc) fn required_time(
        &mut self,
        field: &str,
        value: Option<&prost_types::Timestamp>,
    ) -> DateTime<Utc> {
        let instant = self.time(field, value);
        self.required_instant(field, value.is_some(), instant)
    }

    /// A required instant of what has happened.
    pub(in crate::rpc) fn required_past_time(
        &mut self,
        field: &str,
        value: Option<&prost_types::Timestamp>,
    ) -> DateTime<Utc> {
        let instant = self.past_time(field, value);
        self.required_instant(field, value.is_some(), instant)
    }

    fn required_instant(
        &mut self,
        field: &str,
        is_given: bool,
        instant: Option<DateTime<Utc>>,
    ) -> DateTime<Utc> {
        if !is_given {
            self.wrong(field, "is required");
        }
        instant.unwrap_or(DateTime::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use hotline_proto::v1::ErrorReason;

    use super::*;
    use crate::platform::Fault;

    fn timestamp(instant: DateTime<Utc>) -> prost_types::Timestamp {
        let nanos = instant.timestamp_subsec_nanos().try_into().expect("less than a second");
        prost_types::Timestamp { seconds: instant.timestamp(), nanos }
    }

    fn read(ahead: &[TimeDelta]) -> Result<(), Fault> {
        let now: DateTime<Utc> = "2019-10-12T02:00:00Z".parse().expect("an instant");
        let mut fields = Fields::at(now);
        for (place, ahead) in ahead.iter().enumerate() {
            let given = now + *ahead;
            let read = fields.past_time(&format!("time{place}"), Some(&timestamp(given)));
            assert_eq!(read, Some(given), "it stays as it was given");
        }
        fields.finish(())
    }

    #[test]
    fn a_clock_that_is_ahead_is_forgiven_asked_to_wait_or_a_wrong_field() {
        let seconds = TimeDelta::seconds;
        for ahead in [-100_000, -1, 0, 1, 5] {
            assert_eq!(read(&[seconds(ahead)]), Ok(()), "{ahead} s ahead");
        }
        for ahead in [6, 60, 600] {
            let fault = read(&[seconds(ahead)]).expect_err("it has to wait");
            assert_eq!(fault.reason, ErrorReason::ClockAhead, "{ahead} s ahead");
            assert_eq!(fault.retry_after, seconds(ahead).to_std().ok());
            assert_eq!(fault.metadata["server_time"], "2019-10-12T02:00:00.000Z");
        }
        let fault = read(&[seconds(601)]).expect_err("it is wrong");
        assert_eq!(fault.reason, ErrorReason::InvalidFields);
        assert_eq!(fault.metadata["server_time"], "2019-10-12T02:00:00.000Z");
    }

    #[test]
    fn the_longest_wait_counts_and_a_wrong_field_comes_first() {
        let minutes = TimeDelta::minutes;
        let fault = read(&[minutes(1), minutes(3), minutes(2)]).expect_err("it has to wait");
        assert_eq!((fault.reason, fault.metadata["field"].as_str()), (ErrorReason::ClockAhead, "time1"));
        let fault = read(&[minutes(1), minutes(30)]).expect_err("one is wrong");
        assert_eq!(fault.reason, ErrorReason::InvalidFields);
        let named: Vec<_> = fault.violations.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(named, ["time1"], "a wait is nothing to mend");
    }
}
