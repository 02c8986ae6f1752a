//! Input from the network: a message for any method, a page token, and whole exchanges with any headers.
//!
//! No input may cause an internal error (`INTERNAL`). A refusal for wrong fields names at least one, and each of them
//! is a field of that request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hotline_proto::{METHODS, MethodRow};
use http::{HeaderName, HeaderValue};
use hyper::body::Bytes;
use prost::encoding::{WireType, encode_key, encode_varint};
use sha2::{Digest as _, Sha256};
use tonic::Status;
use tonic_types::StatusExt as _;

use super::descriptor::descriptor;
use super::message_generator::{self, put_number};
use super::offline_server::{SERVER, TOKEN};
use super::random::Random;

/// Cursors of pages, as the methods write them.
pub(crate) const KEYS: &[&str] = &[
    "tickets\n",
    "checkpoints\n",
    "subjects\n",
    "\n",
    "1570845600000000",
    "1910120000178",
    "district-chaoyang",
    "-1",
    "\0",
    "9223372036854775807",
];

/// Headers, values and paths.
pub(crate) const HEADERS: &[&str] = &[
    "grpc-timeout: 20S\n",
    "grpc-timeout: 99999999H\n",
    "accept-language: zh-CN,en;q=0.8\n",
    "authorization: Bearer fuzz-agent\n",
    "content-type: application/grpc\n",
    "content-type: application/grpc-web-text\n",
    "content-type: application/grpc-web+proto\n",
    "grpc-encoding: gzip\n",
    "grpc-encoding: identity\n",
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
    "/hotline.v1.TicketService/GetTicket\n",
    "/grpc.health.v1.Health/Check\n",
    "\n\n",
    "\u{0}\u{0}\u{0}\u{0}\u{0}",
];

/// A number for a method that does not depend on the other methods, so that a corpus stays valid when methods are
/// added.
fn place_of(row: &MethodRow) -> u16 {
    let hash = row
        .path
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let [high, low, ..] = hash.to_be_bytes();
    u16::from_be_bytes([high, low])
}

/// The method with a number: the next one at or after it.
fn method_at(place: u16, among: impl Fn(&MethodRow) -> bool) -> &'static MethodRow {
    let rows = METHODS.iter().filter(|row| among(row));
    rows.min_by_key(|row| place_of(row).wrapping_sub(place)).expect("the contract has methods")
}

/// The properties of every answer.
fn check(row: &MethodRow, status: &Status) {
    if status.code() == tonic::Code::Ok {
        return;
    }
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("{}: no reason: {status:?}", row.path));
    assert_ne!(info.reason, "INTERNAL", "{}: our own fault", row.path);
    let wrong = details.bad_request().map(|wrong| wrong.field_violations.as_slice()).unwrap_or_default();
    assert!(info.reason != "INVALID_FIELDS" || !wrong.is_empty(), "{}: no field is named", row.path);
    let request = descriptor().request_of(row.path);
    for one in wrong {
        assert!(
            descriptor().has_field(request, &one.field),
            "{}: there is no field {:?}",
            row.path,
            one.field
        );
    }
}

/// A message for a method: two bytes for the method, one for the role, then the message.
pub(crate) fn request(bytes: &[u8]) {
    let Some(([high, low, role], message)) = bytes.split_first_chunk() else { return };
    let row = method_at(u16::from_be_bytes([*high, *low]), |_| true);
    let role = row.roles[usize::from(*role) % row.roles.len()];
    check(row, &SERVER.with(|server| server.answer(row, role, message)));
}

pub(crate) fn generate_request(random: &mut Random) -> Vec<u8> {
    let row = &METHODS[random.below(METHODS.len())];
    let [high, low] = place_of(row).to_be_bytes();
    let mut bytes = vec![high, low, random.byte()];
    bytes.extend(message_generator::generate(descriptor().request_of(row.path), random, 0));
    bytes
}

/// Whether a method's answers come in pages.
fn is_paged(row: &MethodRow) -> bool {
    descriptor().has_field(descriptor().request_of(row.path), "page_token")
}

/// A page token with a valid digest: two bytes for the method, then the cursor after which the page begins.
pub(crate) fn page_token(bytes: &[u8]) {
    let Some(([high, low], key)) = bytes.split_first_chunk() else { return };
    let row = method_at(u16::from_be_bytes([*high, *low]), is_paged);
    let status = answer_to_key(row, key);
    check(row, &status);
}

