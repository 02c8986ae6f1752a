//! A ticket service in this process whose streams go as a test has scripted them.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{Stream, unfold};
use hotline_client::{Builder, HotlineClient};
use hotline_proto::v1;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, ServerStreamingService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::network::Network;

type Answer = Result<v1::WatchTicketsResponse, Status>;
/// What the n-th opening leads to, from 0.
type Script = dyn Fn(usize, &Opening) -> Result<Vec<Step>, Status> + Send + Sync;

/// One step of a stream. After the last one it stays open, and silent.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Gives an entry.
    Give(Box<v1::WatchTicketsResponse>),
    /// Waits.
    Wait(Duration),
    /// Ends with a status.
    End(Status),
}

/// What a client asked for when it opened a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opening {
    pub(crate) cursor: String,
    pub(crate) is_snapshot: bool,
    pub(crate) authorization: String,
}

/// The service and its records.
#[derive(Clone)]
pub(crate) struct ScriptedStreams {
    script: Arc<Script>,
    openings: Arc<Mutex<Vec<Opening>>>,
}

impl ScriptedStreams {
    /// The service alone.
    pub(crate) fn new(
        script: impl Fn(usize, &Opening) -> Result<Vec<Step>, Status> + Send + Sync + 'static,
    ) -> Self {
        Self { script: Arc::new(script), openings: Arc::default() }
    }

    /// Starts a server and prepares a client for it.
    pub(crate) fn start(
        script: impl Fn(usize, &Opening) -> Result<Vec<Step>, Status> + Send + Sync + 'static,
    ) -> (Self, Builder) {
        let streams = Self::new(script);
        let network = Network::to(streams.clone());
        (streams, HotlineClient::builder().endpoint("http://hotline").token("token-7").connector(network))
    }

    /// Every opening so far, in order.
    pub(crate) fn openings(&self) -> Vec<Opening> {
        self.openings.lock().unwrap().clone()
    }
}

/// An entry with its cursor.
pub(crate) fn give(cursor: &str, entry: v1::watch_tickets_response::Entry) -> Step {
    Step::Give(Box::new(v1::WatchTicketsResponse { cursor: cursor.into(), entry: Some(entry) }))
}

/// A checkpoint.
pub(crate) fn checkpoint(cursor: &str) -> Step {
    give(cursor, v1::watch_tickets_response::Entry::Checkpoint(v1::FeedCheckpoint::default()))
}

impl NamedService for ScriptedStreams {
    const NAME: &'static str = "hotline.v1.TicketService";
}

impl tower_service::Service<http::Request<Body>> for ScriptedStreams {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    /// Every method is taken for `WatchTickets`.
    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let streams = self.clone();
        let codec = ProstCodec::<v1::WatchTicketsResponse, v1::WatchTicketsRequest>::default();
        Box::pin(async move { Ok(Grpc::new(codec).server_streaming(streams, request).await) })
    }
}

impl ServerStreamingService<v1::WatchTicketsRequest> for ScriptedStreams {
    type Response = v1::WatchTicketsResponse;
    type ResponseStream = Pin<Box<dyn Stream<Item = Answer> + Send>>;
    type Future = std::future::Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<v1::WatchTicketsRequest>) -> Self::Future {
        let header = request.metadata().get("authorization");
        let opening = Opening {
            cursor: request.get_ref().cursor.clone(),
            is_snapshot: request.get_ref().snapshot,
            authorization: header.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default(),
        };
        let place = {
            let mut openings = self.openings.lock().unwrap();
            openings.push(opening.clone());
            openings.len() - 1
        };
        std::future::ready(
            (self.script)(place, &opening).map(|steps| Response::new(Box::pin(play(steps)) as _)),
        )
    }
}

fn play(steps: Vec<Step>) -> impl Stream<Item = Answer> + Send {
    unfold(VecDeque::from(steps), async |mut steps| {
        loop {
            match steps.pop_front() {
                Some(Step::Give(response)) => return Some((Ok(*response), steps)),
                Some(Step::Wait(time)) => tokio::time::sleep(time).await,
                Some(Step::End(status)) => return Some((Err(status), steps)),
                None => std::future::pending().await,
            }
        }
    })
}
