//! M1 and M2 over the wire: callers who hang up, at any moment of a call. No connection of the database stays in a
//! transaction, and every request id is answered with the one ticket that it made.
//!
//! `store::cancelled` drops futures where they wait; here streams are reset, as a client that goes away does it. The long
//! run is in `tests/attacks`.

use std::collections::BTreeSet;
use std::time::Duration;

use hotline_client::Uuid;
use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};

use super::{assert_calm, on};
use crate::stories::city::with_token;
use crate::stories::held_call::intake;
use crate::support::postgres;
use crate::support::server::Store;

/// Calls that are given up.
const CALLS: u64 = 2_000;
/// Connections that make them; each has many under way.
const CONNECTIONS: u64 = 4;
const AT_ONCE: u64 = 16;

/// Makes calls and hangs up on them; the request ids, and how many were answered all the same.
async fn hang_up(channel: Channel, token: String, first: u64, calls: u64) -> (Vec<String>, u64) {
    let (mut ids, mut answered) = (Vec::new(), 0);
    for number in 0..calls {
        let message = pb::CreateTicketRequest { request_id: Uuid::new_v4().to_string(), ..intake() };
        ids.push(message.request_id.clone());
        let mut raw = TicketServiceClient::new(channel.clone());
        let call = raw.create_ticket(with_token(&token, message));
        // From before it is read until after its commit: a call takes some milliseconds.
        let patience = Duration::from_micros((first + number) * 37 % 12_000);
        answered += u64::from(tokio::time::timeout(patience, call).await.is_ok_and(|answer| answer.is_ok()));
    }
    (ids, answered)
}

#[tokio::test(flavor = "multi_thread")]
async fn m1_callers_who_hang_up_leave_no_open_transaction() {
    let Some(cluster) = postgres::shared() else { return };
    let server = on(Store::Postgres, &[]);
    let token = server.token("agent");
    let mut callers = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let channel = Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy();
        for caller in 0..AT_ONCE {
            let first = (connection * AT_ONCE + caller) * 7919;
            let calls = CALLS / CONNECTIONS / AT_ONCE;
            callers.spawn(hang_up(channel.clone(), token.clone(), first, calls));
        }
    }
    let (mut ids, mut answered) = (Vec::new(), 0);
    for (some, heard) in callers.join_all().await {
        ids.extend(some);
        answered += heard;
    }
    assert!(answered < ids.len() as u64, "nobody hung up");

    let database = server.database().expect("it serves PostgreSQL").to_owned();
    let idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                AND state LIKE 'idle in transaction%'";
    // What was begun is finished first; then nothing may be left.
    let is_quiet = (0..200).any(|_| cluster.psql(&database, idle) == "0");
    assert!(is_quiet, "sessions idle in a transaction: {}", cluster.psql(&database, idle));

    let channel = Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy();
    let mut raw = TicketServiceClient::new(channel);
    let mut numbers = BTreeSet::new();
    for id in &ids {
        let message = pb::CreateTicketRequest { request_id: id.clone(), ..intake() };
        let answer = raw.create_ticket(with_token(&token, message)).await.expect("a repeat is answered");
        numbers.insert(answer.into_inner().ticket.expect("a ticket").number);
    }
    assert_eq!(numbers.len(), ids.len(), "one ticket for each request id");
    assert_eq!(cluster.psql(&database, "SELECT count(*) FROM ticket"), ids.len().to_string());
    assert_calm(&server);
}
