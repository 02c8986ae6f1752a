//! Deadlines: the product's count and its explanation are compared with a count by single days. The cases cover the
//! years that have notices, every hour and the edges, the shipped calendar and others. Later intakes are never due
//! earlier.

use chrono::{DateTime, NaiveDate};
use hotline_server::deadline::{self, Calendar, Clock, DayLimit, DayReason, Explanation, LineKind, Policy};
use hotline_server::ticket::Tier;

use crate::injected_bugs::InjectedBug;
use crate::random::Random;
use crate::random_calendars;
use crate::reference::calendar::{self, day_number};
use crate::reference::due::{self, DAY, HOUR, Length, MINUTE};
use crate::rule_versions::{CalendarPair, default_policy};

/// The most days a tier may take.
const DAYS_MAX: usize = 365;
/// The days of random intakes: 2011-01-01 to 2026-12-31, and a month on either side.
const YEARS: (i64, i64) = (2011, 2026);

/// Checks this many cases; returns a line of figures.
pub(crate) fn check(seed: u64, cases: u64, bug: Option<InjectedBug>) -> Result<String, String> {
    let mut policy = default_policy();
    let mut random = Random::part(seed, 3);
    let calendars = random_calendars::all(&mut random, bug)?;
    let mut hours = [0_u64; 24];
    let mut on_days_off = 0_u64;
    for case in 0..cases {
        // Half of the cases use the shipped calendar.
        let place = if random.percent(50) { 0 } else { random.below(calendars.len()) };
        let CalendarPair { product, reference } = &*calendars[place];
        let tier = random.pick(&Tier::ALL);
        let length = length(&mut random, tier);
        set_length(&mut policy, tier, length);
        let from = intake(&mut random);
        let (day, time) = due::beijing_time(from);
        hours[usize::try_from(time / HOUR).unwrap_or(0)] += 1;
        on_days_off += u64::from(!reference.is_worked(day));
        let expected = due::limit(from, length, reference, true);
        compare(&policy, product, tier, from, &expected, (reference, length)).map_err(|what| {
            let version = product.version();
            format!("case {case}: {length:?} from {from} ({tier:?}, {version}): {what}")
        })?;
        let later = from + random.between(0, 3 * DAY);
        if due(&policy, product, tier, later)?.0 < expected.due {
            return Err(format!("case {case}: {length:?} from {later} is due before one from {from}"));
        }
    }
    if cases >= 10_000 && hours.contains(&0) {
        return Err(format!("an hour of the day was never drawn: {hours:?}"));
    }
    let calendars = calendars.len();
    Ok(format!(
        "{cases} cases on {calendars} calendars, {on_days_off} of them on days off, every hour of the day"
    ))
}

/// A random length; most are as long as real tiers, some up to a year.
fn length(random: &mut Random, tier: Tier) -> Length {
    let most = if random.percent(90) { 20 } else { DAYS_MAX };
    let days = u32::try_from(1 + random.below(most)).unwrap_or(1);
    match tier {
        Tier::ConsultationGeneral => Length::Minutes(u32::try_from(1 + random.below(1440)).unwrap_or(1)),
        _ if random.percent(75) => Length::Working(days),
        _ => Length::Natural(days),
    }
}

/// A random intake: any microsecond of the years, or an edge of a day, a month, a year or a holiday.
fn intake(random: &mut Random) -> i64 {
    let (first, last) = (day_number(YEARS.0, 1, 1) - 31, day_number(YEARS.1 + 1, 1, 1) + 31);
    let (year, month) = (random.between(YEARS.0, YEARS.1 + 1), random.between(1, 13));
    let day = match random.below(5) {
        0 => day_number(year, month, 1) - random.between(0, 2),
        1 => day_number(year, 1, 1) + random.between(-3, 4),
        // Around the three long holidays.
        2 => {
            random.pick(&[day_number(year, 10, 1), day_number(year, 5, 1), day_number(year, 2, 1)])
                + random.between(-10, 15)
        }
        _ => random.between(first, last),
    };
    let time = match random.below(6) {
        0 => random.pick(&[0, 1, DAY - 1, DAY - MINUTE, 12 * HOUR]),
        1 => HOUR * random.between(0, 24),
        _ => random.between(0, DAY),
    };
    due::instant(day, time)
}

