//! The metrics of calls have few series, whatever callers send: no method name, reason or other text of a caller
//! becomes a label.

use hotline_proto::{METHODS, REASONS};
use prost::Message as _;

use super::exchange::{CREATE, HEALTH, REFLECTION, channel, exchange, framed, post};
use super::server;
use crate::stories::metrics::{ask, value};
use crate::stories::open_call::intake;

/// Invented methods that are called.
const INVENTED: u64 = 300;
/// The label of every invented method.
const OTHER: &str = "other";

/// The value of a label in a line of the page.
fn label<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// The lines whose labels are not from the lists of the contract.
fn unlisted_labels(page: &str) -> Vec<&str> {
    let is_method = |name: &str| {
        let path = format!("/{name}");
        let is_standard =
            path.starts_with("/grpc.health.v1.Health/") || path.starts_with("/grpc.reflection.v1");
        name == OTHER || is_standard || METHODS.iter().any(|row| row.path == path)
    };
    let is_reason = |name: &str| REASONS.iter().any(|row| row.name == name);
    let is_unlisted = |line: &&str| {
        label(line, "grpc_method").is_some_and(|name| !is_method(name))
            || label(line, "reason").is_some_and(|name| !is_reason(name))
    };
    page.lines().filter(is_unlisted).collect()
}

/// How many time series a page has.
fn series(page: &str) -> usize {
    page.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn invented_methods_make_no_series() {
    let server = server(&[("metrics.listen", "\"127.0.0.1:0\"")]);
    let token = server.token("agent");
    let mut channel = channel(&server);
    let mut pages = Vec::new();
    for round in 0..2 {
        for number in 0..INVENTED {
            for path in [
                format!("/hotline.v1.TicketService/Get{round}x{number}"),
                format!("/a{round}.b{number}/C?d=%22%0A"),
                format!("{CREATE}/{round}{number}"),
                format!("/grpc.health.v1.Health/X{round}{number}"),
            ] {
                exchange(&mut channel, post(&path, &token, framed(0, 0, &[]))).await;
            }
        }
        pages.push(ask(&server, "GET", "/metrics").1);
    }
    let [first, second] = [&pages[0], &pages[1]];
    assert_eq!(unlisted_labels(second), Vec::<&str>::new());
    let started = "grpc_server_call_started_total{grpc_method=\"other\"}";
    assert_eq!(value(first, started), 4 * INVENTED);
    assert_eq!(value(second, started), 8 * INVENTED);
    let refused = "hotline_calls_refused_total{grpc_method=\"other\",reason=\"METHOD_UNKNOWN\"}";
    assert_eq!(value(second, refused), 8 * INVENTED);
    assert_eq!(series(first), series(second), "the second round made new series");
    assert_eq!(value(second, "hotline_calls_in_flight"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_every_layer_are_counted() {
    let server = server(&[("metrics.listen", "\"127.0.0.1:0\"")]);
    let token = server.token("agent");
    let mut channel = channel(&server);
    let create = || framed(0, intake().encoded_len(), &intake().encode_to_vec());
    exchange(&mut channel, post(CREATE, "unknown", create())).await;
    let mut no_grpc = post(CREATE, &token, create());
    no_grpc.headers_mut().insert("content-type", http::HeaderValue::from_static("text/plain"));
    exchange(&mut channel, no_grpc).await;
    let mut odd_timeout = post(CREATE, &token, create());
    odd_timeout.headers_mut().insert("grpc-timeout", http::HeaderValue::from_static("1x"));
    exchange(&mut channel, odd_timeout).await;
    exchange(&mut channel, post(CREATE, &token, framed(0, 3, b"\xff\xff\xff"))).await;
    // gRPC-Web has its trailers in the body.
    let mut web = post(CREATE, &token, create());
    web.headers_mut().insert("content-type", http::HeaderValue::from_static("application/grpc-web+proto"));
    exchange(&mut channel, web).await;
    exchange(&mut channel, post(HEALTH, &token, framed(0, 0, &[]))).await;
    exchange(&mut channel, post(REFLECTION, &token, framed(0, 2, &[0x3a, 0]))).await;

    let page = ask(&server, "GET", "/metrics").1;
    let method = "grpc_method=\"hotline.v1.TicketService/CreateTicket\"";
    for reason in ["UNAUTHENTICATED", "NOT_GRPC", "TIMEOUT_MALFORMED", "MESSAGE_MALFORMED"] {
        let row = REASONS.iter().find(|row| row.name == reason).expect("a reason");
        let refused = format!("hotline_calls_refused_total{{{method},reason=\"{reason}\"}}");
        assert_eq!(value(&page, &refused), 1, "{reason}");
        let ended =
            format!("grpc_server_call_duration_seconds_count{{{method},grpc_status=\"{}\"}}", row.code);
        assert!(value(&page, &ended) >= 1, "{ended}");
    }
    let ok = format!("grpc_server_call_duration_seconds_count{{{method},grpc_status=\"OK\"}}");
    assert_eq!(value(&page, &ok), 1, "the call of gRPC-Web");
    assert_eq!(value(&page, &format!("grpc_server_call_started_total{{{method}}}")), 5);
    for path in [HEALTH, REFLECTION] {
        let started = format!("grpc_server_call_started_total{{grpc_method=\"{}\"}}", &path[1..]);
        assert_eq!(value(&page, &started), 1, "{path}");
    }
    assert_eq!(value(&page, "hotline_calls_in_flight"), 0);
}

/// The injected bug of this suite: a path of a caller as a label.
#[test]
fn a_label_of_a_caller_is_found() {
    let page = "grpc_server_call_started_total{grpc_method=\"hotline.v1.TicketService/GetTicket\"} 1\n\
                grpc_server_call_started_total{grpc_method=\"hotline.v1.TicketService/Get17\"} 1\n\
                hotline_calls_refused_total{grpc_method=\"other\",reason=\"x\"} 1\n";
    assert_eq!(unlisted_labels(page).len(), 2);
    assert_eq!(series(page), 3);
}
