//! `SetAbsence`: a unit sets the absence of one of its clerks, in the place of the clerk's former one, or ends it.

use prost::Message;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::rows::{self, PER_UNIT_MAX, absence};
use super::{Absence, Absences};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::{Instant, UnitCode};

/// The longest absence, and how far ahead it may begin, in days.
const DAYS_MAX: i64 = 366;

/// What is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAbsence {
    /// The clerk.
    pub clerk: String,
    /// Who stands in, from when on and until when; `None` ends the absence. Without a beginning it begins now.
    pub stand_in: Option<(String, Option<Instant>, Instant)>,
}

impl Absences {
    /// Sets an absence, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `REQUEST_ID_REUSED`, `UNAVAILABLE`; `INVALID_FIELDS` for times that do not fit, if the unit would have too many
    /// absences, or if there is none to end.
    pub async fn set_absence<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        set: SetAbsence,
        answer: fn(&Absence) -> A,
    ) -> Result<A, Fault> {
        let input = (permit.clone(), set, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (permit, set, answer)| {
                Ok(answer(&set_in(work, permit, set.clone()).await?))
            })
            .await
    }
}

async fn set_in(work: &Work, permit: &Permit, set: SetAbsence) -> Result<Absence, Fault> {
    let unit = permit.unit().ok_or_else(|| Fault::internal("a caller without a unit sets an absence"))?;
    let now = work.now();
    let absence = match set.stand_in {
        Some((substitute, from, until)) => {
            let (set_by, from) = (permit.principal().to_owned(), from.unwrap_or(now));
            let (unit, clerk) = (unit.clone(), set.clerk);
            let absence = Absence { unit, clerk, substitute, from, until, set_by, set_at: now };
            check(work, &absence, now).await?;
            absence
        }
        None => ended(work, permit, unit, &set.clerk).await?,
    };
    rows::put(work, &absence).await?;
    let details = json!({
        "clerk": absence.clerk,
        "substitute": absence.substitute,
        "from": absence.from,
        "until": absence.until,
    });
    let subject = format!("absence/{unit}");
    records::record(work, &permit.actor(), permit.method().method, &subject, details).await?;
    Ok(absence)
}

/// The absence of a clerk, if it ends now.
async fn ended(work: &Work, permit: &Permit, unit: &UnitCode, clerk: &str) -> Result<Absence, Fault> {
    let found = absence::Entity::find_by_id((unit.0.clone(), clerk.to_owned())).one(&work.tx).await?;
    let found = found.map(rows::absence_of).transpose()?.filter(|absence| absence.until > work.now());
    let found = found.ok_or_else(|| Fault::invalid_fields().at("clerk", "has no absence"))?;
    let (set_by, set_at) = (permit.principal().to_owned(), work.now());
    // One that has not begun yet is empty.
    let from = found.from.min(work.now());
    Ok(Absence { from, until: work.now(), set_by, set_at, ..found })
}

/// Checks the times, and that the unit has room. Absences that have ended make room.
async fn check(work: &Work, absence: &Absence, now: Instant) -> Result<(), Fault> {
    use absence::Column;
    let longest = chrono::TimeDelta::days(DAYS_MAX);
    let mut fault = Fault::invalid_fields();
    if absence.from > now + longest {
        fault = fault.at("start_time", format!("is at most {DAYS_MAX} days ahead"));
    }
    if absence.until <= now {
        fault = fault.at("end_time", "does not lie ahead");
    } else if absence.until <= absence.from || absence.until - absence.from > longest {
        fault = fault.at("end_time", format!("is after the start, by at most {DAYS_MAX} days"));
    }
    if !fault.violations.is_empty() {
        return Err(fault);
    }
    let of_unit = || absence::Entity::find().filter(Column::Unit.eq(absence.unit.as_str()));
    absence::Entity::delete_many()
        .filter(Column::Unit.eq(absence.unit.as_str()))
        .filter(Column::UntilAt.lte(now.timestamp_micros()))
        .exec(&work.tx)
        .await?;
    let beside = of_unit().filter(Column::Clerk.ne(absence.clerk.as_str())).count(&work.tx).await?;
    if beside >= PER_UNIT_MAX {
        let most = format!("at most {PER_UNIT_MAX} clerks of one unit are absent");
        return Err(Fault::invalid_fields().at("clerk", most));
    }
    Ok(())
}
