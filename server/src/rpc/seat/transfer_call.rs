//! `TransferCall`: to a skill, or as a three-way call.

use hotline_proto::v1 as pb;
use pb::transfer_call_request::Target;

use super::{SeatApi, encode};
use crate::access::Permit;
use crate::desk::seat::transfer_call::{TransferTarget, Transferred};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<SeatApi> for pb::TransferCallRequest {
    async fn handle(&self, api: &SeatApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let call = fields.call_id("call_id", &self.call_id);
        let target = target_of(self.target.as_ref(), &mut fields);
        let transfer = fields.finish((call, target))?;
        let answer = |transferred: &Transferred| match transferred {
            Transferred::To(call) => {
                pb::TransferCallResponse { call: Some(encode::call(call)), policy_number: String::new() }
            }
            Transferred::Dial(number) => {
                pb::TransferCallResponse { call: None, policy_number: number.clone() }
            }
        };
        api.seats.transfer_call(permit, key, transfer, answer).await
    }
}

fn target_of(target: Option<&Target>, fields: &mut Fields) -> TransferTarget {
    match target {
        Some(Target::ThreeWay(three_way)) => {
            let unit = fields.unit("three_way.unit", &three_way.unit);
            let outcome = fields.optional_choice("three_way.outcome", three_way.outcome);
            TransferTarget::ThreeWay(unit, outcome)
        }
        Some(Target::Skill(skill)) => TransferTarget::Skill(fields.skill("skill", skill)),
        None => {
            fields.wrong("skill", "is required, or three_way");
            TransferTarget::Skill(String::new())
        }
    }
}
