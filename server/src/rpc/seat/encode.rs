//! Seats and calls as messages of the contract.

use hotline_proto::v1 as pb;

use crate::desk::seat::{Seat, SeatCall};
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::scalars::{count, optional_time, time};

/// A seat with its agent.
pub(in crate::rpc) fn seat(seat: &Seat) -> pb::Seat {
    pb::Seat {
        code: seat.setup.code.clone(),
        name: seat.setup.name.clone(),
        skills: seat.setup.skills.clone(),
        training: seat.setup.is_training,
        active: seat.setup.is_active,
        etag: seat.setup.etag(),
        status: seat.status.number(),
        break_reason: seat.break_reason.map(super::super::enums::ContractEnum::number).unwrap_or_default(),
        principal: seat.principal.clone().unwrap_or_default(),
        status_time: Some(time(seat.since)),
        call_id: seat.call.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

/// Where a call stands.
pub(super) fn call(call: &SeatCall) -> pb::SeatCall {
    pb::SeatCall {
        call_id: call.id.to_string(),
        skill: call.skill.clone(),
        state: call.state.number(),
        position: count(call.position),
        seat: call.seat.clone().unwrap_or_default(),
        queue_time: Some(time(call.queued_at)),
        offer_time: optional_time(call.offered_at),
        offer_expire_time: optional_time(call.expires_at),
        training: call.is_training,
    }
}
