//! `OfferCall`, `AnswerCall` and `EndCall`: what an exchange says.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{SeatApi, encode};
use crate::access::Permit;
use crate::desk::seat::offer_call::OfferCall;
use crate::desk::seat::{CallBackWish, SeatCall};
use crate::platform::Fault;
use crate::platform::idempotency::{RequestKey, fingerprint};
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::ticket::codes::given;

/// The longest wish of a caller, in characters.
const WISH_CHARS_MAX: usize = 200;

impl Handler<SeatApi> for pb::OfferCallRequest {
    async fn handle(&self, api: &SeatApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let request_id = fields.request_id(&self.request_id);
        let fingerprint = fingerprint_of(permit, self);
        let key = RequestKey { principal: permit.principal().to_owned(), request_id, fingerprint };
        let wish = self.call_back.as_ref().map(|wished| CallBackWish {
            number: given(&wished.number),
            wish: fields.optional("call_back.wish", &wished.wish, WISH_CHARS_MAX),
        });
        let call = fields.call_id("call_id", &self.call_id);
        let skill = fields.skill("skill", &self.skill);
        let offer = fields.finish(OfferCall { call, skill, wish })?;
        let answer = |call: &SeatCall| pb::OfferCallResponse { call: Some(encode::call(call)) };
        api.seats.offer_call(permit, key, offer, answer).await
    }
}

/// The fingerprint that identifies repeats. It has nothing of what the caller wishes: eleven digits can be guessed from
/// a digest.
fn fingerprint_of(permit: &Permit, request: &pb::OfferCallRequest) -> String {
    let call_back = request.call_back.as_ref().map(|_| pb::CallBackWish::default());
    let comparable = pb::OfferCallRequest { request_id: String::new(), call_back, ..request.clone() };
    fingerprint(permit.method().path, None, &comparable.encode_to_vec())
}

impl Handler<SeatApi> for pb::AnswerCallRequest {
    async fn handle(&self, api: &SeatApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let call = fields.call_id("call_id", &self.call_id);
        let seat = fields.exchange_name("seat", &self.seat);
        let answered = fields.finish((call, seat))?;
        let answer = |call: &SeatCall| pb::AnswerCallResponse { call: Some(encode::call(call)) };
        api.seats.answer_call(permit, key, answered, answer).await
    }
}

impl Handler<SeatApi> for pb::EndCallRequest {
    async fn handle(&self, api: &SeatApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let call = fields.call_id("call_id", &self.call_id);
        let call = fields.finish(call)?;
        let answer = |call: Option<&SeatCall>| pb::EndCallResponse { call: call.map(encode::call) };
        api.seats.end_call(permit, key, call, answer).await
    }
}

#[cfg(test)]
mod tests {
    use hotline_proto::METHODS;
    use hotline_proto::v1::Role;

    use super::*;
    use crate::access::Caller;

    #[test]
    fn no_guess_at_a_wish_changes_the_fingerprint() {
        let caller =
            Caller { principal: "switch".to_owned(), roles: vec![Role::Telephony], ..Caller::default() };
        let row = METHODS.iter().find(|row| row.method == "OfferCall").expect("a method");
        let permit = Permit::grant(caller, row).expect("telephony offers");
        let offer = |number: &str, skill: &str| pb::OfferCallRequest {
            skill: skill.to_owned(),
            call_back: Some(pb::CallBackWish { number: number.to_owned(), wish: number.to_owned() }),
            ..Default::default()
        };
        let first = fingerprint_of(&permit, &offer("13800138000", "enterprise"));
        assert_eq!(fingerprint_of(&permit, &offer("13900139000", "enterprise")), first);
        assert_ne!(fingerprint_of(&permit, &offer("13800138000", "tax")), first);
        let without = pb::OfferCallRequest { skill: "enterprise".to_owned(), ..Default::default() };
        assert_ne!(fingerprint_of(&permit, &without), first, "to wait is another request");
    }
}
