//! Every refusal has a code, a reason and a log line, whoever makes it: the hotline, tonic, gRPC-Web, health or reflection;
//! whatever bytes, headers, methods and paths come in.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use hotline_proto::{ERROR_DOMAIN, METHODS};
use http::{HeaderMap, Method, Request, StatusCode};
use hyper::body::{Body as _, Bytes, Frame};
use prost::Message as _;
use tokio::task::JoinSet;
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use tower::{Service as _, ServiceExt as _};

use super::raw_http2::PATIENCE;
use super::{assert_calm, server};
use crate::stories::open_call::intake;
use crate::support::server::Server;

const CREATE: &str = "/hotline.v1.TicketService/CreateTicket";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const HEALTH: &str = "/grpc.health.v1.Health/Check";
/// Exchanges with malformed bytes.
const EXCHANGES: u64 = 4_000;
/// Connections that they come over.
const CONNECTIONS: u64 = 8;
/// Has each refusal in the log.
const LOGGED: (&str, &str) = ("log.filter", "\"info,hotline_server::rpc::status=debug\"");
/// How the log says what it says of each refusal, and what of many at once, as operators run it.
const EACH: &str = "a call was refused reason=";
const MANY: &str = "calls refused reason=";

/// What came back.
#[derive(Debug)]
struct Answer {
    http: StatusCode,
    headers: HeaderMap,
    trailers: HeaderMap,
}

impl Answer {
    fn status(&self) -> Option<Status> {
        Status::from_header_map(&self.headers).or_else(|| Status::from_header_map(&self.trailers))
    }

    fn reason(&self) -> Option<String> {
        let details = self.status()?.get_error_details();
        details.error_info().filter(|told| told.domain == ERROR_DOMAIN).map(|told| told.reason.clone())
    }

    fn code(&self) -> Option<Code> {
        self.status().map(|status| status.code())
    }

    /// What is wrong with it as an answer, if anything is.
    fn fault(&self) -> Option<String> {
        let Some(status) = self.status() else { return Some(format!("no grpc-status: {self:?}")) };
        let is_server_error = matches!(status.code(), Code::Internal | Code::Unknown | Code::DataLoss);
        match (status.code(), self.reason()) {
            (Code::Ok, _) => None,
            (_, None) => Some(format!("no reason: {status:?}")),
            (_, Some(_)) if is_server_error => Some(format!("the caller's fault as ours: {status:?}")),
            _ => None,
        }
    }
}

/// A body of one piece.
struct SingleChunk(Option<Bytes>);

impl hyper::body::Body for SingleChunk {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}

fn channel(server: &Server) -> Channel {
    Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy()
}

fn post(path: &str, token: &str, body: Vec<u8>) -> Request<Body> {
    Request::post(path)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::new(SingleChunk(Some(body.into()))))
        .expect("a request")
}

/// Sends a request as it is, over HTTP/2.
async fn exchange(channel: &mut Channel, request: Request<Body>) -> Answer {
    let call = async {
        let response = channel.ready().await.expect("it is there").call(request).await.expect("an answer");
        let (parts, mut body) = response.into_parts();
        let mut trailers = HeaderMap::new();
        while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await
        {
            if let Ok(told) = frame.expect("the answer comes through").into_trailers() {
                trailers = told;
            }
        }
        Answer { http: parts.status, headers: parts.headers, trailers }
    };
    tokio::time::timeout(PATIENCE, call).await.expect("it is answered in time")
}

/// Numbers that a seed gives (`SplitMix64`).
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

fn framed(flag: u8, length: usize, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [&[flag][..], &length, message].concat()
}

/// A body that is hardly ever what a method takes.
fn malformed(random: &mut Random) -> Vec<u8> {
    let mut sound = intake().encode_to_vec();
    match random.below(9) {
        0 => {
            let length = random.below(60);
            let noise = random.bytes(length);
            framed(0, noise.len(), &noise)
        }
        1 => {
            for _ in 0..=random.below(4) {
                let place = random.below(sound.len());
                sound[place] = random.next().to_be_bytes()[0];
            }
            framed(0, sound.len(), &sound)
        }
        // Text that is no UTF-8, in the first field of every request.
        2 => framed(0, 4, &[0x0a, 2, 0xff, 0xfe]),
        3 => framed(0, sound.len() + 1 + random.below(1000), &sound),
        4 => framed(1, sound.len(), &sound),
        5 => framed(2 + u8::try_from(random.below(254)).unwrap_or(0), sound.len(), &sound),
        6 => framed(0, 256 * 1024 + 1 + random.below(1 << 31), &[]),
        7 => Vec::new(),
        _ => {
            let length = 1 + random.below(4);
            random.bytes(length)
        }
    }
}

