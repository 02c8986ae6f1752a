//! The rules of a simulation: policies as plain numbers beside the product's, the shipped calendar and others made from
//! it, and when each of them is in force. They are altered if a bug is injected.

use std::rc::Rc;

use hotline_server::deadline::{Calendar, Clock, DayLimit, Policy, TimeOfDay, YearTable};
use serde::Deserialize;

use crate::injected_bugs::InjectedBug;
use crate::reference::calendar;
use crate::reference::due::Length;
use crate::reference::rules::Rules;

/// A policy in both forms.
#[derive(Debug)]
pub(crate) struct PolicyPair {
    pub(crate) rules: Rules,
    pub(crate) policy: Policy,
    pub(crate) version: String,
}

/// A calendar in both forms.
#[derive(Debug)]
pub(crate) struct CalendarPair {
    pub(crate) reference: calendar::Calendar,
    pub(crate) product: Calendar,
}

impl CalendarPair {
    /// Reads a calendar; the product's is altered if that bug is injected.
    pub(crate) fn read(text: &str, bug: Option<InjectedBug>) -> Result<Rc<Self>, String> {
        Self::of(text, bug, Ok)
    }

    /// Reads a calendar that follows this one; the product adds the new years to its own.
    pub(crate) fn next(&self, text: &str, bug: Option<InjectedBug>) -> Result<Rc<Self>, String> {
        Self::of(text, bug, |read| {
            self.product.with_years(self.new_years(&read)).map_err(|fault| fault.to_string())
        })
    }

    /// The years in which another calendar differs.
    pub(crate) fn new_years(&self, other: &Calendar) -> Vec<YearTable> {
        let is_new = |year: &YearTable| self.product.year(year.year) != Some(year);
        other.to_file().years.into_iter().filter(is_new).collect()
    }

    fn of(
        text: &str,
        bug: Option<InjectedBug>,
        make: impl FnOnce(Calendar) -> Result<Calendar, String>,
    ) -> Result<Rc<Self>, String> {
        let is_labour_day = |line: &&str| line.contains("劳动节");
        let altered = (bug == Some(InjectedBug::WrongHoliday))
            .then(|| text.lines().filter(|line| !is_labour_day(line)).collect::<Vec<_>>().join("\n"));
        let product =
            Calendar::parse(altered.as_deref().unwrap_or(text)).map_err(|fault| fault.to_string())?;
        Ok(Rc::new(Self { reference: calendar::Calendar::read(text), product: make(product)? }))
    }

    pub(crate) fn version(&self) -> &str {
        self.product.version()
    }
}

/// Every policy and every calendar of a run, in the order in which they come into force.
#[derive(Debug, Default)]
pub(crate) struct RuleVersions {
    policies: Vec<(i64, PolicyPair)>,
    calendars: Vec<(i64, Rc<CalendarPair>)>,
}

impl PolicyPair {
    /// A policy from its plain numbers.
    pub(crate) fn new(rules: Rules) -> Result<Self, String> {
        let policy = policy_of(&rules)?;
        policy.check().map_err(|faults| format!("{faults:?}"))?;
        let version = policy.version();
        Ok(Self { rules, policy, version })
    }
}

impl RuleVersions {
    /// Puts a policy in force from an instant on.
    pub(crate) fn put(&mut self, policy_pair: PolicyPair, from: i64) {
        self.policies.push((from, policy_pair));
    }

    /// Puts a calendar in force from an instant on.
    pub(crate) fn put_calendar(&mut self, days: Rc<CalendarPair>, from: i64) {
        self.calendars.push((from, days));
    }

    /// The index of the policy in force at an instant.
    pub(crate) fn policy_at(&self, at: i64) -> usize {
        self.policies.iter().rposition(|(from, _)| *from <= at).unwrap_or(0)
    }

