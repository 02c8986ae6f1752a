//! `PutRoster` and `ListRosters`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::DirectoryApi;
use super::seats::{minute, weekdays};
use crate::access::Permit;
use crate::desk::roster::Roster;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::page::Page;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 100;
/// The longest etag, in characters.
const ETAG_CHARS_MAX: usize = 64;
/// Topics of one roster.
const TOPICS_MAX: usize = 64;

impl Handler<DirectoryApi> for pb::PutRosterRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let roster = decode(self.roster.as_ref(), &mut fields);
        let roster = fields.finish(roster)?;
        let roster = roster.ok_or_else(|| Fault::internal("a roster without a violation is missing"))?;
        let answer = |roster: &Roster| pb::PutRosterResponse { roster: Some(encode(roster)) };
        api.rosters.put_roster(permit, key, roster, answer).await
    }
}

fn decode(roster: Option<&pb::Roster>, fields: &mut Fields) -> Option<(Roster, Option<String>)> {
    let Some(roster) = roster else {
        fields.wrong("roster", "is required");
        return None;
    };
    let opens_at = minute(fields, "roster.open_time_of_day", &roster.open_time_of_day);
    let closes_at = minute(fields, "roster.close_time_of_day", &roster.close_time_of_day);
    if opens_at >= closes_at {
        fields.wrong("roster.close_time_of_day", "is later than the opening");
    }
    let put = Roster {
        code: fields.skill("roster.code", &roster.code),
        name: fields.text("roster.name", &roster.name, 1..=NAME_CHARS_MAX, Lines::One),
        unit: fields.unit("roster.unit", &roster.unit),
        topics: topics(fields, &roster.topics),
        weekdays: weekdays(fields, "roster.weekdays", &roster.weekdays),
        opens_at,
        closes_at,
        is_active: roster.active,
        version: 0,
    };
    Some((put, fields.optional("roster.etag", &roster.etag, ETAG_CHARS_MAX)))
}

fn topics(fields: &mut Fields, codes: &[String]) -> Vec<String> {
    let mut topics = Vec::new();
    if !(1..=TOPICS_MAX).contains(&codes.len()) {
        fields.wrong("roster.topics", format!("has 1 to {TOPICS_MAX} entries"));
        return topics;
    }
    for (place, code) in codes.iter().enumerate() {
        let field = format!("roster.topics[{place}]");
        if topics.contains(code) {
            fields.wrong(field, "is named already");
        } else if let Some(topic) = fields.topic(&field, code) {
            topics.push(topic);
        } else {
            fields.wrong(field, "is required");
        }
    }
    topics
}

fn encode(roster: &Roster) -> pb::Roster {
    let time_of_day = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    pb::Roster {
        code: roster.code.clone(),
        name: roster.name.clone(),
        unit: roster.unit.0.clone(),
        topics: roster.topics.clone(),
        weekdays: roster.weekdays.iter().map(|day| i32::from(*day)).collect(),
        open_time_of_day: time_of_day(roster.opens_at),
        close_time_of_day: time_of_day(roster.closes_at),
        active: roster.is_active,
        etag: roster.etag(),
    }
}

impl Handler<DirectoryApi> for pb::ListRostersRequest {
    async fn handle(&self, api: &DirectoryApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        fields.finish(())?;
        let rest = Self::default().encode_to_vec();
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest)?;
        let after = page.cursor::<1>()?.map(|[code]| code);
        let found = api.rosters.list_rosters(permit, after.as_deref(), page.fetch_limit()).await?;
        let (rosters, next_page_token) = page.encode(&found, |roster| roster.code.clone(), encode);
        Ok(pb::ListRostersResponse { rosters, next_page_token })
    }
}
