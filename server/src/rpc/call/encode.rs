//! A call as a message of the contract.

use hotline_proto::v1 as pb;

use crate::desk::call::details::{CallDetails, TimedKey};
use crate::desk::call::get_recording::DisclosedRecording;
use crate::desk::call::{Call, DisclosedCall};
use crate::identity::CallNumbers;
use crate::rpc::enums::ContractEnum;
use crate::rpc::scalars::{count, optional_time, time};
use crate::ticket::Instant;
use crate::ticket::dated::Dated;

/// A call in a list, without numbers and tickets.
pub(super) fn listed(call: &Call) -> pb::Call {
    encode(call, &CallNumbers::default())
}

/// A call with what its reader may know.
pub(super) fn disclosed(disclosed: &DisclosedCall) -> pb::Call {
    pb::Call {
        numbers_withheld: disclosed.is_withheld,
        ticket_numbers: disclosed.tickets.iter().map(ToString::to_string).collect(),
        recorded_participants: disclosed.call.details.recordings.keys().cloned().collect(),
        ..encode(&disclosed.call, &disclosed.numbers)
    }
}

fn encode(call: &Call, numbers: &CallNumbers) -> pb::Call {
    let key = pb::CallKey {
        system: call.system.clone(),
        end_to_end_id: call.end_to_end_id.clone().unwrap_or_default(),
        reference: call.reference.clone().unwrap_or_default(),
        start_time: optional_time(call.details.began_at.map(|earliest| earliest.0)),
    };
    pb::Call {
        id: call.id.to_string(),
        key: Some(key),
        details: Some(details(&call.details, numbers)),
        outcome: call.details.outcome().map(ContractEnum::number).unwrap_or_default(),
        hand_over: call.details.hand_over().map(ContractEnum::number).unwrap_or_default(),
        training: call.is_training,
        call_back_number: text(numbers.call_back.as_ref()),
        call_back_wish: text(numbers.call_back_wish.as_ref()),
        ..Default::default()
    }
}

fn text(dated: Option<&Dated<String>>) -> String {
    dated.map(|dated| dated.value.clone()).unwrap_or_default()
}

fn instant(dated: Option<&Dated<Instant>>) -> Option<prost_types::Timestamp> {
    optional_time(dated.map(|dated| dated.value))
}

fn choice<T: ContractEnum + Clone>(dated: Option<&Dated<T>>) -> i32 {
    dated.map(|dated| dated.value.clone()).map(ContractEnum::number).unwrap_or_default()
}

fn number(dated: Option<&Dated<u32>>) -> i32 {
    count(dated.map(|dated| dated.value).unwrap_or_default())
}

fn details(details: &CallDetails, numbers: &CallNumbers) -> pb::CallDetails {
    let pressed = |key: &TimedKey| (Some(time(key.at)), key.name.clone());
    let menu_step = |(key, step): (&TimedKey, &crate::desk::call::details::MenuStep)| {
        let (press_time, keys) = pressed(key);
        pb::CallMenuStep { press_time, keys, label: text(step.label.as_ref()) }
    };
    let rating = |(key, rating): (&TimedKey, &crate::desk::call::details::Rating)| {
        let (press_time, keys) = pressed(key);
        pb::CallRating { press_time, keys, seat: text(rating.seat.as_ref()) }
    };
    pb::CallDetails {
        direction: choice(details.direction.as_ref()),
        calling_number: text(numbers.calling.as_ref()),
        called_number: text(details.called.as_ref()),
        redirecting_number: text(numbers.redirecting.as_ref()),
        trunk: text(details.trunk.as_ref()),
        menu_steps: details.menu_steps.iter().map(menu_step).collect(),
        queues: queues(details),
        offers: offers(details),
        holds: holds(details),
        legs: legs(details, numbers),
        end: end(details),
        ratings: details.ratings.iter().map(rating).collect(),
        training: details.is_training.as_ref().is_some_and(|one| one.value),
    }
}

fn queues(details: &CallDetails) -> Vec<pb::CallQueueStay> {
    let stays = details.queues.iter().map(|(queue, stay)| pb::CallQueueStay {
        queue: queue.clone(),
        join_time: instant(stay.joined_at.as_ref()),
        leave_time: instant(stay.left_at.as_ref()),
        position: number(stay.position.as_ref()),
    });
    stays.collect()
}

fn offers(details: &CallDetails) -> Vec<pb::CallOffer> {
    let offers = details.offers.iter().map(|(key, offer)| pb::CallOffer {
        seat: key.name.clone(),
        offer_time: Some(time(key.at)),
        result: choice(offer.result.as_ref()),
        result_time: instant(offer.result_at.as_ref()),
    });
    offers.collect()
}

fn holds(details: &CallDetails) -> Vec<pb::CallHold> {
    let holds = details.holds.iter().map(|(key, hold)| pb::CallHold {
        start_time: Some(time(key.at)),
        end_time: instant(hold.ended_at.as_ref()),
    });
    holds.collect()
}

fn legs(details: &CallDetails, numbers: &CallNumbers) -> Vec<pb::CallLeg> {
    let legs = details.legs.iter().map(|(id, leg)| {
        let its = numbers.legs.get(id).cloned().unwrap_or_default();
        pb::CallLeg {
            leg: id.clone(),
            kind: choice(leg.kind.as_ref()),
            seat: text(leg.seat.as_ref()),
            from_number: text(its.from.as_ref()),
            to_number: text(its.to.as_ref()),
            result: choice(leg.result.as_ref()),
            start_time: instant(leg.began_at.as_ref()),
            end_time: instant(leg.ended_at.as_ref()),
            hand_over_target: choice(leg.hand_over.as_ref()),
        }
    });
    legs.collect()
}

/// A recording, with where it is.
pub(super) fn recording(participant: &str, recording: &DisclosedRecording) -> pb::Recording {
    let facts = &recording.facts;
    let length = facts.length_bytes.as_ref().map(|length| length.value).unwrap_or_default();
    pb::Recording {
        participant: participant.to_owned(),
        reference: recording.reference.clone(),
        length_bytes: i64::try_from(length).unwrap_or(i64::MAX),
        sha256: text(facts.sha256.as_ref()),
        start_time: instant(facts.began_at.as_ref()),
        duration_seconds: number(facts.duration_seconds.as_ref()),
    }
}

fn end(details: &CallDetails) -> Option<pb::CallEnd> {
    let end = &details.end;
    let ended_at = end.at.as_ref()?;
    Some(pb::CallEnd {
        time: Some(time(ended_at.value)),
        party: choice(end.party.as_ref()),
        cause: text(end.cause.as_ref()),
        talk_seconds: number(end.talk_seconds.as_ref()),
    })
}
