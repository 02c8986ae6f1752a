//! What spans and metrics cost: `GetTicket` through the layers of a server in this process, with the observing layer
//! and without it, in turns.
//!
//! ```sh
//! cargo bench -p hotline-server --bench observe -- --rounds 40 --slice-ms 500
//! ```
//!
//! The recorder of metrics is installed and the log is at level `info`, as in service. The services are the server's
//! own on a fresh SQLite file; there is no network, so the share of the layer is larger than in service. In each round
//! both services answer for the same time, and the order changes from round to round. The ratio of a round compares
//! its two halves.

#[path = "../../tests/support/temp_dir.rs"]
mod temp_dir;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use clap::Parser;
use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_server::TicketServiceServer;
use hotline_server::access::{Authenticator, ClientCache, Credentials};
use hotline_server::closed_loop::ClosedLoop;
use hotline_server::deadline::{Calendar, Policy, RuleBook};
use hotline_server::desk::attachment::Attachments;
use hotline_server::desk::directory::seed_database::seed_database;
use hotline_server::feed::{Feed, StreamLimits};
use hotline_server::identity::vault::Vault;
use hotline_server::ledger::Ledger;
use hotline_server::migration;
use hotline_server::oversight::verify::VerifyOptions;
use hotline_server::oversight::{Recount, Runner, Simulation};
use hotline_server::platform::config::{self, Config};
use hotline_server::platform::{Clock, Store, metrics, telemetry};
use hotline_server::rpc::Services;
use hotline_server::rpc::layer::anonymous_calls::AnonymousCalls;
use hotline_server::rpc::layer::auth::AuthLayer;
use hotline_server::rpc::layer::deadline::DeadlineLayer;
use hotline_server::rpc::layer::error_details::ErrorDetailsLayer;
use hotline_server::rpc::layer::grpc_only::GrpcOnlyLayer;
use hotline_server::rpc::layer::load_shed::LoadShedLayer;
use hotline_server::rpc::layer::observe::ObserveLayer;
use http::Request;
use hyper::body::{Body as _, Bytes, Frame};
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tonic::body::Body;
use tonic::service::Routes;
use tower::util::BoxCloneService;
use tower::{Layer as _, ServiceExt as _};

use self::temp_dir::TempDir;

const GET: &str = "/hotline.v1.TicketService/GetTicket";
const CREATE: &str = "/hotline.v1.TicketService/CreateTicket";
const TOKEN: &str = "a-token-of-the-benchmark";
/// How often observations are folded, as the server does it.
const FOLD_INTERVAL: Duration = Duration::from_secs(5);

/// What spans and metrics cost.
#[derive(Debug, Clone, Parser)]
struct Options {
    /// Rounds; each measures both services.
    #[arg(long, default_value_t = 40)]
    rounds: u32,
    /// How long each half of a round takes, in milliseconds.
    #[arg(long, default_value_t = 500)]
    slice_ms: u64,
    /// Callers at once.
    #[arg(long, default_value_t = 4)]
    callers: u32,
    /// Cargo passes it to every benchmark.
    #[arg(long = "bench", hide = true)]
    _bench: bool,
}

type HotlineService = BoxCloneService<Request<Body>, http::Response<Body>, Infallible>;

/// A body of one piece.
struct SingleChunk(VecDeque<Bytes>);

impl hyper::body::Body for SingleChunk {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

fn main() -> Result<(), String> {
    let options = Options::parse();
    let config: Config<Policy> = toml::from_str(config::DEFAULT).map_err(|error| error.to_string())?;
    telemetry::start(&config.log)?;
    let recorder = metrics::install_recorder()?;
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(FOLD_INTERVAL);
            recorder.run_upkeep();
        }
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(compare(&options, config.policy));
    Ok(())
}

async fn compare(options: &Options, policy: Policy) {
    let folder = TempDir::new("observe");
    let plain = service(&folder, policy).await;
    let observed = BoxCloneService::new(ObserveLayer::new().layer(plain.clone()));
    let ticket_number = create(&plain).await;
    let slice = Duration::from_millis(options.slice_ms);
    let mut ratios = Vec::new();
    println!("| round | without, calls/s | with, calls/s | with / without |\n|---|---|---|---|");
    // The first round only warms up.
    for round in 0..=options.rounds {
        let mut rates = [0.0; 2];
        let order = if round.is_multiple_of(2) { [0, 1] } else { [1, 0] };
        for place in order {
            let service = [&plain, &observed][place];
            rates[place] = rate(service, &ticket_number, options.callers, slice).await;
        }
        let [without, with] = rates;
        if round > 0 {
            println!("| {round} | {without:.0} | {with:.0} | {:.4} |", with / without);
            ratios.push(with / without);
        }
    }
    ratios.sort_by(f64::total_cmp);
    if let (Some(median), Some(low), Some(high)) =
        (ratios.get(ratios.len() / 2), ratios.get(ratios.len() / 4), ratios.get(ratios.len() * 3 / 4))
    {
        println!("median of with / without: {median:.4} (quartiles {low:.4} and {high:.4})");
    }
}

