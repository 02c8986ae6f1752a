//! The good client: reads its list at a constant rate, and records the latency of each call.

use std::fmt::{self, Display, Formatter};
use std::time::{Duration, Instant};

use hotline_proto::v1::ListTicketsRequest;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use tokio::runtime::Runtime;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};

use crate::slow_readers;
use crate::support::server::Server;

/// The interval between two calls.
const PACE: Duration = Duration::from_millis(5);

/// Large pages that are read before an attack with lists.
const LISTS_BEFORE: usize = 8;

/// A client with normal traffic.
pub(crate) struct GoodClient {
    channel: Channel,
    authorization: MetadataValue<Ascii>,
}

/// Its latencies in rising order, and the number of calls without an answer.
pub(crate) struct Latencies {
    times: Vec<Duration>,
    pub(crate) failed: usize,
}

impl Latencies {
    fn percentile(&self, percent: usize) -> Duration {
        self.times[(self.times.len() * percent / 100).min(self.times.len() - 1)]
    }

    /// The latency that 99 of 100 calls did not exceed.
    pub(crate) fn p99(&self) -> Duration {
        self.percentile(99)
    }
}

impl Display for Latencies {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        write!(f, "{:.1}/{:.1}", millis(self.percentile(50)), millis(self.p99()))?;
        write!(f, " ({} calls, {} failed)", self.times.len() + self.failed, self.failed)
    }
}

impl GoodClient {
    pub(crate) fn of(server: &Server, runtime: &Runtime) -> Self {
        let endpoint = Endpoint::from_shared(server.endpoint()).expect("an endpoint");
        let channel = runtime.block_on(endpoint.connect()).expect("it is let in");
        let authorization = format!("Bearer {}", server.token("agent")).parse().expect("a header");
        Self { channel, authorization }
    }

    /// Stores tickets with long texts for large lists, and lists them a few times. So the memory that normal readers
    /// need does not count as growth under attack.
    pub(crate) fn store_long_tickets(&self, runtime: &Runtime) {
        runtime.block_on(async {
            let mut raw = TicketServiceClient::new(self.channel.clone());
            for number in 0..slow_readers::TICKETS {
                let mut request = Request::new(slow_readers::long_ticket(number));
                request.metadata_mut().insert("authorization", self.authorization.clone());
                raw.create_ticket(request).await.expect("it is stored");
            }
            for _ in 0..LISTS_BEFORE {
                let mut request = Request::new(slow_readers::largest_page());
                request.metadata_mut().insert("authorization", self.authorization.clone());
                raw.list_tickets(request).await.expect("it is read");
            }
        });
    }

    /// Calls at its rate for this long.
    pub(crate) fn call_for(&self, time: Duration, runtime: &Runtime) -> Latencies {
        runtime.block_on(async {
            let mut latencies = Latencies { times: Vec::new(), failed: 0 };
            let begun = Instant::now();
            let mut pace = tokio::time::interval(PACE);
            pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            while begun.elapsed() < time {
                pace.tick().await;
                let mut request = Request::new(ListTicketsRequest::default());
                request.metadata_mut().insert("authorization", self.authorization.clone());
                let called = Instant::now();
                match TicketServiceClient::new(self.channel.clone()).list_tickets(request).await {
                    Ok(_) => latencies.times.push(called.elapsed()),
                    Err(error) => {
                        eprintln!("{error}");
                        latencies.failed += 1;
                    }
                }
            }
            latencies.times.sort_unstable();
            assert!(!latencies.times.is_empty(), "the good client was not answered once");
            latencies
        })
    }
}
