//! Checks a policy, and reports all wrong keys together, each with its path.
//!
//! The bounds are wide. They catch mistakes (a zero, hours instead of days), not opinions.

use std::fmt;
use std::ops::RangeInclusive;

use super::Policy;

const CALL_MINUTES: RangeInclusive<u32> = 1..=24 * 60;
const DAYS: RangeInclusive<u32> = 1..=365;
const LADDER_HOURS: RangeInclusive<u32> = 0..=365 * 24;
const RETURNS: RangeInclusive<u32> = 0..=10;
const ATTEMPTS: RangeInclusive<u32> = 1..=20;
const ATTEMPT_GAP_HOURS: RangeInclusive<u32> = 0..=30 * 24;
const REWORKS: RangeInclusive<u32> = 0..=10;
const LEASE_HOURS: RangeInclusive<u32> = 1..=24;
const PERCENT: RangeInclusive<u32> = 0..=100;
const OBJECTION_DAYS: RangeInclusive<u32> = 0..=365;
const CALL_AGE_HOURS: RangeInclusive<u32> = 1..=365 * 24;
const SAME_CALL_WITHIN_MINUTES: RangeInclusive<u32> = 1..=1440;
const CORRECTION_MINUTES: RangeInclusive<u32> = 0..=60;
const UNDO_HOURS: RangeInclusive<u32> = 0..=30 * 24;
const REOPEN_DAYS: RangeInclusive<u32> = 0..=365;
const SEATS: RangeInclusive<u32> = 1..=10_000;
const OFFER_TIMEOUT_SECONDS: RangeInclusive<u32> = 5..=300;
const HEARTBEAT_TIMEOUT_SECONDS: RangeInclusive<u32> = 10..=3_600;
const QUEUE_WAIT_SECONDS: RangeInclusive<u32> = 10..=86_400;
const WRAP_UP_SECONDS: RangeInclusive<u32> = 0..=3_600;

/// A key of the policy that is wrong, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFault {
    /// The path of the key in the configuration, `policy.deadline.general.days`.
    pub key: &'static str,
    /// What is wrong with it, lowercase.
    pub wrong: String,
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.wrong)
    }
}

impl std::error::Error for PolicyFault {}

