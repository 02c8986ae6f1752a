//! `ListCallBacks` and `RecordCallBack`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::CallApi;
use crate::access::Permit;
use crate::desk::seat::record_call_back::CallBackOutcome;
use crate::desk::seat::{CallBack, CallBackState};
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::{count, optional_time, time};

impl Handler<CallApi> for pb::ListCallBacksRequest {
    async fn handle(&self, api: &CallApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let state = fields.optional_choice("state", self.state).unwrap_or(CallBackState::Open);
        let state = fields.finish(state)?;
        let rest = Self { page_size: 0, page_token: String::new(), ..*self };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<2>()? {
            Some([at, id]) => Some((page::parse(&at)?, id)),
            None => None,
        };
        let found = api.seats.list_call_backs(state, after, page.fetch_limit()).await?;
        let cursor = |one: &CallBack| format!("{}\n{}", one.due_at.timestamp_micros(), one.call);
        let (call_backs, next_page_token) = page.encode(&found, cursor, encode);
        Ok(pb::ListCallBacksResponse { call_backs, next_page_token })
    }
}

impl Handler<CallApi> for pb::RecordCallBackRequest {
    async fn handle(&self, api: &CallApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let call = fields.call_id("call_id", &self.call_id);
        let outcome = outcome_of(self, &mut fields);
        let recorded = fields.finish((call, outcome))?;
        let answer = |call_back: &CallBack| pb::RecordCallBackResponse { call_back: Some(encode(call_back)) };
        api.seats.record_call_back(permit, key, recorded, answer).await
    }
}

fn outcome_of(request: &pb::RecordCallBackRequest, fields: &mut Fields) -> CallBackOutcome {
    let outcome = pb::CallBackOutcome::try_from(request.outcome).unwrap_or_default();
    if outcome == pb::CallBackOutcome::Reached {
        return CallBackOutcome::Reached(fields.number("ticket_number", &request.ticket_number));
    }
    if !request.ticket_number.is_empty() {
        fields.wrong("ticket_number", "is for a company that was reached");
    }
    match outcome {
        pb::CallBackOutcome::NotReached => CallBackOutcome::NotReached,
        pb::CallBackOutcome::Dropped => CallBackOutcome::Dropped,
        _ => {
            fields.wrong("outcome", "is required, and one of the contract's values");
            CallBackOutcome::NotReached
        }
    }
}

fn encode(call_back: &CallBack) -> pb::CallBack {
    pb::CallBack {
        call_id: call_back.call.to_string(),
        skill: call_back.skill.clone(),
        cause: call_back.cause.number(),
        create_time: Some(time(call_back.created_at)),
        due_time: Some(time(call_back.due_at)),
        state: call_back.state.number(),
        attempt_count: count(call_back.attempts),
        attempt_time: optional_time(call_back.attempted_at),
        ticket_number: call_back.ticket.map(|number| number.to_string()).unwrap_or_default(),
    }
}