/// The answer of a method to a token with a valid cursor. The token's digest covers the rest of the request, which is
/// encoded in one of three ways.
fn answer_to_key(row: &'static MethodRow, key: &[u8]) -> Status {
    let request = descriptor().request_of(row.path);
    let fields = &descriptor().messages[request].field;
    let number_of = |name: &str| {
        fields.iter().find(|field| field.name() == name).map(|field| field.number().unsigned_abs())
    };
    let mut rest = Vec::new();
    let mut filter = None;
    if let Some(number) = number_of("ticket_number").filter(|_| row.method == "ListTicketEvents") {
        put_text(number, b"1910120000178", &mut rest);
        filter = Some(b"1910120000178".to_vec());
    }
    if let Some(number) = number_of("ticket_number").filter(|_| row.method == "ListMessages") {
        put_text(number, b"1910120000178", &mut rest);
    }
    for (name, method) in [("proposal_number", "ListTicketDifferences"), ("kind", "ListRulesInForce")] {
        if let Some(number) = number_of(name).filter(|_| row.method == method) {
            put_number(number, 1, &mut rest);
            filter = Some(b"1".to_vec());
        }
    }
    if let Some(number) = number_of("month").filter(|_| row.method != "ListObjections") {
        put_text(number, b"2019-10", &mut rest);
        for (name, method) in [("group", "ListUnitScores"), ("unit", "ListScoreLines")] {
            match number_of(name).filter(|_| row.method == method) {
                Some(number) if name == "group" => put_number(number, 1, &mut rest),
                Some(number) => put_text(number, b"dept-tax", &mut rest),
                None => {}
            }
        }
    }
    for number in ["first_day", "last_day"].into_iter().filter_map(number_of) {
        put_text(number, b"2019-10-12", &mut rest);
    }
    if let Some(number) = number_of("query") {
        put_text(number, "营业".as_bytes(), &mut rest);
    }
    let filter = filter.unwrap_or_else(|| rest.clone());
    let digest = Sha256::new().chain_update(row.path).chain_update([0]).chain_update(filter).finalize();
    let token = URL_SAFE_NO_PAD.encode([&digest[..12], key].concat());
    put_text(number_of("page_token").expect("a paged method"), token.as_bytes(), &mut rest);
    SERVER.with(|server| server.answer(row, row.roles[0], &rest))
}

fn put_text(field: u32, text: &[u8], bytes: &mut Vec<u8>) {
    encode_key(field, WireType::LengthDelimited, bytes);
    encode_varint(text.len() as u64, bytes);
    bytes.extend_from_slice(text);
}

pub(crate) fn generate_page_token(random: &mut Random) -> Vec<u8> {
    let rows: Vec<_> = METHODS.iter().filter(|row| is_paged(row)).collect();
    let mut bytes = place_of(random.pick(&rows)).to_be_bytes().to_vec();
    for part in 0..=random.below(3) {
        if part > 0 {
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(random.pick(KEYS).as_bytes());
    }
    bytes
}

/// A whole exchange: a line with the path, lines of headers, an empty line, the body in pieces of 64 bytes.
pub(crate) fn exchange(bytes: &[u8]) {
    let mut rest = bytes;
    let mut line = || {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, behind) = (&rest[..end], &rest[end + 1..]);
        rest = behind;
        Some(line)
    };
    let Some(path) = line().and_then(|line| http::Uri::try_from(line).ok()) else { return };
    let mut headers = Vec::new();
    while let Some(line) = line().filter(|line| !line.is_empty()) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.push((name, value));
        }
    }
    let body = rest.chunks(64).map(Bytes::copy_from_slice).collect();
    let row = METHODS.iter().find(|row| row.path == path.path());
    let status = SERVER.with(|server| server.exchange(path, headers, body));
    if let Some(row) = row {
        check(row, &status);
    }
}

pub(crate) fn generate_exchange(random: &mut Random) -> Vec<u8> {
    let row = &METHODS[random.below(METHODS.len())];
    let mut bytes = format!("{}\n", row.path).into_bytes();
    if random.percent(80) {
        bytes.extend_from_slice(format!("authorization: Bearer {TOKEN}\n").as_bytes());
    }
    bytes.extend_from_slice(random.pick(&HEADERS[4..7]).as_bytes());
    bytes.extend_from_slice(random.pick(&HEADERS[..3]).as_bytes());
    bytes.push(b'\n');
    let message = message_generator::generate(descriptor().request_of(row.path), random, 0);
    let mut frame = vec![0];
    frame.extend_from_slice(&u32::try_from(message.len()).unwrap_or(0).to_be_bytes());
    frame.extend_from_slice(&message);
    bytes.extend_from_slice(&frame);
    bytes
}

/// Checks that a valid page token passes the check of its digest, in every method with pages.
pub(crate) fn page_tokens_fit() -> Result<(), String> {
    for row in METHODS.iter().filter(|row| is_paged(row)) {
        let keys =
            ["1", "1910120000178", "1\n1", "1\n1\n1", "1\n1\n1\n1", "1\n1\n01", "1\n1\n1\n01", "tickets\n1"]
                .map(|key| answer_to_key(row, key.as_bytes()));
        let is_refused = |status: &Status| {
            status.get_error_details().error_info().is_some_and(|info| info.reason != "UNAVAILABLE")
        };
        if keys.iter().all(is_refused) {
            return Err(format!("{}: every token is refused: {:?}", row.path, keys[0]));
        }
    }
    Ok(())
}
