//! `ListAwaitingDispatch`, `AdviseDispatch` and `GetAdviceQuality`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{TicketApi, encode};
use crate::access::Permit;
use crate::assessment::score::Month;
use crate::desk::roster::AdviceQuality;
use crate::desk::roster::advise_dispatch::AdviseDispatch;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::{count, time};
use crate::ticket::{AdviceVerdict, DispatchAdvice, Ticket, TicketNumber, UnitCode, columns};

/// The longest rule, in characters.
const RULE_CHARS_MAX: usize = 500;
/// The longest note, in characters.
const NOTE_CHARS_MAX: usize = 2_000;

impl Handler<TicketApi> for pb::ListAwaitingDispatchRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        fields.finish(())?;
        let rest = Self::default().encode_to_vec();
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest)?;
        let after = page.cursor::<1>()?.map(|[number]| page::parse(&number)).transpose()?;
        let after = after.map(columns::number).transpose().map_err(|_| page::invalid())?;
        let found = api.rosters.list_awaiting_dispatch(permit, after, page.fetch_limit()).await?;
        let cursor = |ticket: &Ticket| ticket.number.as_i64().to_string();
        let (tickets, next_page_token) =
            page.encode(&found, cursor, |ticket| awaiting_ticket(ticket, permit.unit()));
        Ok(pb::ListAwaitingDispatchResponse { tickets, next_page_token })
    }
}

/// A ticket without who called. A unit reads its own advice only.
fn awaiting_ticket(ticket: &Ticket, unit: Option<&UnitCode>) -> pb::AwaitingTicket {
    let advice = ticket.present_advice().filter(|advice| unit.is_none_or(|unit| *unit == advice.unit));
    pb::AwaitingTicket {
        ticket_number: ticket.number.to_string(),
        category: ticket.category.number(),
        complexity: ticket.complexity.number(),
        topic: ticket.topic.clone().unwrap_or_default(),
        district: ticket.district.clone().unwrap_or_default(),
        subject: if unit.is_none() { ticket.staff_subject() } else { &ticket.subject }.to_owned(),
        content: if unit.is_none() { ticket.staff_content() } else { &ticket.content }.to_owned(),
        intake_time: Some(time(ticket.received_at)),
        due_time: Some(time(ticket.cycle.due_at())),
        advice: advice.map(|advice| encode::advice(ticket.number, advice)).collect(),
    }
}

impl Handler<TicketApi> for pb::AdviseDispatchRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = decode(self.advice.as_ref(), &mut fields);
        let command = fields.finish(command)?;
        let command = command.ok_or_else(|| Fault::internal("advice without a violation is missing"))?;
        let answer = |number: TicketNumber, advice: &DispatchAdvice| pb::AdviseDispatchResponse {
            advice: Some(encode::advice(number, advice)),
        };
        api.rosters.advise_dispatch(permit, key, command, answer).await
    }
}

fn decode(advice: Option<&pb::DispatchAdvice>, fields: &mut Fields) -> Option<AdviseDispatch> {
    let Some(advice) = advice else {
        fields.wrong("advice", "is required");
        return None;
    };
    let verdict = fields.choice("advice.verdict", advice.verdict, AdviceVerdict::Responsible);
    let least = usize::from(verdict == AdviceVerdict::NotResponsible);
    Some(AdviseDispatch {
        number: fields.number("advice.ticket_number", &advice.ticket_number),
        verdict,
        rule: fields.text("advice.rule", &advice.rule, least..=RULE_CHARS_MAX, Lines::Many),
        note: fields.text("advice.note", &advice.note, 0..=NOTE_CHARS_MAX, Lines::Many),
    })
}

impl Handler<TicketApi> for pb::GetAdviceQualityRequest {
    async fn handle(&self, api: &TicketApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let month = fields.month("month", &self.month);
        let month = fields.finish(month)?;
        let range = month.begins_at()..month.next().begins_at();
        let found = api.rosters.get_advice_quality(range).await?;
        let units = found.iter().map(|(unit, quality)| encode_quality(month, unit, quality)).collect();
        Ok(pb::GetAdviceQualityResponse { units })
    }
}

fn encode_quality(month: Month, unit: &UnitCode, quality: &AdviceQuality) -> pb::AdviceQuality {
    pb::AdviceQuality {
        month: month.to_string(),
        unit: unit.0.clone(),
        given_count: count(quality.given),
        dispatched_count: count(quality.dispatched),
        followed_count: count(quality.followed),
        settled_count: count(quality.settled),
        right_count: count(quality.right),
    }
}
