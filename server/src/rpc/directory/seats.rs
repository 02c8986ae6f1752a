//! `PutSeat`, `PutSkill`, `ListSkills`, `PutShift` and `ListShifts`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::DirectoryApi;
use crate::access::Permit;
use crate::deadline::TimeOfDay;
use crate::desk::seat::model::SeatSetup;
use crate::desk::seat::{Seat, Shift, Skill};
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::page::Page;
use crate::rpc::seat::encode;

/// The longest name in Chinese, in characters.
const NAME_CHARS_MAX: usize = 100;
/// The longest name in English, in characters.
const NAME_EN_CHARS_MAX: usize = 200;
/// The longest etag, in characters.
const ETAG_CHARS_MAX: usize = 64;
/// Skills of one seat.
const SKILLS_MAX: usize = 32;

fn internal() -> Fault {
    Fault::internal("a message without a violation is missing")
}

impl Handler<DirectoryApi> for pb::PutSeatRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let seat = decode_seat(self.seat.as_ref(), &mut fields);
        let seat = fields.finish(seat)?.ok_or_else(internal)?;
        let answer = |seat: &Seat| pb::PutSeatResponse { seat: Some(encode::seat(seat)) };
        api.seats.put_seat(permit, key, seat, answer).await
    }
}

fn decode_seat(seat: Option<&pb::Seat>, fields: &mut Fields) -> Option<(SeatSetup, Option<String>)> {
    let Some(seat) = seat else {
        fields.wrong("seat", "is required");
        return None;
    };
    let mut skills = Vec::new();
    if (1..=SKILLS_MAX).contains(&seat.skills.len()) {
        for (place, code) in seat.skills.iter().enumerate() {
            let field = format!("seat.skills[{place}]");
            if skills.contains(code) {
                fields.wrong(field, "is named already");
            } else {
                skills.push(fields.skill(&field, code));
            }
        }
    } else {
        fields.wrong("seat.skills", format!("has 1 to {SKILLS_MAX} entries"));
    }
    let setup = SeatSetup {
        code: fields.exchange_name("seat.code", &seat.code),
        name: fields.text("seat.name", &seat.name, 1..=NAME_CHARS_MAX, Lines::One),
        skills,
        is_training: seat.training,
        is_active: seat.active,
        version: 0,
    };
    Some((setup, fields.optional("seat.etag", &seat.etag, ETAG_CHARS_MAX)))
}

impl Handler<DirectoryApi> for pb::PutSkillRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let skill = decode_skill(self.skill.as_ref(), &mut fields);
        let skill = fields.finish(skill)?.ok_or_else(internal)?;
        let answer = |skill: &Skill| pb::PutSkillResponse { skill: Some(encode_skill(skill)) };
        api.seats.put_skill(permit, key, skill, answer).await
    }
}

fn decode_skill(skill: Option<&pb::Skill>, fields: &mut Fields) -> Option<(Skill, Option<String>)> {
    let Some(skill) = skill else {
        fields.wrong("skill", "is required");
        return None;
    };
    let put = Skill {
        code: fields.skill("skill.code", &skill.code),
        name: fields.text("skill.name", &skill.name, 1..=NAME_CHARS_MAX, Lines::One),
        name_en: fields.text("skill.name_en", &skill.name_en, 0..=NAME_EN_CHARS_MAX, Lines::One),
        is_active: skill.active,
        version: 0,
    };
    Some((put, fields.optional("skill.etag", &skill.etag, ETAG_CHARS_MAX)))
}

fn encode_skill(skill: &Skill) -> pb::Skill {
    pb::Skill {
        code: skill.code.clone(),
        name: skill.name.clone(),
        name_en: skill.name_en.clone(),
        active: skill.is_active,
        etag: skill.etag(),
    }
}

impl Handler<DirectoryApi> for pb::ListSkillsRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        fields.finish(())?;
        let rest = Self::default().encode_to_vec();
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest)?;
        let after = page.cursor::<1>()?.map(|[code]| code);
        let found = api.seats.list_skills(after.as_deref(), page.fetch_limit()).await?;
        let (skills, next_page_token) = page.encode(&found, |skill| skill.code.clone(), encode_skill);
        Ok(pb::ListSkillsResponse { skills, next_page_token })
    }
}

impl Handler<DirectoryApi> for pb::PutShiftRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let shift = decode_shift(self.shift.as_ref(), &mut fields);
        let shift = fields.finish(shift)?.ok_or_else(internal)?;
        let answer = |shift: &Shift| pb::PutShiftResponse { shift: Some(encode_shift(shift)) };
        api.seats.put_shift(permit, key, shift, answer).await
    }
}

/// Days of the week, each once.
pub(super) fn weekdays(fields: &mut Fields, field: &str, days: &[i32]) -> Vec<u8> {
    let mut weekdays: Vec<u8> = days.iter().filter_map(|day| u8::try_from(*day).ok()).collect();
    weekdays.sort_unstable();
    weekdays.dedup();
    let is_whole = weekdays.len() == days.len() && !weekdays.is_empty();
    if !is_whole || weekdays.iter().any(|day| !(1..=7).contains(day)) {
        fields.wrong(field, "has days from 1 (Monday) to 7 (Sunday), each once");
    }
    weekdays
}

/// The minute of a time of day.
pub(super) fn minute(fields: &mut Fields, field: &str, text: &str) -> u16 {
    TimeOfDay::try_from(text.to_owned()).map_or_else(
        |_| {
            fields.wrong(field, "is a time of day from 00:00 to 24:00");
            0
        },
        TimeOfDay::minutes,
    )
}

fn decode_shift(shift: Option<&pb::Shift>, fields: &mut Fields) -> Option<(Shift, Option<String>)> {
    let Some(shift) = shift else {
        fields.wrong("shift", "is required");
        return None;
    };
    let weekdays = weekdays(fields, "shift.weekdays", &shift.weekdays);
    let opens_at = minute(fields, "shift.open_time_of_day", &shift.open_time_of_day);
    let closes_at = minute(fields, "shift.close_time_of_day", &shift.close_time_of_day);
    if opens_at >= closes_at {
        fields.wrong("shift.close_time_of_day", "is later than the opening");
    }
    let put = Shift {
        code: fields.skill("shift.code", &shift.code),
        name: fields.text("shift.name", &shift.name, 1..=NAME_CHARS_MAX, Lines::One),
        weekdays,
        opens_at,
        closes_at,
        is_active: shift.active,
        version: 0,
    };
    Some((put, fields.optional("shift.etag", &shift.etag, ETAG_CHARS_MAX)))
}

fn encode_shift(shift: &Shift) -> pb::Shift {
    let time_of_day = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    pb::Shift {
        code: shift.code.clone(),
        name: shift.name.clone(),
        weekdays: shift.weekdays.iter().map(|day| i32::from(*day)).collect(),
        open_time_of_day: time_of_day(shift.opens_at),
        close_time_of_day: time_of_day(shift.closes_at),
        active: shift.is_active,
        etag: shift.etag(),
    }
}

impl Handler<DirectoryApi> for pb::ListShiftsRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        fields.finish(())?;
        let rest = Self::default().encode_to_vec();
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest)?;
        let after = page.cursor::<1>()?.map(|[code]| code);
        let found = api.seats.list_shifts(after.as_deref(), page.fetch_limit()).await?;
        let (shifts, next_page_token) = page.encode(&found, |shift| shift.code.clone(), encode_shift);
        Ok(pb::ListShiftsResponse { shifts, next_page_token })
    }
}
