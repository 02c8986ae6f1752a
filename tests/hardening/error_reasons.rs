//! Every refusal has a code, a reason and a log line, also those of tonic, gRPC-Web, health and reflection, for any
//! headers, methods and paths.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use http::Method;
use prost::Message as _;
use tonic::Code;

use super::exchange::{CREATE, EACH, HEALTH, LOGGED, REFLECTION, channel, exchange, framed, post};
use super::raw_http2::WAIT_MAX;
use super::{assert_calm, server};
use crate::stories::open_call::intake;
use crate::support::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_libraries_have_reasons_too() {
    let server = server(&[LOGGED]);
    let token = server.token("agent");
    let mut channel = channel(&server);
    let create_request = intake().encode_to_vec();
    let create_request = framed(0, create_request.len(), &create_request);
    let too_long = framed(0, 300 * 1024, &vec![b'x'; 300 * 1024]);
    let compressed = || {
        let mut request = post(CREATE, &token, create_request.clone());
        request.headers_mut().insert("grpc-encoding", "zstd".parse().expect("a header"));
        request
    };
    // Symbol "x", and a message without a question. Reflection answers undecodable requests with nothing, and no error.
    let (symbol, no_question) = (framed(0, 3, b"\x22\x01x"), framed(0, 0, &[]));
    for (request, code, reason) in [
        (
            post("/hotline.v1.TicketService/Unheard", &token, create_request.clone()),
            Code::Unimplemented,
            "METHOD_UNKNOWN",
        ),
        (
            post("/hotline.v9.Unheard/Of", &token, create_request.clone()),
            Code::Unimplemented,
            "METHOD_UNKNOWN",
        ),
        (post("/", &token, create_request.clone()), Code::Unimplemented, "METHOD_UNKNOWN"),
        (post(CREATE, &token, too_long), Code::ResourceExhausted, "MESSAGE_TOO_LARGE"),
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
    let create_request = intake().encode_to_vec();
    let create_request = framed(0, create_request.len(), &create_request);
    let request_with = |method: Method, content_type: Option<&str>| {
        let mut request = post(CREATE, &token, create_request.clone());
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
        let answer = exchange(&mut channel, request_with(method.clone(), content_type)).await;
        assert_eq!(answer.http.as_u16(), http, "{method} {content_type:?}");
        let actual = (answer.code(), answer.reason());
        assert_eq!(
            actual,
            (Some(Code::InvalidArgument), Some("NOT_GRPC".into())),
            "{method} {content_type:?}"
        );
        assert_eq!(answer.headers.contains_key("allow"), http == 405);
    }
    let preflight = exchange(&mut channel, request_with(Method::OPTIONS, None)).await;
    assert_eq!((preflight.http.as_u16(), preflight.status().is_none()), (204, true), "{preflight:?}");
    for served in ["application/grpc", "application/grpc+proto", "Application/gRPC; charset=utf-8"] {
        let answer = exchange(&mut channel, request_with(Method::POST, Some(served))).await;
        assert_eq!(answer.code(), Some(Code::Ok), "{served}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_timeout_header_is_refused() {
    let server = server(&[]);
    let token = server.token("agent");
    let mut channel = channel(&server);
    let create_request = intake().encode_to_vec();
    for (timeout, reason) in [
        ("20s", Some("TIMEOUT_MALFORMED")),
        ("S", Some("TIMEOUT_MALFORMED")),
        ("-1S", Some("TIMEOUT_MALFORMED")),
        ("123456789S", Some("TIMEOUT_MALFORMED")),
        ("later", Some("TIMEOUT_MALFORMED")),
        ("20S", None),
    ] {
        let mut request = post(CREATE, &token, framed(0, create_request.len(), &create_request));
        request.headers_mut().insert("grpc-timeout", timeout.parse().expect("a header"));
        let answer = exchange(&mut channel, request).await;
        assert_eq!(answer.reason().as_deref(), reason, "{timeout}: {answer:?}");
    }
}

/// Sends a request of HTTP/1 and gives the whole answer.
fn over_http_1(server: &Server, method: &str, headers: &str, body: &[u8]) -> String {
    let address = server.address();
    let mut peer = TcpStream::connect(address).expect("the connection is accepted");
    peer.set_read_timeout(Some(WAIT_MAX)).expect("a socket takes a time-out");
    let head = format!(
        "{method} {CREATE} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer {}\r\n{headers}\
         content-length: {}\r\n\r\n",
        server.token("agent"),
        body.len()
    );
    peer.write_all(&[head.as_bytes(), body].concat()).expect("the peer can send");
    let mut answer = Vec::new();
    peer.read_to_end(&mut answer).expect("the answer ends");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn grpc_web_is_served_and_its_refusals_have_reasons() {
    let server = server(&[]);
    let web_headers = "content-type: application/grpc-web+proto\r\n";
    let create_request = intake().encode_to_vec();
    let answer = over_http_1(&server, "POST", web_headers, &framed(0, create_request.len(), &create_request));
    assert!(answer.contains("grpc-status:0"), "{answer}");
    let with_parameters = "content-type: application/grpc-web+proto; charset=utf-8\r\n";
    let answer =
        over_http_1(&server, "POST", with_parameters, &framed(0, create_request.len(), &create_request));
    assert!(answer.contains("grpc-status:0"), "parameters change nothing: {answer}");

    let text_headers = "content-type: application/grpc-web-text\r\n";
    for (headers, body) in [
        (web_headers, framed(0, 4, &[0x0a, 2, 0xff, 0xfe])),
        (text_headers, b"!!!! no base64".to_vec()),
        (web_headers, Vec::new()),
    ] {
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