fn set_length(policy: &mut Policy, tier: Tier, length: Length) {
    let days = match length {
        Length::Minutes(minutes) => {
            policy.deadline.consultation_general.minutes = minutes;
            return;
        }
        Length::Natural(days) => DayLimit { days, clock: Clock::Natural },
        Length::Working(days) => DayLimit { days, clock: Clock::Working },
    };
    let place = match tier {
        Tier::ConsultationGeneral => return,
        Tier::ConsultationComplexOneUnit => &mut policy.deadline.consultation_complex_one_unit,
        Tier::ConsultationComplexSeveralUnits => &mut policy.deadline.consultation_complex_several_units,
        Tier::General => &mut policy.deadline.general,
        Tier::Complex => &mut policy.deadline.complex,
    };
    *place = days;
}

fn due(policy: &Policy, calendar: &Calendar, tier: Tier, from: i64) -> Result<(i64, bool), String> {
    let from = DateTime::from_timestamp_micros(from).ok_or("no such instant")?;
    let due =
        deadline::due(from, policy.deadline.limit(tier), calendar).map_err(|fault| fault.to_string())?;
    Ok((due.due_at.timestamp_micros(), due.provisional))
}

fn compare(
    policy: &Policy,
    product: &Calendar,
    tier: Tier,
    from: i64,
    expected: &due::Limit,
    (reference, length): (&calendar::Calendar, Length),
) -> Result<(), String> {
    let counted = due(policy, product, tier, from)?;
    if counted != (expected.due, expected.is_provisional) {
        return Err(format!("due {counted:?}, should be {} {}", expected.due, expected.is_provisional));
    }
    let intake = DateTime::from_timestamp_micros(from).ok_or("no such instant")?;
    let explained = deadline::explain(policy, product, tier, intake).map_err(|fault| fault.to_string())?;
    let actual = (explained.due_at.timestamp_micros(), explained.provisional);
    if actual != counted {
        return Err(format!("explained as {actual:?}, counted as {counted:?}"));
    }
    compare_lines(&explained, expected, (reference, length))
}

/// The lines are the days of the reference, each with its ordinal and its reason.
fn compare_lines(
    explained: &Explanation,
    expected: &due::Limit,
    (reference, length): (&calendar::Calendar, Length),
) -> Result<(), String> {
    if explained.lines.len() != expected.days.len() {
        return Err(format!("{} lines, should be {}", explained.lines.len(), expected.days.len()));
    }
    let epoch = NaiveDate::default();
    for (place, (line, (day, ordinal))) in explained.lines.iter().zip(&expected.days).enumerate() {
        let kind = match (place, ordinal) {
            (0, _) => LineKind::StartDay,
            (_, Some(_)) => LineKind::Counted,
            (_, None) => LineKind::Skipped,
        };
        let written = line.date.signed_duration_since(epoch).num_days();
        let words = match &line.reason {
            DayReason::NaturalDay => ("natural", ""),
            DayReason::Workday => ("workday", ""),
            DayReason::MakeUpWorkday { holiday } => ("make-up", holiday.as_str()),
            DayReason::Weekend => ("weekend", ""),
            DayReason::Holiday { name } => ("holiday", name.as_str()),
        };
        let right = if let Length::Working(_) = length { reference.words(*day) } else { ("natural", "") };
        if (written, line.ordinal, line.kind, words) != (*day, *ordinal, kind, right) {
            return Err(format!("line {place} is {line:?}, should be day {day} {ordinal:?} {right:?}"));
        }
    }
    let counted = explained.lines.iter().filter(|line| line.kind == LineKind::Counted).count();
    let wanted = match length {
        Length::Minutes(_) => 0,
        Length::Natural(days) | Length::Working(days) => days as usize,
    };
    if counted == wanted { Ok(()) } else { Err(format!("{counted} days counted, should be {wanted}")) }
}
