//! The hours in which seats take calls: those of the active shifts, or of the policy if no shift is active.

use chrono::{Datelike as _, Timelike as _};
use chrono_tz::Asia::Shanghai;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::model::Shift;
use super::put_shift::SHIFTS_MAX;
use super::rows::{self, shift};
use crate::deadline::Policy;
use crate::platform::Fault;
use crate::ticket::Instant;

/// Whether calls that begin at an instant are taken.
pub(super) async fn is_open(db: &impl ConnectionTrait, policy: &Policy, at: Instant) -> Result<bool, Fault> {
    let active = shift::Entity::find()
        .filter(shift::Column::IsActive.eq(true))
        .order_by_asc(shift::Column::Code)
        .limit(SHIFTS_MAX);
    let shifts: Vec<_> = active.all(db).await?.into_iter().map(rows::shift_of).collect();
    if shifts.is_empty() {
        return Ok(policy.intake.is_open_at(at));
    }
    Ok(shifts.iter().any(|shift| is_in(shift, at)))
}

/// Whether an instant is in a shift, by the wall clock of Asia/Shanghai. Pure.
fn is_in(shift: &Shift, at: Instant) -> bool {
    let wall = at.with_timezone(&Shanghai);
    let minute = wall.hour() * 60 + wall.minute();
    let day = wall.weekday().number_from_monday();
    let hours = u32::from(shift.opens_at)..u32::from(shift.closes_at);
    hours.contains(&minute) && shift.weekdays.iter().any(|weekday| u32::from(*weekday) == day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_has_its_days_and_its_minutes() {
        let shift = Shift {
            code: "early".to_owned(),
            name: "早班".to_owned(),
            weekdays: vec![1, 6],
            opens_at: 6 * 60,
            closes_at: 14 * 60,
            is_active: true,
            version: 1,
        };
        // The hotline opened on a Saturday.
        for (at, expected) in [
            ("2019-10-12T06:00:00+08:00", true),
            ("2019-10-12T05:59:59+08:00", false),
            ("2019-10-12T13:59:59+08:00", true),
            ("2019-10-12T14:00:00+08:00", false),
            ("2019-10-13T08:00:00+08:00", false),
            ("2019-10-13T22:00:00Z", true),
        ] {
            assert_eq!(is_in(&shift, at.parse().expect("an instant")), expected, "{at}");
        }
    }
}
