//! `SignIn`, `SignOut`, `SetSeatStatus`, `Heartbeat` and `DeclineOffer`: what an agent does.

use hotline_proto::v1 as pb;

use super::{SeatApi, encode};
use crate::access::Permit;
use crate::desk::seat::set_seat_status::SetSeatStatus;
use crate::desk::seat::sign_in::SignedIn;
use crate::desk::seat::{BreakReason, Seat, SeatStatus};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::scalars::{count, optional_time};

impl Handler<SeatApi> for pb::SignInRequest {
    async fn handle(&self, api: &SeatApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let seat = fields.exchange_name("seat", &self.seat);
        let seat = fields.finish(seat)?;
        let answer = |signed_in: &SignedIn| pb::SignInResponse {
            seat: Some(encode::seat(&signed_in.seat)),
            heartbeat_interval_seconds: count(signed_in.heartbeat_interval_seconds),
        };
        api.seats.sign_in(permit, key, seat, answer).await
    }
}

impl Handler<SeatApi> for pb::SignOutRequest {
    async fn handle(&self, api: &SeatApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let seat = (!self.seat.is_empty()).then(|| fields.exchange_name("seat", &self.seat));
        let seat = fields.finish(seat)?;
        let answer = |seat: &Seat| pb::SignOutResponse { seat: Some(encode::seat(seat)) };
        api.seats.sign_out(permit, key, seat, answer).await
    }
}

impl Handler<SeatApi> for pb::SetSeatStatusRequest {
    async fn handle(&self, api: &SeatApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let status = fields.choice("status", self.status, SeatStatus::Ready);
        let break_reason = fields.optional_choice("break_reason", self.break_reason);
        let is_settable = matches!(status, SeatStatus::Ready | SeatStatus::WrapUp | SeatStatus::Break);
        if !is_settable {
            fields.wrong("status", "is READY, WRAP_UP or BREAK");
        }
        match (status, break_reason) {
            (SeatStatus::Break, None) => fields.wrong("break_reason", "is required for a break"),
            (SeatStatus::Break, Some(BreakReason::SignedIn | BreakReason::OfferTimedOut)) => {
                fields.wrong("break_reason", "is not one that the server sets");
            }
            (SeatStatus::Break, Some(_)) | (_, None) => {}
            (_, Some(_)) => fields.wrong("break_reason", "is for a break"),
        }
        let command = fields.finish(SetSeatStatus { status, break_reason })?;
        let answer = |seat: &Seat| pb::SetSeatStatusResponse { seat: Some(encode::seat(seat)) };
        api.seats.set_seat_status(permit, key, command, answer).await
    }
}

impl Handler<SeatApi> for pb::HeartbeatRequest {
    async fn handle(&self, api: &SeatApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let (seat, expires_at) = api.seats.heartbeat(permit).await?;
        Ok(pb::HeartbeatResponse {
            seat: Some(encode::seat(&seat)),
            offer_expire_time: optional_time(expires_at),
        })
    }
}

impl Handler<SeatApi> for pb::DeclineOfferRequest {
    async fn handle(&self, api: &SeatApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let call = fields.call_id("call_id", &self.call_id);
        let call = fields.finish(call)?;
        let answer = |seat: &Seat| pb::DeclineOfferResponse { seat: Some(encode::seat(seat)) };
        api.seats.decline_offer(permit, key, call, answer).await
    }
}
