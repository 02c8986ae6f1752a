//! The spool against a ticket service that fails as a test has scripted it, on the simulated clock: which faults set an
//! entry aside, which let the others go first, and which make all of them wait.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use hotline_client::spool::{Spool, SpoolEvent, SpoolKey, SpoolOptions};
use hotline_client::{
    Category, Channel, Complexity, CreateTicket, ErrorKind, HotlineClient, RetryPolicy, Source, Uuid,
};
use hotline_proto::v1;
use tokio::time::{Instant, sleep, timeout};
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::network::{Link, Network};
use crate::refusal;

/// Longer than any wait of these tests.
const VERY_LONG: Duration = Duration::from_hours(24);

/// The refusal of a call, by its reference.
type Script = dyn Fn(&str) -> Option<Status> + Send + Sync;

/// A ticket service that creates one ticket for each call.
#[derive(Clone)]
struct Intake {
    script: Arc<Script>,
    /// The calls that have tickets, in the order in which they got them, each with its request id.
    tickets: Arc<Mutex<Vec<(String, String)>>>,
    attempts: Arc<Mutex<usize>>,
}

impl Intake {
    fn start(
        script: impl Fn(&str) -> Option<Status> + Send + Sync + 'static,
    ) -> (Self, Network, HotlineClient) {
        let intake = Self { script: Arc::new(script), tickets: Arc::default(), attempts: Arc::default() };
        let network = Network::to(intake.clone());
        let builder = HotlineClient::builder().endpoint("http://hotline").connector(network.clone());
        // The spool's own pauses are tested, and not the client's.
        let client = builder.retry(RetryPolicy::never()).deadline(Duration::from_secs(2)).connect_lazy();
        (intake, network, client.unwrap())
    }

    /// The calls that have tickets, in the order in which they got them.
    fn calls(&self) -> Vec<String> {
        self.tickets.lock().unwrap().iter().map(|(call, _)| call.clone()).collect()
    }

    fn attempts(&self) -> usize {
        *self.attempts.lock().unwrap()
    }
}

impl NamedService for Intake {
    const NAME: &'static str = "hotline.v1.TicketService";
}

impl tower_service::Service<http::Request<Body>> for Intake {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let intake = self.clone();
        let codec = ProstCodec::<v1::CreateTicketResponse, v1::CreateTicketRequest>::default();
        Box::pin(async move { Ok(Grpc::new(codec).unary(intake, request).await) })
    }
}

impl UnaryService<v1::CreateTicketRequest> for Intake {
    type Response = v1::CreateTicketResponse;
    type Future = std::future::Ready<Result<Response<Self::Response>, Status>>;

    fn call(&mut self, request: Request<v1::CreateTicketRequest>) -> Self::Future {
        *self.attempts.lock().unwrap() += 1;
        let request = request.into_inner();
        let reference = request.source.unwrap_or_default().reference;
        if let Some(status) = (self.script)(&reference) {
            return std::future::ready(Err(status));
        }
        self.tickets.lock().unwrap().push((reference, request.request_id));
        let now = Some(prost_types::Timestamp { seconds: 1_570_845_600, nanos: 0 });
        let cycle = v1::Cycle { number: 1, start_time: now, due_time: now, ..Default::default() };
        let ticket =
            v1::Ticket { intake_time: now, update_time: now, cycle: Some(cycle), ..Default::default() };
        let response = v1::CreateTicketResponse { ticket: Some(ticket), ..Default::default() };
        std::future::ready(Ok(Response::new(response)))
    }
}

/// A folder that is removed at the end.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("hotline-spool-{}", Uuid::new_v4())))
    }

    fn options(&self) -> SpoolOptions {
        SpoolOptions::new(&self.0, SpoolKey::from_bytes(&[7; 32]).unwrap()).per_second(1_000)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn call(number: usize) -> CreateTicket {
    CreateTicket::new(Category::Appeal, Complexity::General, Channel::Telephone, "执照变更", "没有答复。")
        .source(Source::new("switch-3", format!("call-{number}")))
}

async fn submit(spool: &Spool, calls: std::ops::Range<usize>) {
    for number in calls {
        spool.submit(call(number)).await.unwrap();
    }
}

fn names(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("call-{number}")).collect()
}

async fn drained(spool: &Spool) {
    timeout(VERY_LONG, spool.drained()).await.expect("each entry gets its ticket");
}

