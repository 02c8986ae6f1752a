//! A reported part of a call: its key, what it says, and the numbers that it gives.
//!
//! Instants are kept as they came, also those that count as now elsewhere: the same part must be the same whenever it
//! arrives. One that is further ahead of the server's clock is refused, because its values would stay for ever.

use std::collections::BTreeMap;

use hotline_proto::v1 as pb;

use crate::desk::call::details::{
    CallDetails, End, Hold, ITEMS_MAX, Leg, MenuStep, Offer, QueueStay, Rating, RecordingFacts, TimedKey,
};
use crate::desk::call::report_call::ReportCall;
use crate::identity::{CallNumbers, LegNumbers};
use crate::rpc::fields::Fields;
use crate::ticket::codes::given;
use crate::ticket::dated::{Dated, Earliest};
use crate::ticket::{CallKey, ExchangeId, Instant};

/// Characters of a menu's label.
const LABEL_CHARS_MAX: usize = 64;
/// Keys of one menu step or rating. Longer input may name the caller.
const KEYS_MAX: usize = 4;
/// The longest talk, in seconds, that is no mistake of the exchange: a week.
const TALK_SECONDS_MAX: i32 = 7 * 24 * 3_600;
/// Hexadecimal digits of a SHA-256.
const SHA256_DIGITS: usize = 64;
/// The longest reference of a recording, in characters.
const RECORDING_REFERENCE_MAX: usize = 512;

/// The instant of the part, by which each of its values is dated.
#[derive(Clone, Copy)]
struct Part(Instant);

impl Part {
    fn dated<T>(self, value: Option<T>) -> Option<Dated<T>> {
        value.map(|value| Dated { at: self.0, value })
    }
}

/// A part of a call.
pub(super) fn part(request: &pb::ReportCallRequest, fields: &mut Fields) -> ReportCall {
    let (key, began_at) = key(request.key.as_ref(), fields);
    let made_at = fields.required_past_time("part_time", request.part_time.as_ref());
    let part = Part(made_at);
    let reference = request.key.as_ref().map(|key| key.reference.clone()).filter(|one| !one.is_empty());
    let given = request.details.clone().unwrap_or_default();
    let is_end_to_end = matches!(key.id, ExchangeId::EndToEnd(_));
    let details = CallDetails {
        began_at: began_at.map(Earliest),
        first_part_at: Some(Earliest(made_at)),
        reference: part.dated(reference.filter(|_| is_end_to_end)),
        ..details(&given, part, fields)
    };
    ReportCall { key, details, numbers: numbers(&given, part) }
}

/// A recording, as a part of its call.
pub(super) fn recording(request: &pb::AttachRecordingRequest, fields: &mut Fields) -> ReportCall {
    let (key, began_at) = key(request.key.as_ref(), fields);
    let part = Part(fields.required_past_time("part_time", request.part_time.as_ref()));
    let given = request.recording.clone().unwrap_or_default();
    if request.recording.is_none() {
        fields.wrong("recording", "is required");
    }
    let participant = fields.exchange_name("recording.participant", &given.participant);
    let starts_at = fields.required_past_time("recording.start_time", given.start_time.as_ref());
    let duration = count(fields, "recording.duration_seconds", given.duration_seconds, TALK_SECONDS_MAX);
    let length = u64::try_from(given.length_bytes).ok().filter(|length| *length > 0);
    if length.is_none() {
        fields.wrong("recording.length_bytes", "is greater than 0");
    }
    let is_digest = given.sha256.len() == SHA256_DIGITS
        && given.sha256.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if !is_digest {
        fields.wrong("recording.sha256", "has 64 hexadecimal digits in lower case");
    }
    let is_reference = (1..=RECORDING_REFERENCE_MAX).contains(&given.reference.len())
        && given.reference.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_reference {
        fields.wrong("recording.reference", "has 1 to 512 visible ASCII characters");
    }
    let facts = RecordingFacts {
        length_bytes: part.dated(length),
        sha256: part.dated(Some(given.sha256)),
        began_at: part.dated(Some(starts_at)),
        duration_seconds: part.dated(duration),
    };
    let details = CallDetails {
        began_at: began_at.map(Earliest),
        first_part_at: Some(Earliest(starts_at)),
        recordings: BTreeMap::from([(participant.clone(), facts)]),
        ..CallDetails::default()
    };
    let recordings = BTreeMap::from([(participant, part.dated(Some(given.reference)))]);
    ReportCall { key, details, numbers: CallNumbers { recordings, ..CallNumbers::default() } }
}

