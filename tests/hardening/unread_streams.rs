//! Streams of tickets that are not read: the peer's HTTP/2 window is 0. They hold no connection to the database and no
//! turn to read, so everybody else is served as before.

use std::net::{IpAddr, Ipv4Addr};

use hotline_client::Uuid;
use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use tonic::transport::{Channel, Endpoint};

use super::raw_http2::{self, Frame, RawHttp2, WAIT_MAX};
use super::{assert_calm, on};
use crate::stories::open_call::intake;
use crate::stories::test_env::with_token;
use crate::support::server::{Server, Store};

const WATCH: &str = "/hotline.v1.TicketService/WatchTickets";
const UNIT: &str = "dept-tax";
/// A local address that good clients do not use.
const FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
/// Streams that are not read: more than there are connections to the database, and turns.
const STREAMS: usize = 24;
const TICKETS: usize = 40;

fn client(server: &Server) -> TicketServiceClient<Channel> {
    TicketServiceClient::new(Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy())
}

/// Takes tickets in with long texts and dispatches them to the unit.
async fn fill(server: &Server) {
    let mut raw = client(server);
    let (agent, dispatcher) = (server.token("agent"), server.token("dispatcher"));
    for _ in 0..TICKETS {
        let created = raw.create_ticket(with_token(&agent, intake())).await.expect("it is taken in");
        let ticket = created.into_inner().ticket.expect("the ticket");
        let note = "道".repeat(1_500);
        let dispatch = pb::DispatchTicketRequest {
            request_id: Uuid::new_v4().to_string(),
            ticket_number: ticket.number,
            lead_unit: UNIT.to_owned(),
            note,
            ..pb::DispatchTicketRequest::default()
        };
        raw.dispatch_ticket(with_token(&dispatcher, dispatch)).await.expect("it is dispatched");
    }
}

/// Opens a stream that begins with a snapshot, without reading it.
fn open_unread(peer: &mut RawHttp2, token: &str) {
    let request = pb::WatchTicketsRequest { snapshot: true, ..pb::WatchTicketsRequest::default() };
    let stream =
        peer.call(&raw_http2::call(WATCH, token), &raw_http2::message(&request)).expect("the peer can send");
    let is_head = |frame: &Frame| frame.kind == raw_http2::HEADERS && frame.stream == stream;
    let head = peer.await_frame(is_head).expect("it is answered");
    assert_eq!(head.flags & raw_http2::END_STREAM, 0, "it is not refused");
}

/// Reads a snapshot to its end; returns how many tickets it had.
async fn read_snapshot(server: &Server, token: &str) -> i64 {
    let request = pb::WatchTicketsRequest { snapshot: true, ..pb::WatchTicketsRequest::default() };
    let opened = client(server).watch_tickets(with_token(token, request)).await.expect("it opens");
    let mut stream = opened.into_inner();
    while let Some(response) = stream.message().await.expect("the stream is open") {
        if let Some(pb::watch_tickets_response::Entry::SnapshotEnd(end)) = response.entry {
            return end.ticket_count;
        }
    }
    panic!("the snapshot has no end");
}

async fn unread_streams_leave_the_database_to_others(store: Store) {
    let server = on(store, &[("database_connections", "6")]);
    fill(&server).await;
    let (unit, supervisor) = (server.unit_token(UNIT), server.token("supervisor"));
    let mut peer = RawHttp2::open_with_window(server.address(), FROM, 0).expect("the connection is accepted");
    for place in 0..STREAMS {
        open_unread(&mut peer, if place % 2 == 0 { &unit } else { &supervisor });
    }
    let others = async {
        for token in [&unit, &supervisor] {
            assert_eq!(read_snapshot(&server, token).await, i64::try_from(TICKETS).expect("a few"));
            // Each call of a unit takes a connection of its own.
            for _ in 0..12 {
                let listed =
                    client(&server).list_tickets(with_token(token, pb::ListTicketsRequest::default())).await;
                assert!(!listed.expect("a connection is free").into_inner().tickets.is_empty());
            }
        }
    };
    tokio::time::timeout(WAIT_MAX, others).await.expect("streams that are not read hold what others need");
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_streams_leave_sqlite_to_others() {
    unread_streams_leave_the_database_to_others(Store::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_streams_leave_postgres_to_others() {
    if crate::support::postgres::shared().is_some() {
        unread_streams_leave_the_database_to_others(Store::Postgres).await;
    }
}
