//! The tables of seats, skills, shifts and calls at seats.

use sea_orm::ActiveValue::{NotSet, Set};

use super::model::{
    BreakReason, CallBack, CallBackCause, CallBackState, Seat, SeatCall, SeatCallState, SeatSetup,
    SeatStatus, Shift, Skill,
};
use crate::platform::Fault;
use crate::ticket::columns::{self, instant};
use crate::ticket::{CallId, Instant};

/// A table without relations.
macro_rules! table {
    ($module:ident = $table:literal { $($(#[$key:meta])* $field:ident: $kind:ty,)+ }) => {
        pub(super) mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub(crate) struct Model { $($(#[$key])* pub $field: $kind,)+ }

            #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
            pub(crate) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

table!(skill = "skill" {
    #[sea_orm(primary_key, auto_increment = false)]
    code: String,
    name: String,
    name_en: String,
    is_active: bool,
    version: i32,
});
table!(shift = "shift" {
    #[sea_orm(primary_key, auto_increment = false)]
    code: String,
    name: String,
    weekdays: i16,
    opens_at: i16,
    closes_at: i16,
    is_active: bool,
    version: i32,
});
table!(seat = "seat" {
    #[sea_orm(primary_key, auto_increment = false)]
    code: String,
    name: String,
    skills: String,
    is_training: bool,
    is_active: bool,
    version: i32,
    principal: Option<String>,
    status: i16,
    break_reason: i16,
    since: i64,
    heartbeat_at: i64,
    revision: i64,
});
table!(seat_skill = "seat_skill" {
    #[sea_orm(primary_key, auto_increment = false)]
    skill: String,
    #[sea_orm(primary_key, auto_increment = false)]
    seat: String,
});
table!(seat_rollup = "seat_rollup" {
    #[sea_orm(primary_key, auto_increment = false)]
    hour: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    seat: String,
    #[sea_orm(primary_key, auto_increment = false)]
    measure: i16,
    amount: i64,
});
table!(seat_call = "seat_call" {
    #[sea_orm(primary_key, auto_increment = false)]
    call_id: String,
    skill: String,
    state: i16,
    arrival: i64,
    queued_at: i64,
    seat: Option<String>,
    offered_at: Option<i64>,
    expires_at: Option<i64>,
    answered_at: Option<i64>,
    ended_at: Option<i64>,
    last_seat: Option<String>,
    first_offer: Option<i64>,
    is_training: bool,
    revision: i64,
});
table!(three_way_call = "three_way_call" {
    #[sea_orm(primary_key, auto_increment = false)]
    call_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    sequence: i32,
    unit: String,
    policy_number: String,
    principal: String,
    began_at: i64,
    outcome: i16,
    ended_at: Option<i64>,
});
table!(call_back = "call_back" {
    #[sea_orm(primary_key, auto_increment = false)]
    call_id: String,
    skill: String,
    cause: i16,
    created_at: i64,
    due_at: i64,
    state: i16,
    attempts: i32,
    attempted_at: Option<i64>,
    ticket_number: Option<i64>,
});

fn micros(at: Option<Instant>) -> Option<i64> {
    at.map(|at| at.timestamp_micros())
}

fn optional_instant(micros: Option<i64>) -> Result<Option<Instant>, Fault> {
    micros.map(instant).transpose()
}

pub(super) fn version_number(version: u32) -> i32 {
    i32::try_from(version).unwrap_or(i32::MAX)
}

/// The seat of a row; its call is read apart.
pub(super) fn seat_of(row: seat::Model) -> Result<Seat, Fault> {
    let reason = (row.break_reason != 0).then(|| BreakReason::read(row.break_reason)).transpose()?;
    Ok(Seat {
        setup: SeatSetup {
            code: row.code,
            name: row.name,
            skills: row.skills.split_whitespace().map(str::to_owned).collect(),
            is_training: row.is_training,
            is_active: row.is_active,
            version: row.version.unsigned_abs(),
        },
        principal: row.principal,
        status: SeatStatus::read(row.status)?,
        break_reason: reason,
        since: instant(row.since)?,
        call: None,
        revision: row.revision,
    })
}

/// The columns that an administrator sets.
pub(super) fn setup_row(setup: &SeatSetup, revision: i64) -> seat::ActiveModel {
    seat::ActiveModel {
        code: Set(setup.code.clone()),
        name: Set(setup.name.clone()),
        skills: Set(setup.skills.join(" ")),
        is_training: Set(setup.is_training),
        is_active: Set(setup.is_active),
        version: Set(version_number(setup.version)),
        principal: NotSet,
        status: NotSet,
        break_reason: NotSet,
        since: NotSet,
        heartbeat_at: NotSet,
        revision: Set(revision),
    }
}

/// The columns that decisions change. The heartbeat is written apart, so that it waits for no decision.
pub(super) fn status_row(seat: &Seat, revision: i64) -> seat::ActiveModel {
    seat::ActiveModel {
        code: Set(seat.setup.code.clone()),
        name: NotSet,
        skills: NotSet,
        is_training: NotSet,
        is_active: NotSet,
        version: NotSet,
        principal: Set(seat.principal.clone()),
        status: Set(seat.status.stored()),
        break_reason: Set(seat.break_reason.map_or(0, BreakReason::stored)),
        since: Set(seat.since.timestamp_micros()),
        heartbeat_at: NotSet,
        revision: Set(revision),
    }
}

pub(super) fn call_of(row: seat_call::Model) -> Result<SeatCall, Fault> {
    Ok(SeatCall {
        id: CallId(row.call_id),
        skill: row.skill,
        state: SeatCallState::read(row.state)?,
        arrival: row.arrival,
        position: 0,
        queued_at: instant(row.queued_at)?,
        seat: row.seat,
        offered_at: optional_instant(row.offered_at)?,
        expires_at: optional_instant(row.expires_at)?,
        answered_at: optional_instant(row.answered_at)?,
        ended_at: optional_instant(row.ended_at)?,
        last_seat: row.last_seat,
        first_offer: row.first_offer,
        is_training: row.is_training,
        revision: row.revision,
    })
}

pub(super) fn call_row(call: &SeatCall, revision: i64) -> seat_call::ActiveModel {
    seat_call::ActiveModel {
        call_id: Set(call.id.0.clone()),
        skill: Set(call.skill.clone()),
        state: Set(call.state.stored()),
        arrival: Set(call.arrival),
        queued_at: Set(call.queued_at.timestamp_micros()),
        seat: Set(call.seat.clone()),
        offered_at: Set(micros(call.offered_at)),
        expires_at: Set(micros(call.expires_at)),
        answered_at: Set(micros(call.answered_at)),
        ended_at: Set(micros(call.ended_at)),
        last_seat: Set(call.last_seat.clone()),
        first_offer: Set(call.first_offer),
        is_training: Set(call.is_training),
        revision: Set(revision),
    }
}

pub(super) fn skill_of(row: skill::Model) -> Skill {
    let skill::Model { code, name, name_en, is_active, version } = row;
    Skill { code, name, name_en, is_active, version: version.unsigned_abs() }
}

pub(super) fn shift_of(row: shift::Model) -> Shift {
    Shift {
        code: row.code,
        name: row.name,
        weekdays: (1..=7_u8).filter(|day| row.weekdays & (1 << (day - 1)) != 0).collect(),
        opens_at: row.opens_at.unsigned_abs(),
        closes_at: row.closes_at.unsigned_abs(),
        is_active: row.is_active,
        version: row.version.unsigned_abs(),
    }
}

pub(super) fn shift_row(shift: &Shift) -> shift::ActiveModel {
    let weekdays = shift.weekdays.iter().filter(|day| (1..=7).contains(*day));
    shift::ActiveModel {
        code: Set(shift.code.clone()),
        name: Set(shift.name.clone()),
        weekdays: Set(weekdays.fold(0, |days, day| days | (1 << (day - 1)))),
        opens_at: Set(i16::try_from(shift.opens_at).unwrap_or(i16::MAX)),
        closes_at: Set(i16::try_from(shift.closes_at).unwrap_or(i16::MAX)),
        is_active: Set(shift.is_active),
        version: Set(version_number(shift.version)),
    }
}

pub(super) fn call_back_of(row: call_back::Model) -> Result<CallBack, Fault> {
    Ok(CallBack {
        call: CallId(row.call_id),
        skill: row.skill,
        cause: CallBackCause::read(row.cause)?,
        created_at: instant(row.created_at)?,
        due_at: instant(row.due_at)?,
        state: CallBackState::read(row.state)?,
        attempts: row.attempts.unsigned_abs(),
        attempted_at: optional_instant(row.attempted_at)?,
        ticket: row.ticket_number.map(columns::number).transpose()?,
    })
}

pub(super) fn call_back_row(call_back: &CallBack) -> call_back::ActiveModel {
    call_back::ActiveModel {
        call_id: Set(call_back.call.0.clone()),
        skill: Set(call_back.skill.clone()),
        cause: Set(call_back.cause.stored()),
        created_at: Set(call_back.created_at.timestamp_micros()),
        due_at: Set(call_back.due_at.timestamp_micros()),
        state: Set(call_back.state.stored()),
        attempts: Set(version_number(call_back.attempts)),
        attempted_at: Set(micros(call_back.attempted_at)),
        ticket_number: Set(call_back.ticket.map(crate::ticket::number::TicketNumber::as_i64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_of_a_shift_are_kept() {
        for weekdays in [vec![], vec![1], vec![7], vec![1, 2, 3, 4, 5], vec![1, 2, 3, 4, 5, 6, 7]] {
            let shift = Shift {
                code: "day".to_owned(),
                name: "日班".to_owned(),
                weekdays: weekdays.clone(),
                opens_at: 360,
                closes_at: 1_440,
                is_active: true,
                version: 1,
            };
            let row = shift_row(&shift);
            let days = row.weekdays.unwrap();
            let read = shift::Model {
                code: "day".to_owned(),
                name: "日班".to_owned(),
                weekdays: days,
                opens_at: 360,
                closes_at: 1_440,
                is_active: true,
                version: 1,
            };
            assert_eq!(shift_of(read), shift, "{weekdays:?}");
        }
    }
}
