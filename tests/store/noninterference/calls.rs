//! The calls behind tickets. The exchange reports the number of each system's own caller, or a guess that is the same
//! in both. Staff read the call, and search for calls by a number that is right in one system.

use hotline_proto::v1 as pb;
use prost::Message as _;
use tonic::{Status, Streaming};

use super::system_pair::{Actor, SystemPair};
use crate::store::random::Random;

/// The key of the call behind a request; `None` if it did not come by telephone.
fn key(request: &pb::CreateTicketRequest) -> Option<pb::CallKey> {
    let source = request.source.as_ref().filter(|_| request.channel == pb::Channel::Telephone as i32)?;
    Some(pb::CallKey {
        system: source.system.clone(),
        reference: source.reference.clone(),
        start_time: request.call_start_time,
        ..Default::default()
    })
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

fn phone(request: &pb::CreateTicketRequest) -> String {
    request.contact.as_ref().map(|contact| contact.phone.clone()).unwrap_or_default()
}

/// Reports a part of the call behind a ticket, reads the call, and searches for calls by a number. For a ticket that
/// did not come by telephone, nothing is done.
pub(super) async fn exchange(
    pair: &mut SystemPair,
    requests: &[pb::CreateTicketRequest; 2],
    ticket: &str,
) -> Result<(), String> {
    let Some(key) = key(&requests[0]) else { return Ok(()) };
    let part_time = key.start_time;
    // A generator of its own leaves the other choices of a seed as they are.
    let mut random = Random::new(pair.seed ^ (pair.compared << 20));
    let request_id = random.uuid().to_string();
    // A guess is the same in both systems, and right in one of them.
    let guess = random.percent(30).then(|| usize::from(random.percent(50)));
    let is_same_id = random.percent(30);
    let mut reported = None;
    for nth in 0..2 {
        let request_id = if is_same_id || nth == 0 { request_id.clone() } else { random.uuid().to_string() };
        let report = [0, 1].map(|side: usize| {
            let number = phone(&requests[if nth == 0 { side } else { guess.unwrap_or(side) }]);
            let leg = pb::CallLeg { leg: "1".to_owned(), from_number: number.clone(), ..Default::default() };
            let details = pb::CallDetails { calling_number: number, legs: vec![leg], ..Default::default() };
            let (key, details) = (Some(key.clone()), Some(details));
            pb::ReportCallRequest { request_id: request_id.clone(), key, part_time, details }.encode_to_vec()
        });
        let answer = pair.call_both(Actor::Staff("switch-1"), "ReportCall", None, false, report).await?;
        reported = answer.filter(super::answer::Answer::is_ok);
    }
    let Some(reported) = reported else { return Ok(()) };
    let reported: pb::ReportCallResponse = reported.read();
    wish_to_be_called_back(pair, requests, &reported.call_id, &mut random).await?;
    // Staff may know the number of a call whose ticket is not confidential.
    let may_know = !pair.find(ticket).await.is_confidential;
    // The requests of both methods are the same bytes.
    let read = pb::GetCallRequest { call_id: reported.call_id }.encode_to_vec();
    for actor in Actor::every() {
        pair.call_both(actor, "GetCall", None, may_know, [read.clone(), read.clone()]).await?;
    }
    for actor in Actor::every() {
        pair.call_both(actor, "GetCallContext", None, may_know, [read.clone(), read.clone()]).await?;
    }
    record(pair, &mut random, requests, (&key, part_time), may_know).await?;
    let side = usize::from(random.percent(50));
    let filter = pb::CallFilter { calling_number: phone(&requests[side]), ..Default::default() };
    let list = pb::ListCallsRequest { filter: Some(filter), ..Default::default() }.encode_to_vec();
    pair.call_both(Actor::Staff("agent-2"), "ListCalls", None, may_know, [list.clone(), list]).await?;
    let all = pb::ListCallsRequest { page_size: 3, ..Default::default() }.encode_to_vec();
    pair.call_both(Actor::Staff("supervisor-1"), "ListCalls", None, false, [all.clone(), all]).await?;
    Ok(())
}

/// Attaches a recording whose file is named after the caller's number, and reads it.
async fn record(
    pair: &mut SystemPair,
    random: &mut Random,
    requests: &[pb::CreateTicketRequest; 2],
    (key, part_time): (&pb::CallKey, Option<prost_types::Timestamp>),
    may_know: bool,
) -> Result<(), String> {
    let request_id = random.uuid().to_string();
    let attach = [0, 1].map(|side: usize| {
        let recording = pb::Recording {
            participant: "caller".to_owned(),
            // A number may be any text.
            reference: format!("recordings/{}.wav", digits(&phone(&requests[side]))),
            length_bytes: 7,
            sha256: "0".repeat(64),
            start_time: part_time,
            duration_seconds: 0,
        };
        let (key, recording) = (Some(key.clone()), Some(recording));
        let request_id = request_id.clone();
        pb::AttachRecordingRequest { request_id, key, part_time, recording }.encode_to_vec()
    });
    let answer = pair.call_both(Actor::Staff("switch-1"), "AttachRecording", None, false, attach).await?;
    let Some(attached) = answer.filter(super::answer::Answer::is_ok) else { return Ok(()) };
    let attached: pb::AttachRecordingResponse = attached.read();
    let purpose = pb::RevealPurpose::Verify as i32;
    let participant = "caller".to_owned();
    let read = pb::GetRecordingRequest { call_id: attached.call_id, participant, purpose }.encode_to_vec();
    for actor in Actor::every() {
        pair.call_both(actor, "GetRecording", None, may_know, [read.clone(), read.clone()]).await?;
    }
    Ok(())
}

/// The caller does not wait, and leaves a number and a wish, which differ between the systems. The work list shows
/// neither.
async fn wish_to_be_called_back(
    pair: &mut SystemPair,
    requests: &[pb::CreateTicketRequest; 2],
    call_id: &str,
    random: &mut Random,
) -> Result<(), String> {
    let request_id = random.uuid().to_string();
    let offer = [0, 1].map(|side: usize| {
        let number = phone(&requests[side]);
        // A number may be any text.
        let wish = format!("请回拨{}", digits(&number));
        pb::OfferCallRequest {
            request_id: request_id.clone(),
            call_id: call_id.to_owned(),
            skill: "enterprise".to_owned(),
            call_back: Some(pb::CallBackWish { number, wish }),
        }
        .encode_to_vec()
    });
    pair.call_both(Actor::Staff("switch-1"), "OfferCall", None, false, offer).await?;
    for actor in [Actor::Staff("agent-2"), Actor::Staff("supervisor-1")] {
        let list = pb::ListCallBacksRequest { page_size: 5, ..Default::default() }.encode_to_vec();
        pair.call_both(actor, "ListCallBacks", None, false, [list.clone(), list]).await?;
    }
    Ok(())
}

/// Reads a stream of seats up to its checkpoint. Its entries are one answer.
pub(super) async fn read_seats(
    opened: tonic::Response<Streaming<Vec<u8>>>,
) -> Result<tonic::Response<Vec<u8>>, Status> {
    let (metadata, mut stream, extensions) = opened.into_parts();
    let mut body = Vec::new();
    while let Some(message) = stream.message().await? {
        let entry = pb::WatchSeatsResponse::decode(message.as_slice()).expect("it can be read");
        entry.encode_length_delimited(&mut body).expect("it fits");
        if matches!(entry.entry, Some(pb::watch_seats_response::Entry::Checkpoint(_))) {
            break;
        }
    }
    Ok(tonic::Response::from_parts(metadata, body, extensions))
}
