//! Waiting for a connection: it lasts until the deadline, is no attempt, and is over at once if it cannot help.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hotline_client::{Builder, ClientEvent, ErrorKind, HotlineClient, Observer};
use tokio::time::{Instant, sleep};

use crate::network::{Link, Network};
use crate::put;
use crate::scripted_server::{ScriptedAnswer, ScriptedServer};

fn answering() -> (ScriptedServer, Network, Builder) {
    let (server, network) = ScriptedServer::with_network(|_| ScriptedAnswer::Succeed);
    let builder = HotlineClient::builder().endpoint("http://hotline").connector(network.clone());
    (server, network, builder)
}

/// Takes a host down for a time of the simulated clock.
fn down_for(network: &Network, host: &'static str, time: Duration) {
    network.set(host, Link::Refused);
    let network = network.clone();
    tokio::spawn(async move {
        sleep(time).await;
        network.set(host, Link::Up);
    });
}

#[tokio::test(start_paused = true)]
async fn a_deadline_of_thirty_seconds_bridges_a_restart_of_twenty() {
    let (server, network, builder) = answering();
    down_for(&network, "hotline", Duration::from_secs(20));
    let start = Instant::now();
    let client = builder.connect_lazy().unwrap();
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { put(&client).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().expect("the server is back in time");
    }
    assert!(start.elapsed() < Duration::from_secs(23), "{:?}", start.elapsed());
    assert_eq!(server.received().len(), 100, "a wait is no attempt");
    assert!(network.dials() < 30, "one loop for all calls: {}", network.dials());
}

#[tokio::test(start_paused = true)]
async fn connecting_waits_for_the_server_too() {
    let (_server, network, builder) = answering();
    down_for(&network, "hotline", Duration::from_secs(20));
    assert!(builder.connect().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_never_sent_says_so_with_the_address_and_the_cause() {
    let (server, network, builder) = answering();
    network.set("hotline", Link::Refused);
    let start = Instant::now();
    let error = put(&builder.connect_lazy().unwrap()).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::from_secs(30));
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotConnected, 0));
    assert!(error.is_retryable() && !error.is_unknown_outcome() && !error.is_sent());
    let text = error.to_string();
    assert!(text.contains("http://hotline") && text.contains("connection refused"), "{text}");
    assert_eq!(error.clone().endpoint(), Some("http://hotline"));
    assert!(std::error::Error::source(&error).is_some() && server.received().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_waiting_cannot_mend_is_reported_at_once() {
    let (_server, network, builder) = answering();
    network.set("hotline", Link::Http1);
    let client = builder.connect_lazy().unwrap();
    let start = Instant::now();
    let error = put(&client).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Tls, false));
    assert!(error.to_string().contains("does not speak HTTP/2"), "{error}");
    assert_eq!(network.dials(), 1);
    // A loop of calls does not dial in a loop.
    for _ in 0..100 {
        assert!(put(&client).await.is_err());
    }
    assert!(network.dials() <= 2, "{}", network.dials());
    network.set("hotline", Link::Up);
    sleep(Duration::from_secs(1)).await;
    assert!(put(&client).await.is_ok(), "a corrected server is found");
}

#[tokio::test(start_paused = true)]
async fn the_next_endpoint_is_used_if_one_is_silent_or_gone() {
    for link in [Link::Refused, Link::Silent, Link::Http1, Link::Closing] {
        let (_server, network, builder) = answering();
        network.set("first", link);
        let client = builder.endpoints(["http://first", "http://second"]).connect().await.unwrap();
        assert!(put(&client).await.is_ok(), "{link:?}");
        assert_eq!(network.dials(), 2, "{link:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_endpoint_at_all_names_each_of_them() {
    let (_server, network, builder) = answering();
    network.set("first", Link::Refused);
    network.set("second", Link::Silent);
    let builder = builder.endpoints(["http://first", "http://second"]);
    let text = builder.connect().await.unwrap_err().to_string();
    assert!(text.contains("http://first: connecting failed: connection refused"), "{text}");
    assert!(text.contains("http://second") && text.contains("nothing came within 5s"), "{text}");
}

/// Keeps the events as text.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<String>>>);

impl Observer for Events {
    fn on_event(&self, event: &ClientEvent<'_>) {
        let text = format!("{event:?}");
        self.0.lock().unwrap().push(text.split([' ', '{']).next().unwrap_or_default().to_owned());
    }
}

#[tokio::test(start_paused = true)]
async fn waits_and_attempts_can_be_observed() {
    let (_server, network, builder) = answering();
    down_for(&network, "hotline", Duration::from_millis(70));
    let events = Events::default();
    let client = builder.observer(events.clone()).connect_lazy().unwrap();
    put(&client).await.unwrap();
    let events = events.0.lock().unwrap().clone();
    assert_eq!(
        events.iter().filter(|event| *event != "ConnectFailed").collect::<Vec<_>>(),
        ["WaitStarted", "Connected", "WaitEnded", "AttemptStarted", "AttemptEnded"]
    );
    assert!(events.iter().any(|event| event == "ConnectFailed"));
}

#[test]
fn a_client_is_made_without_a_runtime_and_used_in_another() {
    let first = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (server, network) =
        first.block_on(async { ScriptedServer::with_network(|_| ScriptedAnswer::Succeed) });
    let builder = HotlineClient::builder().endpoint("http://hotline").connector(network);
    let client = builder.connect_lazy().unwrap();
    first.block_on(async { put(&client).await.unwrap() });
    drop(first);
    // The connection's task ended with its runtime, and with it the server.
    let second =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let error = second.block_on(async { put(&client).await.unwrap_err() });
    assert_eq!(error.kind(), ErrorKind::NotConnected, "{error}");
    assert_eq!(server.received().len(), 1);
}
