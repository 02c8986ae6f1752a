//! What a simulation stands on: policies as plain numbers beside the product's, and the shipped calendar, spoilt where a
//! bug is planted.

use hotline_server::deadline::{Clock, DayLimit, Policy, TimeOfDay};
use serde::Deserialize;

use crate::plant::Plant;
use crate::reference::calendar;
use crate::reference::count::Length;
use crate::reference::rules::Rules;

/// A policy in both forms.
#[derive(Debug)]
pub(crate) struct Rated {
    pub(crate) rules: Rules,
    pub(crate) policy: Policy,
    pub(crate) version: String,
}

/// Every policy of a run; the last one is in force.
#[derive(Debug, Default)]
pub(crate) struct Book(pub(crate) Vec<Rated>);

impl Book {
    /// Puts a policy in force.
    pub(crate) fn put(&mut self, rules: Rules) -> Result<(), String> {
        let policy = policy_of(&rules)?;
        policy.check().map_err(|faults| format!("{faults:?}"))?;
        let version = policy.version();
        self.0.push(Rated { rules, policy, version });
        Ok(())
    }

    /// The place of the policy in force.
    pub(crate) const fn current(&self) -> usize {
        self.0.len() - 1
    }

    /// The policy that the product finds for a ticket.
    pub(crate) fn found(&self, place: usize, plant: Option<Plant>) -> &Rated {
        if plant == Some(Plant::MovedPolicy) { &self.0[self.current()] } else { &self.0[place] }
    }
}

/// The policy of the default configuration.
pub(crate) fn default_policy() -> Policy {
    #[derive(Deserialize)]
    struct Root {
        policy: Policy,
    }
    let text = include_str!("../../server/config.default.toml");
    toml::from_str::<Root>(text).expect("the default configuration is sound").policy
}

/// The calendar that the product is given.
pub(crate) fn calendar_text(plant: Option<Plant>) -> String {
    if plant != Some(Plant::WrongHoliday) {
        return calendar::SHIPPED.to_owned();
    }
    let is_labour_day = |line: &&str| line.contains("劳动节");
    calendar::SHIPPED.lines().filter(|line| !is_labour_day(line)).collect::<Vec<_>>().join("\n")
}

fn days(length: Length) -> DayLimit {
    match length {
        Length::Working(days) => DayLimit { days, clock: Clock::Working },
        Length::Natural(days) | Length::Minutes(days) => DayLimit { days, clock: Clock::Natural },
    }
}

fn policy_of(rules: &Rules) -> Result<Policy, String> {
    let mut policy = default_policy();
    if let Length::Minutes(minutes) = rules.tiers[0] {
        policy.deadline.consultation_general.minutes = minutes;
    }
    policy.deadline.consultation_complex_one_unit = days(rules.tiers[1]);
    policy.deadline.consultation_complex_several_units = days(rules.tiers[2]);
    policy.deadline.general = days(rules.tiers[3]);
    policy.deadline.complex = days(rules.tiers[4]);
    policy.ladder.remind_before_hours = rules.remind_hours;
    policy.ladder.urge_after_hours = rules.urge_hours;
    policy.ladder.supervise_after_hours = rules.supervise_hours;
    policy.ladder.manual_after_hours = rules.manual_hours;
    policy.returns.window = days(rules.window);
    policy.returns.returns_max = rules.returns_max;
    policy.carry_over.promise_max_days = rules.promise_max_days;
    policy.follow_up.attempts_max = rules.attempts_max;
    policy.follow_up.attempt_gap_hours = rules.attempt_gap_hours;
    policy.follow_up.answers_followed_up = rules.answers_followed_up;
    policy.follow_up.reworks_max = rules.reworks_max;
    let time = |minutes: i64| {
        let text = format!("{:02}:{:02}", minutes / 60, minutes % 60);
        TimeOfDay::try_from(text).map_err(|fault| fault.to_string())
    };
    policy.intake.hours_open = time(rules.open_minutes.0)?;
    policy.intake.hours_close = time(rules.open_minutes.1)?;
    Ok(policy)
}
