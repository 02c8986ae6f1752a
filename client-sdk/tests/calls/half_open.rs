//! Half-open connections: both ends are open, and not a byte moves any more, as behind a firewall that forgot the
//! connection. Only keep-alive detects them.

use std::time::Duration;

use hotline_client::{HotlineClient, WatchItem, WatchStart, WatchTickets};
use tokio::time::{Instant, timeout};

use crate::network::Network;
use crate::put;
use crate::scripted_server::{ScriptedAnswer, ScriptedServer};
use crate::scripted_streams::{ScriptedStreams, checkpoint};

const SECOND: Duration = Duration::from_secs(1);
/// Longer than any wait of these tests.
const VERY_LONG: Duration = Duration::from_hours(1);

#[tokio::test(start_paused = true)]
async fn a_call_over_a_frozen_connection_is_sent_again_when_keep_alive_has_ended_it() {
    let (server, network) = ScriptedServer::with_network(|_| ScriptedAnswer::Succeed);
    // One attempt may last as long as the call. So it is keep-alive that ends it.
    let builder = HotlineClient::builder().endpoint("http://hotline").connector(network.clone());
    let builder = builder.deadline(300 * SECOND).attempt_deadline(300 * SECOND);
    let client = builder.keep_alive(20 * SECOND, 5 * SECOND).connect().await.unwrap();
    put(&client).await.expect("the connection works");
    network.freeze_open_connections();
    let start = Instant::now();
    put(&client).await.expect("a new connection works");
    let waited = start.elapsed();
    assert!(waited >= 20 * SECOND && waited < 30 * SECOND, "{waited:?}");
    assert_eq!((server.received().len(), network.dials()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_froze_before_its_call_is_left_after_one_attempt() {
    let (server, network) = ScriptedServer::with_network(|_| ScriptedAnswer::Succeed);
    let builder = HotlineClient::builder().endpoint("http://hotline").connector(network.clone());
    let client = builder.connect().await.unwrap();
    put(&client).await.expect("the connection works");
    network.freeze_open_connections();
    let start = Instant::now();
    put(&client).await.expect("the next attempt takes a new connection");
    assert!(start.elapsed() < 11 * SECOND, "{:?}", start.elapsed());
    assert_eq!((server.received().len(), network.dials()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_stream_over_a_frozen_connection_is_opened_again() {
    let streams = ScriptedStreams::new(|place, _| Ok(vec![checkpoint(&format!("c-{place}"))]));
    let network = Network::to(streams.clone());
    let builder = HotlineClient::builder().endpoint("http://hotline").connector(network.clone());
    let client = builder.connect().await.unwrap();
    let mut watch = client.tickets().watch_tickets(WatchTickets::new(WatchStart::Now));
    assert_eq!(watch.next().await.unwrap(), WatchItem::Checkpoint);
    network.freeze_open_connections();
    let start = Instant::now();
    timeout(VERY_LONG, watch.next()).await.expect("it is opened again").unwrap();
    assert!(start.elapsed() < 45 * SECOND, "{:?}", start.elapsed());
    assert_eq!((streams.openings().len(), network.dials()), (2, 2));
}