/// Calls that were answered in a second.
async fn rate(service: &HotlineService, ticket_number: &str, callers: u32, slice: Duration) -> f64 {
    let message = pb::GetTicketRequest { ticket_number: ticket_number.to_owned(), ..Default::default() };
    let message = Bytes::from(framed(&message.encode_to_vec()));
    let began_at = Instant::now();
    let callers: tokio::task::JoinSet<u32> = (0..callers)
        .map(|_| {
            let (service, message) = (service.clone(), message.clone());
            async move {
                let mut calls = 0;
                while began_at.elapsed() < slice {
                    call(service.clone(), GET, message.clone()).await;
                    calls += 1;
                }
                calls
            }
        })
        .collect();
    let calls: u32 = callers.join_all().await.into_iter().sum();
    f64::from(calls) / began_at.elapsed().as_secs_f64()
}

/// Calls a method and reads its whole response; answers the bytes.
async fn call(service: HotlineService, path: &str, message: Bytes) -> Vec<u8> {
    let request = Request::post(path)
        .version(http::Version::HTTP_2)
        .header("content-type", "application/grpc")
        .header("authorization", format!("Bearer {TOKEN}"))
        .body(Body::new(SingleChunk([message].into())));
    let response = service.oneshot(request.expect("a request")).await;
    let response = response.unwrap_or_else(|never| match never {});
    assert!(!response.headers().contains_key("grpc-status"), "refused: {:?}", response.headers());
    let (mut bytes, mut body) = (Vec::new(), response.into_body());
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(data) = frame.expect("a response").into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    bytes
}

/// A message with its prefix in gRPC: a flag and a length.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&[0][..], &length, message].concat()
}

/// Creates a ticket; answers its number.
async fn create(service: &HotlineService) -> String {
    let message = pb::CreateTicketRequest {
        request_id: uuid::Uuid::from_u128(7).to_string(),
        category: pb::TicketCategory::Appeal.into(),
        complexity: pb::TicketComplexity::General.into(),
        channel: pb::Channel::Web.into(),
        subject: "用电报装迟迟未受理".into(),
        content: "两周前提交的用电报装申请没有答复。".into(),
        ..pb::CreateTicketRequest::default()
    };
    let answer = call(service.clone(), CREATE, framed(&message.encode_to_vec()).into()).await;
    let answer = pb::CreateTicketResponse::decode(&answer[5..]).expect("an answer");
    answer.ticket.expect("the ticket").number
}

/// The tickets of a fresh database, behind the layers without the limits of sending and of rates.
async fn service(folder: &TempDir, policy: Policy) -> HotlineService {
    let clock = Clock::simulated("2019-10-12T02:00:00Z".parse().expect("an instant"));
    let store = Store::open_sqlite(&folder.path().join("hotline.sqlite")).await.expect("a new file");
    migration::migrate(store.migrating()).await.expect("a new file takes every step");
    seed_database(&store, &clock).await.expect("the directory is seeded");
    let calendar = Calendar::shipped().expect("the calendar is sound");
    let rules = RuleBook::open(&store, &clock, policy, calendar).await.expect("the rules are there");
    let ledger = Ledger::new(rules, Vault::in_memory().expect("randomness"));
    let closed_loop = ClosedLoop::new(store.clone(), clock.clone(), ledger.clone());
    let recount = Recount::default();
    let runner = Runner { store: store.clone(), clock: clock.clone(), ledger, recount };
    let limits =
        StreamLimits { all_max: 1, of_principal_max: 1, decision_age_max: StreamLimits::DECISION_AGE_MAX };
    let feed = Feed::new(store.clone(), clock.clone(), closed_loop.ledger.vault().clone(), limits);
    let services = Services::new(
        closed_loop,
        feed,
        Simulation::new(runner),
        Attachments::narrow(folder.path().join("attachments")),
        None,
        VerifyOptions::default(),
    );
    let routes = Routes::new(TicketServiceServer::new(services.tickets)).prepare();
    let client_cache = ClientCache::open(store.clone());
    let file = credentials(folder);
    let authenticator = Arc::new(Authenticator { file, client_cache, oidc: None, store, clock });
    let auth = AuthLayer::new(authenticator, AnonymousCalls::new(8, 8), false);
    let called = LoadShedLayer::new(64).layer(auth.layer(routes));
    let called = DeadlineLayer { timeout: Duration::from_secs(20), upload_timeout: Duration::from_secs(20) }
        .layer(called);
    let service = tonic_web::GrpcWebLayer::new().layer(ErrorDetailsLayer.layer(called));
    BoxCloneService::new(GrpcOnlyLayer.layer(service))
}

fn credentials(folder: &TempDir) -> Credentials {
    let path = folder.path().join("credentials.toml");
    let digest = hex::encode(Sha256::digest(TOKEN));
    let text =
        format!("[[credential]]\nprincipal = \"bench\"\nroles = [\"agent\"]\ntoken_sha256 = \"{digest}\"\n");
    std::fs::write(&path, text).expect("it can be written");
    Credentials::read(&path).expect("it is sound")
}
