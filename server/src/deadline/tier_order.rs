//! Whether the limits of tiers are monotone: a later request is never due earlier, and a request that asks for more
//! work is never due before one that asks for less. The first follows from how limits are counted. The second can fail
//! if a policy puts tiers on different clocks, on the days before a long holiday. Both are tried day by day.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Asia::Shanghai;

use super::{Calendar, Clock, DayLimit, Limit, Policy, PolicyFault, due};
use crate::ticket::Tier;

/// Days of intake that are tried.
const TRIED_DAYS: usize = 730;
/// Times of each day that are tried: its first second, the middle of the morning, its last second.
const TRIED_TIMES: [(u32, u32, u32); 3] = [(0, 0, 0), (10, 0, 0), (23, 59, 59)];
/// Pairs of tiers of which the second asks for more work than the first.
const RISING: [(Tier, Tier); 3] = [
    (Tier::ConsultationGeneral, Tier::ConsultationComplexOneUnit),
    (Tier::ConsultationComplexOneUnit, Tier::ConsultationComplexSeveralUnits),
    (Tier::General, Tier::Complex),
];

/// Later than every limit.
const END: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

/// The key of a tier's length.
const fn key(tier: Tier) -> &'static str {
    match tier {
        Tier::ConsultationGeneral => "policy.deadline.consultation_general",
        Tier::ConsultationComplexOneUnit => "policy.deadline.consultation_complex_one_unit",
        Tier::ConsultationComplexSeveralUnits => "policy.deadline.consultation_complex_several_units",
        Tier::General => "policy.deadline.general",
        Tier::Complex => "policy.deadline.complex",
    }
}

/// The tried instants of intake, from a day on.
fn intakes(from: NaiveDate) -> impl Iterator<Item = DateTime<Utc>> {
    let times =
        TRIED_TIMES.into_iter().filter_map(|(hour, min, sec)| NaiveTime::from_hms_opt(hour, min, sec));
    let walls = from
        .iter_days()
        .take(TRIED_DAYS)
        .flat_map(move |day| times.clone().map(move |time| day.and_time(time)));
    walls.filter_map(|wall| Some(Shanghai.from_local_datetime(&wall).single()?.to_utc()))
}

/// Whether the order needs no trying: every day counts for every tier, and more work has no fewer days.
fn is_evident(policy: &Policy) -> bool {
    let days = |tier| match policy.deadline.limit(tier) {
        // A call's allowance is a day at most, and every other limit a day at least.
        Limit::Minutes(_) => Some(1),
        Limit::Days(DayLimit { days, clock: Clock::Natural }) => Some(days),
        Limit::Days(_) => None,
    };
    RISING.iter().all(|(less, more)| days(*less).zip(days(*more)).is_some_and(|(less, more)| less <= more))
}

/// The limits of a policy that are not monotone on a calendar, for intakes of two years from a day on. Each tier is
/// listed at most once, with the first intake that shows it.
#[must_use]
pub fn faults(policy: &Policy, calendar: &Calendar, from: NaiveDate) -> Vec<PolicyFault> {
    if is_evident(policy) {
        return Vec::new();
    }
    let mut faults: Vec<PolicyFault> = Vec::new();
    let mut before: Option<[DateTime<Utc>; Tier::ALL.len()]> = None;
    for intake in intakes(from) {
        let mut dues = [intake; Tier::ALL.len()];
        for (tier, due_at) in Tier::ALL.into_iter().zip(&mut dues) {
            // A limit after the years of calendars is later than any other.
            *due_at =
                due(intake, policy.deadline.limit(tier), calendar).map_or(END, |counted| counted.due_at);
        }
        let due_of = |tier| Tier::ALL.iter().position(|one| *one == tier).map(|place| dues[place]);
        for (less, more) in RISING {
            if due_of(more) < due_of(less) {
                note(&mut faults, more, intake, &format!("would be due before one of {}", key(less)));
            }
        }
        for (place, tier) in Tier::ALL.into_iter().enumerate() {
            if before.is_some_and(|before| dues[place] < before[place]) {
                note(&mut faults, tier, intake, "would be due before an earlier one");
            }
        }
        before = Some(dues);
    }
    faults
}

fn note(faults: &mut Vec<PolicyFault>, tier: Tier, intake: DateTime<Utc>, what: &str) {
    let key = key(tier);
    if faults.iter().all(|fault| fault.key != key) {
        let wall = intake.with_timezone(&Shanghai).format("%Y-%m-%d %H:%M:%S");
        faults.push(PolicyFault { key, wrong: format!("a request of {wall} {what}") });
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::default_policy;
    use super::*;

    fn faults_of(change: impl FnOnce(&mut Policy)) -> Vec<(&'static str, String)> {
        let mut policy = default_policy();
        change(&mut policy);
        let calendar = Calendar::shipped().expect("the shipped calendar is sound");
        let from = NaiveDate::from_ymd_opt(2019, 9, 1).expect("a day");
        faults(&policy, &calendar, from).into_iter().map(|fault| (fault.key, fault.wrong)).collect()
    }

    #[test]
    fn limits_that_keep_their_order_pass() {
        assert_eq!(faults_of(|_| ()), []);
        assert_eq!(
            faults_of(|policy| {
                for limit in [&mut policy.deadline.general, &mut policy.deadline.complex] {
                    limit.clock = Clock::Working;
                }
            }),
            []
        );
    }

    #[test]
    fn a_shorter_limit_for_more_work_is_named() {
        let found = faults_of(|policy| policy.deadline.complex.days = 6);
        let [(key, wrong)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(*key, "policy.deadline.complex");
        assert_eq!(
            wrong,
            "a request of 2019-09-01 00:00:00 would be due before one of policy.deadline.general"
        );
    }

    #[test]
    fn two_clocks_cross_before_a_long_holiday() {
        // Three working days are shorter than four natural ones, except before the National Day week.
        let found = faults_of(|policy| {
            policy.deadline.general = DayLimit { days: 3, clock: Clock::Working };
            policy.deadline.complex = DayLimit { days: 7, clock: Clock::Natural };
        });
        let [(key, wrong)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(*key, "policy.deadline.complex");
        // From Friday the 27th on: 29 and 30 September, then 8 October, eleven days away.
        assert!(wrong.starts_with("a request of 2019-09-27 "), "{wrong}");
    }

    #[test]
    fn equal_limits_keep_their_order() {
        let equal = faults_of(|policy| policy.deadline.complex = policy.deadline.general);
        assert_eq!(equal, []);
    }

    #[test]
    fn each_tier_is_named_by_its_key() {
        let named = Tier::ALL.map(key).map(|key| key.trim_start_matches("policy.deadline."));
        let expected = [
            "consultation_general",
            "consultation_complex_one_unit",
            "consultation_complex_several_units",
            "general",
            "complex",
        ];
        assert_eq!(named, expected);
    }
}
