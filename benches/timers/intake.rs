//! Clients that create tickets at a constant rate over several connections, and record the latency of each call from
//! the instant at which it was due.

use std::time::Duration;

use chrono::{DateTime, Utc};
use hotline_client::{Category, Channel, Complexity, Contact, CreateTicket, HotlineClient, Tickets};
use hotline_server::platform::Clock;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, interval};

use super::support::server::Server;

/// Connections, each with its own client.
const CONNECTIONS: usize = 4;

/// One call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// When it was due.
    pub(crate) at: DateTime<Utc>,
    /// How long after that it was answered, or how it failed.
    pub(crate) time: Result<Duration, String>,
}

/// Running calls.
#[derive(Debug)]
pub(crate) struct Intake {
    calling: JoinHandle<Vec<Call>>,
    stop: watch::Sender<bool>,
}

impl Intake {
    /// Starts the calls, this many a second.
    pub(crate) async fn begin(server: &Server, pace: u32) -> Self {
        let mut clients = Vec::new();
        for _ in 0..CONNECTIONS {
            let client = HotlineClient::builder().endpoint(server.endpoint()).token(server.token("agent"));
            clients.push(client.connect().await.expect("the server is there").tickets());
        }
        let (stop, stopped) = watch::channel(false);
        Self { calling: tokio::spawn(call(clients, pace, stopped)), stop }
    }

    /// Stops the calls; returns them.
    pub(crate) async fn end(self) -> Vec<Call> {
        self.stop.send_replace(true);
        self.calling.await.expect("the calls were made")
    }
}

async fn call(clients: Vec<Tickets>, pace: u32, stopped: watch::Receiver<bool>) -> Vec<Call> {
    let mut beat = interval(Duration::from_secs(1) / pace);
    let mut calls = JoinSet::new();
    for client in clients.iter().cycle() {
        // The instant of the beat itself, even if this task is late.
        let to_be_made = beat.tick().await;
        if *stopped.borrow() {
            break;
        }
        calls.spawn(create(client.clone(), to_be_made));
    }
    calls.join_all().await
}

async fn create(tickets: Tickets, to_be_made: Instant) -> Call {
    let at = Clock::Real.now() - to_be_made.elapsed();
    let outcome = tickets.create_ticket(appeal()).await;
    let elapsed = to_be_made.elapsed();
    Call { at, time: outcome.map(|_| elapsed).map_err(|error| format!("{error} after {elapsed:?}")) }
}

fn appeal() -> CreateTicket {
    CreateTicket::new(
        Category::Appeal,
        Complexity::General,
        Channel::Web,
        "营业执照变更迟迟未办结",
        "9月提交的变更申请至今没有答复，请协助核实办理进度。",
    )
    .contact(Contact { name: "王女士".into(), phone: "13800000000".into() })
}