fn key(key: Option<&pb::CallKey>, fields: &mut Fields) -> (CallKey, Option<Instant>) {
    let empty = pb::CallKey::default();
    let key = key.unwrap_or_else(|| {
        fields.wrong("key", "is required");
        &empty
    });
    let began_at = fields.past_time("key.start_time", key.start_time.as_ref());
    let system = fields.source_system("key.system", &key.system);
    let id = if key.end_to_end_id.is_empty() {
        if key.start_time.is_none() {
            fields.wrong("key.start_time", "is required without an end-to-end id");
        }
        let reference = fields.source_reference("key.reference", &key.reference);
        ExchangeId::Reference { reference, began_at: began_at.unwrap_or_default() }
    } else {
        if !key.reference.is_empty() {
            fields.source_reference("key.reference", &key.reference);
        }
        ExchangeId::EndToEnd(fields.source_reference("key.end_to_end_id", &key.end_to_end_id))
    };
    (CallKey { system, id }, began_at)
}

fn details(given: &pb::CallDetails, part: Part, fields: &mut Fields) -> CallDetails {
    CallDetails {
        direction: part.dated(fields.optional_choice("details.direction", given.direction)),
        called: part.dated(visible(fields, "details.called_number", &given.called_number)),
        trunk: part.dated(visible(fields, "details.trunk", &given.trunk)),
        menu_steps: items("menu_steps", &given.menu_steps, fields, |at, step, fields| {
            let label = fields.optional(&format!("{at}.label"), &step.label, LABEL_CHARS_MAX);
            let key = pressed(at, step.press_time.as_ref(), &step.keys, fields);
            (key, MenuStep { label: part.dated(label) })
        }),
        queues: items("queues", &given.queues, fields, |at, stay, fields| {
            let stay_in = QueueStay {
                joined_at: part.dated(fields.past_time(&format!("{at}.join_time"), stay.join_time.as_ref())),
                left_at: part.dated(fields.past_time(&format!("{at}.leave_time"), stay.leave_time.as_ref())),
                position: part.dated(count(fields, &format!("{at}.position"), stay.position, i32::MAX)),
            };
            (fields.exchange_name(&format!("{at}.queue"), &stay.queue), stay_in)
        }),
        offers: items("offers", &given.offers, fields, |at, offer, fields| {
            let made = Offer {
                result: part.dated(fields.optional_choice(&format!("{at}.result"), offer.result)),
                result_at: part
                    .dated(fields.past_time(&format!("{at}.result_time"), offer.result_time.as_ref())),
            };
            let name = fields.exchange_name(&format!("{at}.seat"), &offer.seat);
            let at = fields.required_past_time(&format!("{at}.offer_time"), offer.offer_time.as_ref());
            (TimedKey { at, name }, made)
        }),
        holds: items("holds", &given.holds, fields, |at, hold, fields| {
            let ended_at = part.dated(fields.past_time(&format!("{at}.end_time"), hold.end_time.as_ref()));
            let at = fields.required_past_time(&format!("{at}.start_time"), hold.start_time.as_ref());
            (TimedKey { at, name: String::new() }, Hold { ended_at })
        }),
        legs: items("legs", &given.legs, fields, |at, leg, fields| {
            let its = Leg {
                kind: part.dated(fields.optional_choice(&format!("{at}.kind"), leg.kind)),
                seat: part.dated(seat(fields, &format!("{at}.seat"), &leg.seat)),
                result: part.dated(fields.optional_choice(&format!("{at}.result"), leg.result)),
                hand_over: part
                    .dated(fields.optional_choice(&format!("{at}.hand_over_target"), leg.hand_over_target)),
                began_at: part.dated(fields.past_time(&format!("{at}.start_time"), leg.start_time.as_ref())),
                ended_at: part.dated(fields.past_time(&format!("{at}.end_time"), leg.end_time.as_ref())),
            };
            (fields.source_reference(&format!("{at}.leg"), &leg.leg), its)
        }),
        end: given.end.as_ref().map(|ended| end(ended, part, fields)).unwrap_or_default(),
        ratings: items("ratings", &given.ratings, fields, |at, rating, fields| {
            let seat = part.dated(seat(fields, &format!("{at}.seat"), &rating.seat));
            (pressed(at, rating.press_time.as_ref(), &rating.keys, fields), Rating { seat })
        }),
        is_training: part.dated(given.training.then_some(true)),
        ..CallDetails::default()
    }
}