impl Policy {
    /// Checks the policy as a whole; to be called once, before it is used.
    ///
    /// # Errors
    /// Every wrong key with its path.
    pub fn check(&self) -> Result<(), Vec<PolicyFault>> {
        let mut faults = Vec::new();
        self.check_ranges(&mut faults);
        self.check_order(&mut faults);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn check_ranges(&self, faults: &mut Vec<PolicyFault>) {
        let (deadline, ladder) = (&self.deadline, &self.ladder);
        let (returns, follow_up) = (&self.returns, &self.follow_up);
        for (key, value, range) in [
            (
                "policy.deadline.consultation_general.minutes",
                deadline.consultation_general.minutes,
                CALL_MINUTES,
            ),
            (
                "policy.deadline.consultation_complex_one_unit.days",
                deadline.consultation_complex_one_unit.days,
                DAYS,
            ),
            (
                "policy.deadline.consultation_complex_several_units.days",
                deadline.consultation_complex_several_units.days,
                DAYS,
            ),
            ("policy.deadline.general.days", deadline.general.days, DAYS),
            ("policy.deadline.complex.days", deadline.complex.days, DAYS),
            ("policy.ladder.remind_before_hours", ladder.remind_before_hours, LADDER_HOURS),
            ("policy.ladder.urge_after_hours", ladder.urge_after_hours, LADDER_HOURS),
            ("policy.ladder.supervise_after_hours", ladder.supervise_after_hours, LADDER_HOURS),
            ("policy.ladder.manual_after_hours", ladder.manual_after_hours, LADDER_HOURS),
            ("policy.returns.window.days", returns.window.days, DAYS),
            ("policy.returns.returns_max", returns.returns_max, RETURNS),
            ("policy.carry_over.promise_max_days", self.carry_over.promise_max_days, DAYS),
            ("policy.follow_up.attempts_max", follow_up.attempts_max, ATTEMPTS),
            ("policy.follow_up.attempt_gap_hours", follow_up.attempt_gap_hours, ATTEMPT_GAP_HOURS),
            ("policy.follow_up.reworks_max", follow_up.reworks_max, REWORKS),
            ("policy.follow_up.lease_hours", follow_up.lease_hours, LEASE_HOURS),
            ("policy.follow_up.recheck_percent", follow_up.recheck_percent, PERCENT),
            ("policy.assessment.objection_days", self.assessment.objection_days, OBJECTION_DAYS),
            ("policy.intake.seats", self.intake.seats, SEATS),
            ("policy.intake.call_age_max_hours", self.intake.call_age_max_hours, CALL_AGE_HOURS),
            (
                "policy.intake.same_call_within_minutes",
                self.intake.same_call_within_minutes,
                SAME_CALL_WITHIN_MINUTES,
            ),
            ("policy.seats.offer_timeout_seconds", self.seats.offer_timeout_seconds, OFFER_TIMEOUT_SECONDS),
            (
                "policy.seats.heartbeat_timeout_seconds",
                self.seats.heartbeat_timeout_seconds,
                HEARTBEAT_TIMEOUT_SECONDS,
            ),
            ("policy.seats.queue_wait_max_seconds", self.seats.queue_wait_max_seconds, QUEUE_WAIT_SECONDS),
            ("policy.seats.wrap_up_max_seconds", self.seats.wrap_up_max_seconds, WRAP_UP_SECONDS),
            ("policy.seats.call_back.days", self.seats.call_back.days, DAYS),
            ("policy.undo.correction_minutes", self.undo.correction_minutes, CORRECTION_MINUTES),
            ("policy.undo.undo_hours", self.undo.undo_hours, UNDO_HOURS),
            ("policy.undo.reopen_days", self.undo.reopen_days, REOPEN_DAYS),
        ] {
            if !range.contains(&value) {
                let wrong = format!("{value} is outside {} to {}", range.start(), range.end());
                faults.push(PolicyFault { key, wrong });
            }
        }
    }

    fn check_order(&self, faults: &mut Vec<PolicyFault>) {
        let (ladder, intake) = (&self.ladder, &self.intake);
        if ladder.supervise_after_hours <= ladder.urge_after_hours {
            faults.push(PolicyFault {
                key: "policy.ladder.supervise_after_hours",
                wrong: format!(
                    "{} must be more than urge_after_hours, {}",
                    ladder.supervise_after_hours, ladder.urge_after_hours
                ),
            });
        }
        if ladder.manual_after_hours <= ladder.supervise_after_hours {
            faults.push(PolicyFault {
                key: "policy.ladder.manual_after_hours",
                wrong: format!(
                    "{} must be more than supervise_after_hours, {}",
                    ladder.manual_after_hours, ladder.supervise_after_hours
                ),
            });
        }
        if intake.hours_close <= intake.hours_open {
            faults.push(PolicyFault {
                key: "policy.intake.hours_close",
                wrong: format!("{} must be later than hours_open, {}", intake.hours_close, intake.hours_open),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::default_policy;
    use super::*;

    fn keys(change: impl FnOnce(&mut Policy)) -> Vec<&'static str> {
        let mut policy = default_policy();
        change(&mut policy);
        policy.check().err().unwrap_or_default().iter().map(|fault| fault.key).collect()
    }

    #[test]
    fn a_sound_change_passes() {
        assert!(keys(|_| ()).is_empty());
        assert!(keys(|policy| policy.ladder.remind_before_hours = 24).is_empty());
        assert!(keys(|policy| policy.returns.returns_max = 0).is_empty());
        assert!(keys(|policy| policy.deadline.complex.days = 365).is_empty());
    }

    #[test]
    fn every_wrong_key_is_named_at_once() {
        let wrong = keys(|policy| {
            policy.deadline.consultation_general.minutes = 0;
            policy.deadline.general.days = 366;
            policy.returns.window.days = 0;
            policy.follow_up.attempts_max = 0;
            policy.intake.seats = 0;
        });
        let expected = [
            "policy.deadline.consultation_general.minutes",
            "policy.deadline.general.days",
            "policy.returns.window.days",
            "policy.follow_up.attempts_max",
            "policy.intake.seats",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn rungs_must_rise_and_hours_must_not_be_reversed() {
        assert_eq!(
            keys(|policy| policy.ladder.urge_after_hours = 24),
            ["policy.ladder.supervise_after_hours"]
        );
        assert_eq!(
            keys(|policy| policy.ladder.manual_after_hours = 12),
            ["policy.ladder.manual_after_hours"]
        );
        assert_eq!(
            keys(|policy| policy.intake.hours_open = policy.intake.hours_close),
            ["policy.intake.hours_close"]
        );
    }

    #[test]
    fn a_fault_reads_as_path_and_reason() {
        let mut policy = default_policy();
        policy.deadline.general.days = 0;
        let faults = policy.check().expect_err("zero days");
        assert_eq!(faults[0].to_string(), "policy.deadline.general.days: 0 is outside 1 to 365");
    }

    #[test]
    fn each_key_is_good_up_to_its_bounds_and_no_further() {
        type Key = fn(&mut Policy) -> &mut u32;
        let keys: [(&str, Key, u32, u32); 27] = [
            (
                "deadline.consultation_general.minutes",
                |p| &mut p.deadline.consultation_general.minutes,
                1,
                1_440,
            ),
            (
                "deadline.consultation_complex_one_unit.days",
                |p| &mut p.deadline.consultation_complex_one_unit.days,
                1,
                365,
            ),
            (
                "deadline.consultation_complex_several_units.days",
                |p| &mut p.deadline.consultation_complex_several_units.days,
                1,
                365,
            ),
            ("deadline.general.days", |p| &mut p.deadline.general.days, 1, 365),
            ("deadline.complex.days", |p| &mut p.deadline.complex.days, 1, 365),
            ("ladder.remind_before_hours", |p| &mut p.ladder.remind_before_hours, 0, 8_760),
            ("ladder.urge_after_hours", |p| &mut p.ladder.urge_after_hours, 0, 8_760),
            ("ladder.supervise_after_hours", |p| &mut p.ladder.supervise_after_hours, 0, 8_760),
            ("ladder.manual_after_hours", |p| &mut p.ladder.manual_after_hours, 0, 8_760),
            ("returns.window.days", |p| &mut p.returns.window.days, 1, 365),
            ("returns.returns_max", |p| &mut p.returns.returns_max, 0, 10),
            ("carry_over.promise_max_days", |p| &mut p.carry_over.promise_max_days, 1, 365),
            ("follow_up.attempts_max", |p| &mut p.follow_up.attempts_max, 1, 20),
            ("follow_up.attempt_gap_hours", |p| &mut p.follow_up.attempt_gap_hours, 0, 720),
            ("follow_up.reworks_max", |p| &mut p.follow_up.reworks_max, 0, 10),
            ("follow_up.lease_hours", |p| &mut p.follow_up.lease_hours, 1, 24),
            ("follow_up.recheck_percent", |p| &mut p.follow_up.recheck_percent, 0, 100),
            ("assessment.objection_days", |p| &mut p.assessment.objection_days, 0, 365),
            ("intake.seats", |p| &mut p.intake.seats, 1, 10_000),
            ("seats.offer_timeout_seconds", |p| &mut p.seats.offer_timeout_seconds, 5, 300),
            ("seats.heartbeat_timeout_seconds", |p| &mut p.seats.heartbeat_timeout_seconds, 10, 3_600),
            ("seats.queue_wait_max_seconds", |p| &mut p.seats.queue_wait_max_seconds, 10, 86_400),
            ("seats.wrap_up_max_seconds", |p| &mut p.seats.wrap_up_max_seconds, 0, 3_600),
            ("seats.call_back.days", |p| &mut p.seats.call_back.days, 1, 365),
            ("undo.correction_minutes", |p| &mut p.undo.correction_minutes, 0, 60),
            ("undo.undo_hours", |p| &mut p.undo.undo_hours, 0, 720),
            ("undo.reopen_days", |p| &mut p.undo.reopen_days, 0, 365),
        ];
        for (key, value_of, least, most) in keys {
            let is_outside = |value: u32| {
                let mut policy = default_policy();
                *value_of(&mut policy) = value;
                let faults = policy.check().err().unwrap_or_default();
                // The order of the rungs is checked by another test.
                let outside = faults.iter().filter(|fault| fault.wrong.contains("is outside"));
                outside.map(|fault| fault.key.to_owned()).collect::<Vec<_>>()
            };
            let named = vec![format!("policy.{key}")];
            assert_eq!(is_outside(least), Vec::<String>::new(), "{key} = {least}");
            assert_eq!(is_outside(most), Vec::<String>::new(), "{key} = {most}");
            assert_eq!(is_outside(most + 1), named, "{key} = {most} + 1");
            if let Some(less) = least.checked_sub(1) {
                assert_eq!(is_outside(less), named, "{key} = {least} - 1");
            }
        }
    }
}