/// Some exchanges on one connection; how often each reason came.
async fn send_malformed(mut channel: Channel, tokens: Vec<String>, seed: u64) -> BTreeMap<String, u64> {
    let mut random = Random(seed);
    let mut told = BTreeMap::new();
    for _ in 0..EXCHANGES / CONNECTIONS {
        let place = random.below(METHODS.len() + 3);
        let path = METHODS
            .get(place)
            .map_or([REFLECTION, HEALTH, "/hotline.v1.TicketService/Unheard"][place % 3], |row| row.path);
        let token = &tokens[random.below(tokens.len())];
        let body = malformed(&mut random);
        let answer = exchange(&mut channel, post(path, token, body.clone())).await;
        assert_eq!(answer.fault(), None, "{path}, seed {seed}: {body:02x?}");
        *told.entry(answer.reason().unwrap_or_default()).or_default() += 1;
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_bytes_are_the_callers_fault_with_a_reason_and_a_log_line() {
    let server = server(&[LOGGED]);
    let tokens: Vec<_> =
        ["agent", "administrator", "dispatcher", "unit", "analyst"].map(|role| server.token(role)).into();
    let senders = (0..CONNECTIONS).map(|seed| send_malformed(channel(&server), tokens.clone(), seed));
    let mut told: BTreeMap<String, u64> = BTreeMap::new();
    for part in senders.collect::<JoinSet<_>>().join_all().await {
        for (reason, times) in part {
            *told.entry(reason).or_default() += times;
        }
    }
    assert_eq!(told.values().sum::<u64>(), EXCHANGES);
    for reason in
        ["MESSAGE_MALFORMED", "MESSAGE_TOO_LARGE", "METHOD_UNKNOWN", "ROLE_NOT_ALLOWED", "INVALID_FIELDS"]
    {
        assert!(told.contains_key(reason), "{reason} was never given: {told:?}");
    }
    let refused = told.iter().filter(|(reason, _)| !reason.is_empty());
    for (reason, times) in refused {
        server.wait_for_line(&format!("{MANY}\"{reason}\""));
        // The last lines may still be on their way when the answers are here: one of each connection.
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

/// The injected bug of this suite: what tonic says by itself.
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

#[tokio::test(flavor = "multi_thread")]
async fn what_others_refuse_has_a_reason_too() {
    let server = server(&[LOGGED]);
    let token = server.token("agent");
    let mut channel = channel(&server);
    let sound = intake().encode_to_vec();
    let sound = framed(0, sound.len(), &sound);
    let long = framed(0, 300 * 1024, &vec![b'x'; 300 * 1024]);
    let compressed = || {
        let mut request = post(CREATE, &token, sound.clone());
        request.headers_mut().insert("grpc-encoding", "gzip".parse().expect("a header"));
        request
    };
    // Symbol "x", and a message without a question. What reflection can't decode it answers with nothing, and no error.
    let (symbol, no_question) = (framed(0, 3, b"\x22\x01x"), framed(0, 0, &[]));
    for (request, code, reason) in [
        (
            post("/hotline.v1.TicketService/Unheard", &token, sound.clone()),
            Code::Unimplemented,
            "METHOD_UNKNOWN",
        ),
        (post("/hotline.v9.Unheard/Of", &token, sound.clone()), Code::Unimplemented, "METHOD_UNKNOWN"),
        (post("/", &token, sound.clone()), Code::Unimplemented, "METHOD_UNKNOWN"),
        (post(CREATE, &token, long), Code::ResourceExhausted, "MESSAGE_TOO_LARGE"),
        (post(CREATE, &token, Vec::new()), Code::InvalidArgument, "MESSAGE_MALFORMED"),
        (compressed(), Code::Unimplemented, "COMPRESSION_UNSUPPORTED"),
        (post(HEALTH, &token, framed(0, 3, b"\x0a\x01x")), Code::NotFound, "HEALTH_SERVICE_UNKNOWN"),
        (post(REFLECTION, &token, symbol), Code::NotFound, "SYMBOL_UNKNOWN"),
        (post(REFLECTION, &token, no_question), Code::InvalidArgument, "MESSAGE_MALFORMED"),
    ] {
        let path = request.uri().path().to_owned();
        let answer = exchange(&mut channel, request).await;
        assert_eq!(
            (answer.code(), answer.reason().as_deref()),
            (Some(code), Some(reason)),
            "{path}: {answer:?}"
        );
        server.wait_for_line(&format!("{EACH}\"{reason}\""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_post_with_a_content_type_of_grpc_is_served() {
    let server = server(&[]);
    let token = server.token("agent");
    let mut channel = channel(&server);
    let sound = intake().encode_to_vec();
    let sound = framed(0, sound.len(), &sound);
    let with = |method: Method, content_type: Option<&str>| {
        let mut request = post(CREATE, &token, sound.clone());
        *request.method_mut() = method;
        request.headers_mut().remove("content-type");
        if let Some(content_type) = content_type {
            request.headers_mut().insert("content-type", content_type.parse().expect("a header"));
        }
        request
    };
    let grpc = Some("application/grpc");
    for (method, content_type, http) in [
        (Method::POST, Some("text/html"), 415),
        (Method::POST, Some("application/json"), 415),
        (Method::POST, Some("application/grpc+json"), 415),
        (Method::POST, None, 415),
        (Method::GET, grpc, 405),
        (Method::PUT, grpc, 405),
        (Method::DELETE, None, 405),
    ] {
        let answer = exchange(&mut channel, with(method.clone(), content_type)).await;
        assert_eq!(answer.http.as_u16(), http, "{method} {content_type:?}");
        let told = (answer.code(), answer.reason());
        assert_eq!(told, (Some(Code::InvalidArgument), Some("NOT_GRPC".into())), "{method} {content_type:?}");
        assert_eq!(answer.headers.contains_key("allow"), http == 405);
    }
    let preflight = exchange(&mut channel, with(Method::OPTIONS, None)).await;
    assert_eq!((preflight.http.as_u16(), preflight.status().is_none()), (204, true), "{preflight:?}");
    for served in ["application/grpc", "application/grpc+proto", "Application/gRPC; charset=utf-8"] {
        let answer = exchange(&mut channel, with(Method::POST, Some(served))).await;
        assert_eq!(answer.code(), Some(Code::Ok), "{served}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeout_that_cant_be_read_is_refused() {
    let server = server(&[]);
    let token = server.token("agent");
    let mut channel = channel(&server);
    let sound = intake().encode_to_vec();
    for (timeout, reason) in [
        ("20s", Some("TIMEOUT_MALFORMED")),
        ("S", Some("TIMEOUT_MALFORMED")),
        ("-1S", Some("TIMEOUT_MALFORMED")),
        ("123456789S", Some("TIMEOUT_MALFORMED")),
        ("later", Some("TIMEOUT_MALFORMED")),
        ("20S", None),
    ] {
        let mut request = post(CREATE, &token, framed(0, sound.len(), &sound));
        request.headers_mut().insert("grpc-timeout", timeout.parse().expect("a header"));
        let answer = exchange(&mut channel, request).await;
        assert_eq!(answer.reason().as_deref(), reason, "{timeout}: {answer:?}");
    }
}

/// Sends a request of HTTP/1 and gives the whole answer.
fn over_http_1(server: &Server, method: &str, headers: &str, body: &[u8]) -> String {
    let address = server.address();
    let mut peer = TcpStream::connect(address).expect("it is let in");
    peer.set_read_timeout(Some(PATIENCE)).expect("a socket takes a time-out");
    let head = format!(
        "{method} {CREATE} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer {}\r\n{headers}\
         content-length: {}\r\n\r\n",
        server.token("agent"),
        body.len()
    );
    peer.write_all(&[head.as_bytes(), body].concat()).expect("it can speak");
    let mut answer = Vec::new();
    peer.read_to_end(&mut answer).expect("the answer ends");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn grpc_web_goes_on_and_its_refusals_have_reasons() {
    let server = server(&[]);
    let web = "content-type: application/grpc-web+proto\r\n";
    let sound = intake().encode_to_vec();
    let answer = over_http_1(&server, "POST", web, &framed(0, sound.len(), &sound));
    assert!(answer.contains("grpc-status:0"), "{answer}");
    let with_parameters = "content-type: application/grpc-web+proto; charset=utf-8\r\n";
    let answer = over_http_1(&server, "POST", with_parameters, &framed(0, sound.len(), &sound));
    assert!(answer.contains("grpc-status:0"), "parameters change nothing: {answer}");

    let text = "content-type: application/grpc-web-text\r\n";
    for (headers, body) in
        [(web, framed(0, 4, &[0x0a, 2, 0xff, 0xfe])), (text, b"!!!! no base64".to_vec()), (web, Vec::new())]
    {
        let answer = over_http_1(&server, "POST", headers, &body);
        assert!(answer.contains("grpc-status: 3\r\n"), "{headers}: {answer}");
        assert!(answer.contains("grpc-status-details-bin: "), "{headers}: {answer}");
    }
    for (method, headers, line) in [
        ("GET", "", "405 Method Not Allowed"),
        ("POST", "content-type: text/html\r\n", "415 Unsupported Media Type"),
        ("POST", "content-type: application/grpc\r\n", "400 Bad Request"),
    ] {
        let answer = over_http_1(&server, method, headers, &[]);
        assert!(answer.starts_with(&format!("HTTP/1.1 {line}")), "{answer}");
        assert!(answer.contains("grpc-status-details-bin: "), "{answer}");
    }
    let preflight = over_http_1(
        &server,
        "OPTIONS",
        "origin: https://desk.example\r\naccess-control-request-method: POST\r\n",
        &[],
    );
    assert!(preflight.starts_with("HTTP/1.1 204"), "{preflight}");
    assert!(!preflight.contains("access-control-allow-origin"), "no origin is named: {preflight}");
    assert_calm(&server);
}