fn end(end: &pb::CallEnd, part: Part, fields: &mut Fields) -> End {
    let at = fields.required_past_time("details.end.time", end.time.as_ref());
    let talk_seconds = count(fields, "details.end.talk_seconds", end.talk_seconds, TALK_SECONDS_MAX);
    End {
        at: part.dated(Some(at)),
        party: part.dated(fields.optional_choice("details.end.party", end.party)),
        cause: part.dated(visible(fields, "details.end.cause", &end.cause)),
        talk_seconds: part.dated(talk_seconds),
    }
}

/// A bounded list, by the keys of its items.
fn items<P, K: Ord, V>(
    list: &str,
    given: &[P],
    fields: &mut Fields,
    read: impl Fn(&str, &P, &mut Fields) -> (K, V),
) -> BTreeMap<K, V> {
    if given.len() > ITEMS_MAX {
        fields.wrong(format!("details.{list}"), format!("has at most {ITEMS_MAX} entries"));
        return BTreeMap::new();
    }
    let items = given.iter().enumerate();
    items.map(|(place, item)| read(&format!("details.{list}[{place}]"), item, fields)).collect()
}

/// Pressed keys and their instant.
fn pressed(at: &str, time: Option<&prost_types::Timestamp>, keys: &str, fields: &mut Fields) -> TimedKey {
    let is_keys = (1..=KEYS_MAX).contains(&keys.len())
        && keys.bytes().all(|key| key.is_ascii_digit() || b"*#ABCD".contains(&key));
    if !is_keys {
        fields.wrong(format!("{at}.keys"), format!("has 1 to {KEYS_MAX} of [0-9*#A-D]"));
    }
    let pressed_at = fields.required_past_time(&format!("{at}.press_time"), time);
    TimedKey { at: pressed_at, name: keys.to_owned() }
}

/// A seat, if one is given.
fn seat(fields: &mut Fields, field: &str, value: &str) -> Option<String> {
    (!value.is_empty()).then(|| fields.exchange_name(field, value))
}

/// Visible ASCII characters, if some are given.
fn visible(fields: &mut Fields, field: &str, value: &str) -> Option<String> {
    const CHARS_MAX: usize = 64;
    if value.len() > CHARS_MAX || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        fields.wrong(field, format!("has at most {CHARS_MAX} visible ASCII characters"));
    }
    Some(value.to_owned()).filter(|value| !value.is_empty())
}

/// A count, if it is not zero.
fn count(fields: &mut Fields, field: &str, value: i32, max: i32) -> Option<u32> {
    if !(0..=max).contains(&value) {
        fields.wrong(field, format!("is 0 to {max}"));
    }
    Some(value.unsigned_abs()).filter(|value| *value > 0)
}

/// The numbers that a part gives, as they came. Nothing is refused, because exchanges give many forms.
fn numbers(details: &pb::CallDetails, part: Part) -> CallNumbers {
    let legs = details.legs.iter().take(ITEMS_MAX).filter_map(|leg| {
        let (from, to) = (given(&leg.from_number), given(&leg.to_number));
        let has_any = from.is_some() || to.is_some();
        has_any.then(|| (leg.leg.clone(), LegNumbers { from: part.dated(from), to: part.dated(to) }))
    });
    CallNumbers {
        calling: part.dated(given(&details.calling_number)),
        redirecting: part.dated(given(&details.redirecting_number)),
        legs: legs.collect(),
        recordings: BTreeMap::new(),
        ..CallNumbers::default()
    }
}
