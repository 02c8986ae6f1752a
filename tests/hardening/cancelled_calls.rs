//! M1 and M2 over the network: callers that disconnect at any moment of a call. No connection of the database stays in
//! a transaction, and every request id gets the one ticket that it made.
//!
//! `store::cancelled_calls` drops futures at their await points. Here streams are reset, as by a client that
//! disconnects. The long run is in `tests/attacks`.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hotline_client::Uuid;
use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

use crate::support::postgres::Cluster;
use crate::support::server::Server;

/// Connections with calls; each has many in flight.
const CONNECTIONS: usize = 4;
const AT_ONCE: usize = 64;
/// Calls that are completed first, to measure their usual duration.
const CALLS_WAITED_FOR: usize = AT_ONCE * 2;

async fn create(
    channel: Channel,
    token: String,
    id: String,
) -> Result<Response<pb::CreateTicketResponse>, Status> {
    let mut request = Request::new(pb::CreateTicketRequest {
        request_id: id,
        category: pb::TicketCategory::Appeal.into(),
        complexity: pb::TicketComplexity::General.into(),
        channel: pb::Channel::Web.into(),
        subject: "用电报装迟迟未受理".into(),
        content: "两周前提交的用电报装申请没有答复。".into(),
        ..pb::CreateTicketRequest::default()
    });
    let authorization = format!("Bearer {token}").parse().expect("a token fits into a header");
    request.metadata_mut().insert("authorization", authorization);
    TicketServiceClient::new(channel).create_ticket(request).await
}

/// Repeats every id; returns the numbers of the tickets.
async fn ask_again(channel: &Channel, token: &str, ids: &[String]) -> Result<BTreeSet<String>, String> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for id in ids.iter().cloned() {
        let place = Arc::clone(&places).acquire_owned().await.expect("the places are not closed");
        let call = create(channel.clone(), token.to_owned(), id);
        running.spawn(async move {
            let answer = call.await;
            drop(place);
            answer
        });
    }
    let mut numbers = BTreeSet::new();
    while let Some(answer) = running.join_next().await {
        let answer =
            answer.expect("who asks does not panic").map_err(|refused| format!("a repeat: {refused}"))?;
        numbers.insert(answer.into_inner().ticket.expect("an answer has a ticket").number);
    }
    Ok(numbers)
}

/// PostgreSQL's message about BEGIN on a connection that is already in a transaction.
const BEGUN_TWICE: &str = "already a transaction in progress";

/// How often that happened, according to the cluster's log from a byte on.
fn begun_twice(log: &Path, from: u64) -> usize {
    let text = std::fs::read(log).expect("the cluster has a log");
    let from = usize::try_from(from).expect("a small log");
    String::from_utf8_lossy(&text[from..]).matches(BEGUN_TWICE).count()
}

/// Makes this many calls on PostgreSQL and cancels them; returns the figures or the fault.
pub(crate) async fn hang_up(server: &Server, cluster: &Cluster, calls: u64) -> Result<String, String> {
    let token = server.token("agent");
    let endpoint = Endpoint::from_shared(server.endpoint()).expect("an endpoint");
    let channels: Vec<Channel> = (0..CONNECTIONS).map(|_| endpoint.connect_lazy()).collect();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    let mut ids = Vec::new();
    let (log, log_from) = cluster.log();
    let begun = Instant::now();
    let mut patience_max_micros = None;
    for number in 0..calls {
        if ids.len() == CALLS_WAITED_FOR {
            // From before a call is read until about when its answer arrives.
            patience_max_micros = u64::try_from(begun.elapsed().as_micros()).ok();
        }
        let id = Uuid::new_v4().to_string();
        ids.push(id.clone());
        let place = Arc::clone(&places).acquire_owned().await.expect("the places are not closed");
        let channel = channels[ids.len() % CONNECTIONS].clone();
        let call = create(channel, token.clone(), id);
        let patience = patience_max_micros
            .map_or(Duration::MAX, |most: u64| Duration::from_micros(number * 7919 % most.max(1)));
        running.spawn(async move {
            let answered = tokio::time::timeout(patience, call).await.is_ok_and(|answer| answer.is_ok());
            drop(place);
            answered
        });
    }
    let answered = running.join_all().await.into_iter().filter(|is_answered| *is_answered).count();
    if answered == ids.len() {
        return Err("nobody hung up".to_owned());
    }

    let database = server.database().expect("it serves PostgreSQL");
    let idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                AND state LIKE 'idle in transaction%'";
    // Running work is finished first; then nothing may be left.
    if !(0..500).any(|_| cluster.psql(database, idle) == "0") {
        return Err(format!("{} sessions idle in a transaction", cluster.psql(database, idle)));
    }
    let kept: u64 = cluster.psql(database, "SELECT count(*) FROM ticket").parse().expect("a count");
    let numbers = ask_again(&channels[0], &token, &ids).await?;
    let begun_twice = begun_twice(&log, log_from);
    if begun_twice > 0 {
        return Err(format!("{begun_twice} transactions were begun inside somebody's"));
    }
    let tickets: usize = cluster.psql(database, "SELECT count(*) FROM ticket").parse().expect("a count");
    if (numbers.len(), tickets) != (ids.len(), ids.len()) {
        return Err(format!("{} ids have {} numbers and {tickets} tickets", ids.len(), numbers.len()));
    }
    Ok(format!(
        "{calls} calls, {answered} answered before their caller hung up, {kept} kept all the same, 0 poisoned"
    ))
}
