//! Malformed bytes are the caller's fault: every refusal has a code, a reason and a log line, for any input.

use std::collections::BTreeMap;

use hotline_proto::METHODS;
use http::{HeaderMap, StatusCode};
use prost::Message as _;
use tokio::task::JoinSet;
use tonic::Status;
use tonic::transport::Channel;

use super::exchange::{Answer, EACH, HEALTH, LOGGED, REFLECTION, channel, exchange, framed, post};
use super::{assert_calm, server};
use crate::stories::open_call::intake;

/// Exchanges with malformed bytes.
const EXCHANGES: u64 = 4_000;
/// Connections that they come over.
const CONNECTIONS: u64 = 8;
/// The beginning of the log line of many refusals with one reason.
const MANY: &str = "calls refused reason=";

/// Random numbers from a seed (`SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).expect("a small number")).expect("a small number")
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_be_bytes()[0]).collect()
    }
}

/// A body that is almost never valid for a method.
fn malformed(random: &mut Random) -> Vec<u8> {
    let mut valid = intake().encode_to_vec();
    match random.below(9) {
        0 => {
            let length = random.below(60);
            let noise = random.bytes(length);
            framed(0, noise.len(), &noise)
        }
        1 => {
            for _ in 0..=random.below(4) {
                let position = random.below(valid.len());
                valid[position] = random.next().to_be_bytes()[0];
            }
            framed(0, valid.len(), &valid)
        }
        // Invalid UTF-8 in the first field of every request.
        2 => framed(0, 4, &[0x0a, 2, 0xff, 0xfe]),
        3 => framed(0, valid.len() + 1 + random.below(1000), &valid),
        4 => framed(1, valid.len(), &valid),
        5 => framed(2 + u8::try_from(random.below(254)).unwrap_or(0), valid.len(), &valid),
        6 => framed(0, 256 * 1024 + 1 + random.below(1 << 31), &[]),
        7 => Vec::new(),
        _ => {
            let length = 1 + random.below(4);
            random.bytes(length)
        }
    }
}

/// Exchanges on one connection; returns how often each reason came.
async fn send_malformed(mut channel: Channel, tokens: Vec<String>, seed: u64) -> BTreeMap<String, u64> {
    let mut random = Random(seed);
    let mut counts = BTreeMap::new();
    // A stream that is opened by chance would not end.
    let methods: Vec<_> = METHODS.iter().filter(|row| !row.is_stream).collect();
    for _ in 0..EXCHANGES / CONNECTIONS {
        let place = random.below(methods.len() + 3);
        let path = methods
            .get(place)
            .map_or([REFLECTION, HEALTH, "/hotline.v1.TicketService/Unheard"][place % 3], |row| row.path);
        let token = &tokens[random.below(tokens.len())];
        let body = malformed(&mut random);
        let answer = exchange(&mut channel, post(path, token, body.clone())).await;
        assert_eq!(answer.fault(), None, "{path}, seed {seed}: {body:02x?}");
        *counts.entry(answer.reason().unwrap_or_default()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_bytes_are_refused_with_a_reason_and_a_log_line() {
    let server = server(&[LOGGED]);
    let tokens: Vec<_> =
        ["agent", "administrator", "dispatcher", "unit", "analyst"].map(|role| server.token(role)).into();
    let senders = (0..CONNECTIONS).map(|seed| send_malformed(channel(&server), tokens.clone(), seed));
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for part in senders.collect::<JoinSet<_>>().join_all().await {
        for (reason, times) in part {
            *counts.entry(reason).or_default() += times;
        }
    }
    assert_eq!(counts.values().sum::<u64>(), EXCHANGES);
    for reason in
        ["MESSAGE_MALFORMED", "MESSAGE_TOO_LARGE", "METHOD_UNKNOWN", "ROLE_NOT_ALLOWED", "INVALID_FIELDS"]
    {
        assert!(counts.contains_key(reason), "{reason} was never given: {counts:?}");
    }
    let refused = counts.iter().filter(|(reason, _)| !reason.is_empty());
    for (reason, times) in refused {
        server.wait_for_line(&format!("{MANY}\"{reason}\""));
        // The last log lines may come after the answers: one for each connection.
        let each = format!("{EACH}\"{reason}\"");
        let lines = server.output().lines().filter(|line| line.contains(&each)).count();
        let lines = u64::try_from(lines).expect("few");
        assert!(lines + CONNECTIONS >= *times, "{times} {reason} and {lines} log lines");
        let many =
            server.output().lines().filter(|line| line.contains(MANY) && line.contains(reason)).count();
        assert!(many <= 4, "{many} lines of {reason} for operators: a caller could fill the disk");
    }
    assert_calm(&server);
}

/// The injected bug of this suite: tonic's own message.
#[test]
fn a_refusal_without_a_reason_or_as_a_server_error_is_found() {
    let answer = |status: Status| {
        let mut headers = HeaderMap::new();
        status.add_header(&mut headers).expect("it can be written");
        Answer { http: StatusCode::OK, headers, trailers: HeaderMap::new() }
    };
    assert!(answer(Status::internal("failed to decode Protobuf message")).fault().is_some());
    assert!(answer(Status::unimplemented("")).fault().is_some());
    assert!(answer(Status::ok("")).fault().is_none());
    let nothing = Answer { http: StatusCode::OK, headers: HeaderMap::new(), trailers: HeaderMap::new() };
    assert!(nothing.fault().is_some());
}