    /// The index of the calendar in force at an instant.
    pub(crate) fn calendar_at(&self, at: i64) -> usize {
        self.calendars.iter().rposition(|(from, _)| *from <= at).unwrap_or(0)
    }

    /// The index of a calendar by its version.
    pub(crate) fn calendar_of(&self, version: &str) -> Option<usize> {
        self.calendars.iter().rposition(|(_, days)| days.version() == version)
    }

    pub(crate) fn policy(&self, place: usize) -> &PolicyPair {
        &self.policies[place].1
    }

    pub(crate) fn calendar(&self, place: usize) -> &Rc<CalendarPair> {
        &self.calendars[place].1
    }

    /// The last policy.
    fn newest_policy(&self) -> &PolicyPair {
        self.policy(self.policies.len() - 1)
    }

    /// The last calendar.
    pub(crate) fn newest_calendar(&self) -> &CalendarPair {
        self.calendar(self.calendars.len() - 1)
    }

    /// The policy that the product finds for a ticket.
    pub(crate) fn policy_found(&self, place: usize, bug: Option<InjectedBug>) -> &PolicyPair {
        let is_moved = bug == Some(InjectedBug::MovedPolicy);
        if is_moved { self.newest_policy() } else { self.policy(place) }
    }

    /// The calendar of a version, as the product finds it for a ticket.
    pub(crate) fn calendar_found(&self, version: &str, bug: Option<InjectedBug>) -> Option<&Calendar> {
        let mut newest_first = self.calendars.iter().rev();
        let is_moved = bug == Some(InjectedBug::MovedCalendar);
        newest_first.find(|(_, days)| is_moved || days.version() == version).map(|(_, days)| &days.product)
    }
}

/// What a calendar holds for a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum YearKnowledge {
    /// The whole notice.
    Known,
    /// The expected days off, and no make-up workdays.
    Expected,
    /// Nothing.
    Missing,
}

/// The shipped calendar under another version, with this knowledge of each year.
pub(crate) fn calendar_with(version: &str, mut notice: impl FnMut(i64) -> YearKnowledge) -> String {
    let mut years = calendar::SHIPPED.split("[[year]]");
    let head = years.next().unwrap_or_default().lines();
    let mut text: String = head
        .map(|line| {
            if line.starts_with("version = ") {
                format!("version = \"{version}\"\n")
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    for table in years {
        let year = table.lines().find_map(|line| line.strip_prefix("year = ")?.parse().ok());
        match notice(year.unwrap_or(0)) {
            YearKnowledge::Known => text.extend(["[[year]]", table]),
            YearKnowledge::Expected => {
                text.push_str("[[year]]\nprovisional = true");
                text.extend(
                    table.lines().filter_map(without_make_up).flat_map(|line| [line, "\n".to_owned()]),
                );
            }
            YearKnowledge::Missing => {}
        }
    }
    text
}

/// A line of a calendar without its make-up workdays; `None` for a holiday without days off.
fn without_make_up(line: &str) -> Option<String> {
    let Some((before, after)) = line.split_once("work = [") else { return Some(line.to_owned()) };
    let rest = after.split_once(']').map_or("", |(_, rest)| rest);
    before.contains("off = [").then(|| format!("{}{rest}", before.trim_end_matches([',', ' '])))
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
    policy.follow_up.recheck_percent = if rules.is_rechecked { 100 } else { 0 };
    let time = |minutes: i64| {
        let text = format!("{:02}:{:02}", minutes / 60, minutes % 60);
        TimeOfDay::try_from(text).map_err(|fault| fault.to_string())
    };
    policy.intake.hours_open = time(rules.open_minutes.0)?;
    policy.intake.hours_close = time(rules.open_minutes.1)?;
    policy.intake.call_age_max_hours = rules.call_age_max_hours;
    policy.undo.correction_minutes = rules.correction_minutes;
    policy.undo.undo_hours = rules.undo_hours;
    policy.undo.reopen_days = rules.reopen_days;
    Ok(policy)
}