#[tokio::test(start_paused = true)]
async fn faults_of_the_server_set_nothing_aside_however_long_they_last() {
    let start = Instant::now();
    let (intake, _, client) = Intake::start(move |_| {
        let is_faulty = start.elapsed() < Duration::from_hours(2);
        is_faulty.then(|| refusal(Code::Internal, "INTERNAL"))
    });
    let home = Home::new();
    let spool = Spool::open(client, home.options()).unwrap();
    submit(&spool, 0..5).await;
    drained(&spool).await;
    let mut calls = intake.calls();
    calls.sort();
    assert_eq!((calls, spool.set_aside().unwrap()), (names(0..5), vec![]));
    assert!(intake.attempts() < 300, "{} attempts", intake.attempts());
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_always_fails_is_kept_and_holds_nobody_up() {
    let (intake, _, client) =
        Intake::start(|reference| (reference == "call-1").then(|| refusal(Code::Internal, "INTERNAL")));
    let home = Home::new();
    let spool = Spool::open(client, home.options()).unwrap();
    submit(&spool, 0..10).await;
    sleep(Duration::from_mins(10)).await;
    assert_eq!(intake.calls(), names([0, 2, 3, 4, 5, 6, 7, 8, 9]));
    assert_eq!((spool.waiting(), spool.set_aside().unwrap()), (1, vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_passing_fault_keeps_the_order() {
    let faults = Arc::new(Mutex::new(2));
    let (intake, _, client) = Intake::start(move |_| {
        let mut left = faults.lock().unwrap();
        (*left > 0).then(|| {
            *left -= 1;
            Status::internal("a proxy starts")
        })
    });
    let home = Home::new();
    let spool = Spool::open(client, home.options()).unwrap();
    submit(&spool, 0..5).await;
    drained(&spool).await;
    assert_eq!(intake.calls(), names(0..5));
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_too_large_is_refused_at_once_and_an_old_entry_of_it_is_set_aside() {
    let (intake, _, client) = Intake::start(|reference| {
        (reference == "call-0").then(|| refusal(Code::ResourceExhausted, "MESSAGE_TOO_LARGE"))
    });
    let home = Home::new();
    let spool = Spool::open(client, home.options()).unwrap();
    let large = CreateTicket::new(
        Category::Appeal,
        Complexity::General,
        Channel::Telephone,
        "执照变更",
        "字".repeat(100_000),
    );
    let error = spool.submit(large.source(Source::new("switch-3", "large"))).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Spool, false));
    assert!(error.to_string().contains("262144"), "{error}");
    // The hotline may take less than this version of the library believes.
    submit(&spool, 0..2).await;
    drained(&spool).await;
    assert_eq!((intake.calls(), spool.set_aside().unwrap().len()), (names([1]), 1));
}

/// Waits until the events contain one.
async fn seen(events: &Mutex<Vec<String>>, wanted: &str) {
    let found = async {
        while !events.lock().unwrap().iter().any(|event| event == wanted) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(VERY_LONG, found).await.unwrap_or_else(|_| panic!("no {wanted}: {:?}", events.lock().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn an_entry_whose_file_is_gone_is_reported_and_not_looked_for_again() {
    let (intake, network, client) = Intake::start(|_| None);
    network.set("hotline", Link::Refused);
    let (home, events) = (Home::new(), Arc::new(Mutex::new(Vec::new())));
    let noted = Arc::clone(&events);
    let spool = Spool::open(
        client,
        home.options().observer(move |event| {
            if let SpoolEvent::Missing { sequence, .. } = event {
                noted.lock().unwrap().push(format!("missing {sequence}"));
            }
        }),
    )
    .unwrap();
    submit(&spool, 0..3).await;
    std::fs::remove_file(entry(&home.0, 1)).unwrap();
    // The sender may have read it before.
    sleep(Duration::from_mins(2)).await;
    network.set("hotline", Link::Up);
    drained(&spool).await;
    seen(&events, "missing 1").await;
    assert_eq!(intake.calls(), names([1, 2]));
}

fn entry(folder: &Path, sequence: u64) -> PathBuf {
    folder.join(format!("{sequence:020}.entry"))
}

#[tokio::test(start_paused = true)]
async fn an_observer_that_panics_ends_nothing() {
    let (intake, _, client) = Intake::start(|_| None);
    let home = Home::new();
    let options = home.options().observer(|event| {
        let SpoolEvent::Sent { source, .. } = event else { return };
        assert_ne!(source.reference, "call-0", "a fault of the user's code");
    });
    let spool = Spool::open(client, options).unwrap();
    submit(&spool, 0..3).await;
    drained(&spool).await;
    assert_eq!(intake.calls(), names(0..3));
}

#[tokio::test(start_paused = true)]
async fn calls_of_ten_minutes_without_a_server_get_one_ticket_each_in_order() {
    const CALLS: usize = 600;
    let (intake, network, client) = Intake::start(|_| None);
    network.set("hotline", Link::Refused);
    let home = Home::new();
    let spool = Spool::open(client, home.options().per_second(10)).unwrap();
    let begun = Instant::now();
    for number in 0..CALLS {
        spool.submit(call(number)).await.unwrap();
        sleep(Duration::from_secs(1)).await;
    }
    assert!(begun.elapsed() >= Duration::from_mins(10) && spool.waiting() == CALLS);
    assert_eq!(intake.attempts(), 0);
    network.set("hotline", Link::Up);
    let back = Instant::now();
    drained(&spool).await;
    assert_eq!(intake.calls(), names(0..CALLS));
    let ids: BTreeSet<_> = intake.tickets.lock().unwrap().iter().map(|(_, id)| id.clone()).collect();
    assert!(ids.len() == CALLS && intake.attempts() == CALLS, "{} attempts", intake.attempts());
    // Ten a second, and at most a minute until the first.
    let taken = back.elapsed();
    assert!(taken > Duration::from_secs(45) && taken < Duration::from_mins(3), "{taken:?}");
}
