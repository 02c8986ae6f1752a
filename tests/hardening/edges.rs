//! What stands between callers and the server does to calls: browsers ask before they call, clients compress, proxies
//! double headers, Kubernetes sets variables.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use prost::Message as _;
use tonic::codec::CompressionEncoding;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::exchange::{CREATE, channel, exchange, framed, post};
use super::raw_http2::WAIT_MAX;
use super::{assert_calm, server};
use crate::stories::open_call::intake;
use crate::stories::test_env::{OPENING, with_token};
use crate::support::server::{Options, Server, Store};

const DESK: &str = "https://desk.example";

/// Sends a request of HTTP/1 and gives the head of the answer, in lower case.
fn head_of(server: &Server, method: &str, headers: &str, body: &[u8]) -> String {
    let address = server.address();
    let mut peer = TcpStream::connect(address).expect("it is let in");
    peer.set_read_timeout(Some(WAIT_MAX)).expect("a socket takes a time-out");
    let head = format!(
        "{method} {CREATE} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    peer.write_all(&[head.as_bytes(), body].concat()).expect("it can speak");
    let mut answer = Vec::new();
    peer.read_to_end(&mut answer).expect("the answer ends");
    String::from_utf8_lossy(&answer).split("\r\n\r\n").next().unwrap_or_default().to_ascii_lowercase()
}

fn preflight(server: &Server, origin: &str) -> String {
    let headers = format!(
        "origin: {origin}\r\naccess-control-request-method: POST\r\n\
         access-control-request-headers: authorization,content-type,x-grpc-web,grpc-timeout\r\n"
    );
    head_of(server, "OPTIONS", &headers, &[])
}

#[test]
fn pages_of_configured_origins_may_call_and_no_others() {
    let server = server(&[("access.allowed_origins", "[\"https://desk.example\"]")]);
    let answer = preflight(&server, DESK);
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    for line in [
        "access-control-allow-origin: https://desk.example",
        "access-control-allow-methods: post",
        "access-control-max-age: 7200",
    ] {
        assert!(answer.contains(line), "{line}: {answer}");
    }
    for header in ["authorization", "content-type", "x-grpc-web", "grpc-timeout", "accept-language"] {
        let allowed = answer.lines().find(|line| line.starts_with("access-control-allow-headers:"));
        assert!(allowed.is_some_and(|line| line.contains(header)), "{header}: {answer}");
    }
    assert!(!answer.contains("access-control-allow-credentials"), "{answer}");
    for other in ["https://desk.example:8443", "http://desk.example", "https://evil.example", "null"] {
        let answer = preflight(&server, other);
        assert!(!answer.contains("access-control-allow-origin"), "{other}: {answer}");
    }

    let web = format!(
        "origin: {DESK}\r\ncontent-type: application/grpc-web+proto\r\nauthorization: Bearer {}\r\n",
        server.token("agent")
    );
    let sound = intake().encode_to_vec();
    for body in [framed(0, sound.len(), &sound), Vec::new()] {
        let answer = head_of(&server, "POST", &web, &body);
        assert!(answer.contains("access-control-allow-origin: https://desk.example"), "{answer}");
        for header in ["grpc-status", "grpc-message", "grpc-status-details-bin"] {
            let exposed = answer.lines().find(|line| line.starts_with("access-control-expose-headers:"));
            assert!(exposed.is_some_and(|line| line.contains(header)), "{header}: {answer}");
        }
    }
    assert_calm(&server);
}

fn reason(status: &Status) -> Option<String> {
    status.get_error_details().error_info().map(|info| info.reason.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn gzip_is_taken_within_the_limit_of_what_it_becomes() {
    let server = server(&[]);
    let token = server.token("agent");
    let mut packed = TicketServiceClient::new(channel(&server)).send_compressed(CompressionEncoding::Gzip);
    let longest = pb::CreateTicketRequest { content: "照".repeat(10_000), ..intake() };
    let created = packed.create_ticket(with_token(&token, longest)).await.expect("it is within the limit");
    let content = created.into_inner().ticket.map(|ticket| ticket.content.chars().count());
    assert_eq!(content, Some(10_000));
    // 64 MiB that travel as 64 KiB.
    let bomb = pb::CreateTicketRequest { content: "a".repeat(64 * 1024 * 1024), ..intake() };
    let refused = packed.create_ticket(with_token(&token, bomb)).await.expect_err("it is too large");
    assert_eq!(
        (refused.code(), reason(&refused).as_deref()),
        (Code::ResourceExhausted, Some("MESSAGE_TOO_LARGE"))
    );

    let mut channel = channel(&server);
    let mut request = post(CREATE, &token, framed(1, 9, b"not gzip!"));
    request.headers_mut().insert("grpc-encoding", "gzip".parse().expect("a header"));
    let answer = exchange(&mut channel, request).await;
    assert_eq!(answer.reason().as_deref(), Some("MESSAGE_MALFORMED"), "{answer:?}");
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubled_authorization_header_is_one_and_two_tokens_are_named() {
    let server = server(&[]);
    let (agent, other) = (server.token("agent"), server.token("dispatcher"));
    let mut channel = channel(&server);
    for (second, expected) in [
        (format!("Bearer {agent}"), None),
        (format!("Bearer {other}"), Some("TOKENS_DIFFER")),
        ("Basic YTpi".to_owned(), Some("UNAUTHENTICATED")),
    ] {
        let sound = pb::WhoAmIRequest {}.encode_to_vec();
        let path = "/hotline.v1.TicketService/WhoAmI";
        let mut request = post(path, &agent, framed(0, sound.len(), &sound));
        request.headers_mut().append("authorization", second.parse().expect("a header"));
        let answer = exchange(&mut channel, request).await;
        assert_eq!(answer.reason().as_deref(), expected, "{second}: {answer:?}");
        let code = if expected.is_none() { Code::Ok } else { Code::Unauthenticated };
        assert_eq!(answer.code(), Some(code));
    }
}

#[test]
fn the_variables_of_kubernetes_do_not_keep_it_from_serving() {
    let options = Options::default().simulated_clock(OPENING);
    let links = [
        ("HOTLINE_PORT", "tcp://10.0.0.1:7312"),
        ("HOTLINE_PORT_7312_TCP", "tcp://10.0.0.1:7312"),
        ("HOTLINE_PORT_7312_TCP_ADDR", "10.0.0.1"),
        ("HOTLINE_PORT_7312_TCP_PORT", "7312"),
        ("HOTLINE_PORT_7312_TCP_PROTO", "tcp"),
        ("HOTLINE_SERVICE_HOST", "10.0.0.1"),
        ("HOTLINE_SERVICE_PORT", "7312"),
        ("HOTLINE_SERVICE_PORT_GRPC", "7312"),
        ("HOTLINE_SERVER_PORT", "tcp://10.0.0.2:7312"),
    ];
    let options = links.iter().fold(options, |options, (name, value)| options.variable(name, value));
    let server = Server::start(Store::Sqlite, options);
    assert!(server.output().contains("listening on"));
}
