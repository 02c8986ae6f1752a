//! Peers that request much and do not read it. They answer pings, so that only their unread responses can end them.

use std::io;
use std::thread;
use std::time::Duration;

use hotline_proto::v1::{CreateTicketRequest, ListTicketsRequest};
use prost_types::FieldMask;
use tonic_health::pb::HealthCheckRequest;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use crate::attacks::{LIST, Target};
use crate::raw_http2::{self, RawHttp2};

const WATCH: &str = "/grpc.health.v1.Health/Watch";
const REFLECT: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
/// Concurrent lists on one connection.
const LISTS: usize = 10;
/// The most open streams of a connection; the server allows a few more.
const STREAMS: usize = 120;
/// Requests on each stream of reflection.
const REFLECTIONS: usize = 8;
/// The interval between two reads.
const READ_TIMEOUT: Duration = Duration::from_millis(200);
/// Reads until refused calls are repeated, which is a second: this is no flood.
const REPEATS: u32 = 5;
/// Reads between two bytes that are consumed, which is a second.
const READS_PER_BYTE: u32 = 5;
/// Tickets that fill the largest page, and the characters of their texts, of three bytes each.
pub(crate) const TICKETS: usize = 120;
const LONG: usize = 9_000;

/// A ticket with a long text.
pub(crate) fn long_ticket(number: usize) -> CreateTicketRequest {
    CreateTicketRequest {
        request_id: format!("00000000-0000-4000-8000-{number:012}"),
        category: hotline_proto::v1::TicketCategory::Appeal.into(),
        complexity: hotline_proto::v1::TicketComplexity::General.into(),
        channel: hotline_proto::v1::Channel::Web.into(),
        subject: "用电报装迟迟未受理".into(),
        content: "道".repeat(LONG),
        ..CreateTicketRequest::default()
    }
}

/// A request for the largest page.
pub(crate) fn largest_page() -> ListTicketsRequest {
    let read_mask = Some(FieldMask { paths: vec!["content".to_owned()] });
    ListTicketsRequest { page_size: 200, read_mask, ..ListTicketsRequest::default() }
}

/// How a peer reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Frames without data; of data as much as the window allows.
    Window(u32),
    /// A byte a second of each response.
    Trickle,
    /// Nothing at all.
    Nothing,
}

/// Answers a ping, and removes refused streams.
fn answer_control_frame(
    peer: &mut RawHttp2,
    open: &mut Vec<u32>,
    frame: &raw_http2::Frame,
) -> io::Result<()> {
    let ends = frame.flags & raw_http2::END_STREAM != 0
        && matches!(frame.kind, raw_http2::HEADERS | raw_http2::DATA);
    if ends || frame.kind == raw_http2::RST_STREAM {
        open.retain(|stream| *stream != frame.stream);
    }
    if frame.kind == raw_http2::PING && frame.flags & raw_http2::ACK == 0 {
        peer.send(&raw_http2::frame(raw_http2::PING, raw_http2::ACK, 0, &frame.payload))?;
    }
    Ok(())
}

/// Keeps this many calls open on one connection, and does not read their responses.
fn leave_unread(
    target: &Target,
    reading: Reading,
    count: usize,
    mut call: impl FnMut(&mut RawHttp2) -> io::Result<u32>,
) -> io::Result<()> {
    let window = match reading {
        Reading::Window(bytes) => bytes,
        Reading::Trickle => 1,
        Reading::Nothing => raw_http2::WINDOW_MAX,
    };
    let mut peer = target.open_with_window(window)?;
    if reading == Reading::Nothing {
        peer.send(&raw_http2::window_update(0, raw_http2::WINDOW_MAX - 65_535))?;
    }
    peer.stream.set_read_timeout(Some(READ_TIMEOUT))?;
    let (mut open, mut rounds) = (Vec::new(), 0_u32);
    while target.goes_on() {
        while rounds.is_multiple_of(REPEATS) && open.len() < count {
            open.push(call(&mut peer)?);
            target.count(1);
        }
        thread::sleep(READ_TIMEOUT);
        rounds += 1;
        if reading == Reading::Nothing {
            continue;
        }
        // Reads what has arrived; the time-out never splits a frame, because little arrives.
        loop {
            match peer.receive() {
                Ok(frame) => answer_control_frame(&mut peer, &mut open, &frame)?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        if reading == Reading::Trickle && rounds.is_multiple_of(READS_PER_BYTE) {
            let more: Vec<u8> = open.iter().flat_map(|stream| raw_http2::window_update(*stream, 1)).collect();
            peer.send(&more)?;
        }
    }
    Ok(())
}

fn lists(target: &Target, reading: Reading) -> io::Result<()> {
    let (block, message) = (raw_http2::call(LIST, target.token()), raw_http2::message(&largest_page()));
    leave_unread(target, reading, LISTS, |peer| peer.call(&block, &message))
}

pub(crate) fn unread_lists(target: &Target) -> io::Result<()> {
    lists(target, Reading::Window(0))
}

pub(crate) fn trickled_lists(target: &Target) -> io::Result<()> {
    lists(target, Reading::Trickle)
}

pub(crate) fn unread_sockets(target: &Target) -> io::Result<()> {
    lists(target, Reading::Nothing)
}

/// Requests the largest file of the contract, again and again on the same stream.
fn reflections(target: &Target, block: &[u8]) -> io::Result<()> {
    let symbol = "hotline.v1.TicketService".to_owned();
    let request = ServerReflectionRequest {
        message_request: Some(MessageRequest::FileContainingSymbol(symbol)),
        ..ServerReflectionRequest::default()
    };
    let messages = raw_http2::message(&request).repeat(REFLECTIONS);
    leave_unread(target, Reading::Window(1), STREAMS, |peer| {
        let stream = peer.begin(block, 0)?;
        peer.send(&raw_http2::frame(raw_http2::DATA, 0, stream, &messages))?;
        Ok(stream)
    })
}

pub(crate) fn unread_reflections(target: &Target) -> io::Result<()> {
    reflections(target, &raw_http2::anonymous_call(REFLECT))
}

pub(crate) fn known_reflections(target: &Target) -> io::Result<()> {
    reflections(target, &raw_http2::call(REFLECT, target.token()))
}

pub(crate) fn unread_watches(target: &Target) -> io::Result<()> {
    let (block, message) =
        (raw_http2::anonymous_call(WATCH), raw_http2::message(&HealthCheckRequest::default()));
    leave_unread(target, Reading::Window(0), STREAMS, |peer| peer.call(&block, &message))
}
