//! The whole hotline put together: from a configuration to a server that answers, and back down again in bounded time.

mod background;
mod database;
mod door;
mod drain;
mod files;
mod health;
mod timeline;
mod vault_keys;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hotline_proto::FILE_DESCRIPTOR_SET;
use hotline_proto::v1::admin_service_server::AdminServiceServer;
use hotline_proto::v1::audit_service_server::AuditServiceServer;
use hotline_proto::v1::directory_service_server::DirectoryServiceServer;
use hotline_proto::v1::simulation_service_server::SimulationServiceServer;
use hotline_proto::v1::ticket_service_server::TicketServiceServer;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tonic::transport::Server;
use tonic::transport::server::Router;
use tonic_health::ServingStatus;
use tower::layer::util::{Identity, Stack};

use crate::access::{Doorkeeper, contract};
use crate::closed_loop::ClosedLoop;
use crate::deadline::{Calendar, Policy, RuleBook};
use crate::desk::directory::plant;
use crate::desk::rules::propose;
use crate::ledger::Ledger;
use crate::ledger::identity::resealing;
use crate::ledger::verify::Accepted;
use crate::oversight::{Notary, Reconciler, Runner, Sealer, Simulation, told};
use crate::platform::config::Config;
use crate::platform::metrics::listener::Listener;
use crate::platform::reload::Reload;
use crate::platform::{Clock, deployment, private_file};
use crate::rpc::admin_service::AdminSwitchboard;
use crate::rpc::audit_service::AuditSwitchboard;
use crate::rpc::call::CallLayer;
use crate::rpc::directory_service::DirectorySwitchboard;
use crate::rpc::entrance::EntranceLayer;
use crate::rpc::guesses::GuessLayer;
use crate::rpc::protocol::ProtocolLayer;
use crate::rpc::rate::{RateLayer, Shares};
use crate::rpc::refusals::RefusalLayer;
use crate::rpc::simulation_service::SimulationSwitchboard;
use crate::rpc::ticket_service::TicketSwitchboard;
use crate::rpc::transport::{self, Tls};
use crate::vault::{FileKeys, KeyProvider, Vault};

use background::Background;
pub use database::migrate;
pub use files::check_config_file;
pub use timeline::{accepted_keys, print_seals, verify};
pub use vault_keys::change_vault_keys;

/// The largest request, in bytes: the longest texts in Chinese, with room to spare.
const REQUEST_BYTES_MAX: usize = 256 * 1024;
/// The largest block of headers, in bytes.
const HEADER_BYTES_MAX: u32 = 16 * 1024;
/// Broken streams that a peer may cause before its connection is ended; h2's own default, which tonic turns off.
const BAD_STREAMS_MAX: usize = 1024;
/// Streams that a peer may reset before they were looked at; h2's own default.
const PENDING_RESETS_MAX: usize = 20;
/// How often a silent connection is asked whether anybody is there, and how long for an answer.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));

/// Why the hotline does not run.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A hotline that is ready to be served.
#[derive(Debug)]
pub struct Hotline {
    config: Config<Policy>,
    closed_loop: ClosedLoop,
    runner: Runner,
    keys: Arc<FileKeys>,
    notary: Notary,
    reload: Reload,
}

/// Makes a folder that only its owner can look into: it will hold names and tokens.
fn make_private(folder: &Path) -> Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let is_new = !folder.exists();
    let made = builder.create(folder);
    let made = made.and_then(|()| if is_new { private_file::sync_folder(folder) } else { Ok(()) });
    made.map_err(|error| format!("{}: {error}", folder.display()).into())
}

impl Hotline {
    /// Opens the database and readies everything that calls need.
    ///
    /// # Errors
    /// Where the policy is unsound, or the database can't be opened.
    pub async fn open(config: Config<Policy>, clock: Clock) -> Result<Self, Failure> {
        check(&config, &clock)?;
        files::check(&config, clock.is_simulated())?;
        let store = database::ready(&config, &clock).await?.hashing_with(timeline::suite(&config)?);
        let fault = |fault: crate::platform::Fault| Failure::from(fault.ours);
        let clock = match clock {
            Clock::Real => Clock::shared(&store).await.map_err(fault)?,
            other => other,
        };
        if !deployment::fits(&store, &clock).await.map_err(fault)? {
            let other = if clock.is_simulated() { "real tickets" } else { "a simulation" };
            return Err(format!("this database holds {other}; give this server one of its own").into());
        }
        plant::plant(&store, &clock).await.map_err(fault)?;
        let rules = RuleBook::open(&store, &clock, config.policy.clone(), Calendar::shipped()?);
        let rules = rules.await.map_err(fault)?;
        propose::propose_shipped(&store, &clock, &rules, Calendar::shipped()?).await.map_err(fault)?;
        let keys = vault_keys::open_keys(&config, &store, &clock).await?;
        let vault = Vault::new(Arc::clone(&keys) as Arc<dyn KeyProvider>);
        while resealing::seal_plain(&store, &clock, &vault).await.map_err(fault)? > 0 {}
        let ledger = Ledger::new(rules, vault);
        let closed_loop = ClosedLoop { store: store.clone(), clock: clock.clone(), ledger: ledger.clone() };
        let notary = Notary {
            store: store.in_background(),
            clock: clock.clone(),
            key: timeline::signing_key(&config, &store).await?,
            interval: timeline::interval(&config)?,
            ship_to: timeline::ship_to(&config)?,
        };
        let runner = Runner { store: store.in_background(), clock, ledger };
        Ok(Self { config, closed_loop, runner, keys, notary, reload: Reload::never() })
    }

    /// The same, which reads the files that it follows again when it is asked to.
    #[must_use]
    pub fn reloading(self, reload: Reload) -> Self {
        Self { reload, ..self }
    }

    /// Listens, says so on standard output, and serves until `stop` is done; then drains in bounded time.
    ///
    /// # Errors
    /// Where the address can't be listened on, or credentials can't be read.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Failure> {
        let tls = Tls::open(&self.config.tls, self.config.is_in_service())?;
        let listener = TcpListener::bind(self.config.listen)
            .await
            .map_err(|error| format!("can't listen on {}: {error}", self.config.listen))?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let endpoint = format!("{scheme}://{}", listener.local_addr()?);
        let (credentials, tokens) = self.credentials(&endpoint)?;
        self.check_administrators(&credentials).await?;
        let metrics = self.listen_for_metrics().await?;
        let (reporter, service) = tonic_health::server::health_reporter();
        health::set(&reporter, ServingStatus::NotServing).await;
        let (limits, shutdown) = (self.config.limits(), self.config.shutdown);
        let doorkeeper = Arc::new(self.doorkeeper(credentials)?);
        let router = self.router(&doorkeeper)?.add_service(service);

        let mut background = self.background(doorkeeper);
        let mut watch = tokio::spawn(health::follow(self.closed_loop.store.clone(), reporter.clone()));
        self.say_hello(&endpoint, tokens.as_deref());
        if let Some(metrics) = metrics {
            background.spawn("metrics", metrics.serve());
        }
        if let Some(tls) = &tls {
            background.spawn("TLS files", Arc::clone(tls).follow(self.reload.clone()));
        }

        let closing = Arc::new(Notify::new());
        let told = Arc::clone(&closing);
        let peers = transport::peers(listener, &limits, tls);
        let server = router.serve_with_incoming_shutdown(peers, async move { told.notified().await });
        let mut server = Box::pin(server);
        let failed = tokio::select! {
            outcome = &mut server => {
                self.closed_loop.store.close().await;
                return Ok(outcome?);
            }
            () = stop => None,
            ended = background.ended() => Some(ended),
            outcome = &mut watch => Some(("health", background::how(&outcome))),
        };
        if let Some((task, how)) = failed {
            tracing::error!(task, how, "a background task ended, and so the server does");
        }
        tracing::info!("stopping: no new calls");
        watch.abort();
        while !watch.is_finished() {
            // Only when it has ended can it no longer say SERVING behind our back.
            tokio::task::yield_now().await;
        }
        drain::drain(server, &reporter, &closing, shutdown).await?;
        drop(background);
        self.closed_loop.store.close().await;
        match failed {
            Some((task, how)) => Err(format!("the background task {task:?} {how}").into()),
            None => Ok(()),
        }
    }

    /// Starts what works by itself; it ends when the set is dropped. On a simulated clock rungs fire when it is advanced.
    fn background(&self, doorkeeper: Arc<Doorkeeper>) -> Background {
        let Runner { store, clock, ledger } = self.runner.clone();
        let mut tasks = Background::default();
        tasks.spawn("clients", async move { doorkeeper.keep().await });
        if matches!(clock, Clock::Database(_)) {
            tasks.spawn("database clock", clock.clone().keep(store.clone()));
        }
        if !clock.is_simulated() {
            tasks.spawn("runner", self.runner.clone().run());
        }
        let sealer = Sealer {
            store: store.clone(),
            clock: clock.clone(),
            ledger: ledger.clone(),
            keys: Arc::clone(&self.keys),
            refuses_exposed: self.config.is_in_service(),
        };
        tasks.spawn("vault keys", sealer.run(self.reload.clone()));
        tasks.spawn("seals", self.notary.clone().run());
        tasks.spawn("reconciler", Reconciler { store, clock, ledger }.run());
        tasks
    }

    /// Listens for a collector, where the configuration says so, and says where.
    #[expect(clippy::print_stdout, reason = "the port may be one that the system chose")]
    async fn listen_for_metrics(&self) -> Result<Option<Listener>, Failure> {
        let Some(address) = self.config.metrics_listen()? else { return Ok(None) };
        let listener = Listener::open(address).await?;
        told::begin();
        println!("metrics: http://{}/metrics", listener.address());
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "metrics are shown beyond loopback, to whoever asks");
        }
        Ok(Some(listener))
    }

    fn router(&self, doorkeeper: &Arc<Doorkeeper>) -> Result<Router<Layers>, Failure> {
        let limits = &self.config.limits();
        let tickets = TicketSwitchboard { closed_loop: self.closed_loop.clone() };
        let directory = DirectorySwitchboard { closed_loop: self.closed_loop.clone() };
        let admin = AdminSwitchboard { closed_loop: self.closed_loop.clone() };
        let accepted =
            Accepted { keys: accepted_keys(&self.config.timeline.public_keys)?, ..Accepted::default() };
        let audit = AuditSwitchboard { closed_loop: self.closed_loop.clone(), accepted };
        let simulation = SimulationSwitchboard { simulation: Simulation::new(self.runner.clone()) };
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
                // So that generic tools can read the details of a refusal.
                .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        };
        let router = Server::builder()
            .accept_http1(true)
            .max_concurrent_streams(limits.streams_per_connection_max)
            .http2_max_local_error_reset_streams(Some(BAD_STREAMS_MAX))
            .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS_MAX))
            .http2_max_header_list_size(HEADER_BYTES_MAX)
            .http2_keepalive_interval(Some(KEEP_ALIVE.0))
            .http2_keepalive_timeout(Some(KEEP_ALIVE.1))
            .layer(ProtocolLayer)
            .layer(tonic_web::GrpcWebLayer::new())
            .layer(RefusalLayer)
            .layer(CallLayer {
                places: Arc::new(Semaphore::new(limits.calls_max as usize)),
                timeout: Duration::from_millis(limits.call_timeout_ms),
            })
            .layer(GuessLayer::of(limits))
            .layer(EntranceLayer { doorkeeper: Arc::clone(doorkeeper) })
            .layer(RateLayer(Arc::new(Shares::of(limits)?)))
            .add_service(TicketServiceServer::new(tickets).max_decoding_message_size(REQUEST_BYTES_MAX))
            .add_service(DirectoryServiceServer::new(directory).max_decoding_message_size(REQUEST_BYTES_MAX))
            .add_service(AdminServiceServer::new(admin).max_decoding_message_size(REQUEST_BYTES_MAX))
            .add_service(AuditServiceServer::new(audit).max_decoding_message_size(REQUEST_BYTES_MAX))
            .add_service(
                SimulationServiceServer::new(simulation).max_decoding_message_size(REQUEST_BYTES_MAX),
            )
            .add_service(reflection().build_v1()?)
            .add_service(reflection().build_v1alpha()?);
        Ok(router)
    }

    /// Says where it is, and what to try next. Beside the place of the metrics, the only lines on standard output.
    #[expect(clippy::print_stdout, reason = "these lines are what a user starts the server for")]
    fn say_hello(&self, endpoint: &str, tokens: Option<&str>) {
        println!("listening on {endpoint}");
        match self.config.database.as_str() {
            "" => println!(
                "database: {}",
                self.config.sqlite_path(self.closed_loop.clock.is_simulated()).display()
            ),
            _ => println!("database: PostgreSQL"),
        }
        if self.closed_loop.clock.is_simulated() {
            println!("simulated clock: {}", self.closed_loop.clock.now().to_rfc3339());
        }
        if let Some(tokens) = tokens {
            println!("development credentials: {tokens}");
            // The examples know no authority of yours.
            if !self.config.tls.is_on() {
                println!("try: cargo run --release -p hotline-client --example walk_the_loop");
            }
        }
    }
}

/// The layers in front of every service, from inside out.
type Layers = Stack<RateLayer, Stack<EntranceLayer, Stack<GuessLayer, Outer>>>;
type Outer =
    Stack<CallLayer, Stack<RefusalLayer, Stack<tonic_web::GrpcWebLayer, Stack<ProtocolLayer, Identity>>>>;

/// What can't be served, whatever the database says.
fn check(config: &Config<Policy>, clock: &Clock) -> Result<(), Failure> {
    contract::check(FILE_DESCRIPTOR_SET)?;
    if let Err(faults) = config.policy.check() {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        return Err(faults.join("; ").into());
    }
    config.check_bounds()?;
    config.metrics_listen()?;
    if !config.is_loopback() && clock.is_simulated() {
        return Err("a simulated clock is served on loopback only".into());
    }
    if !config.is_loopback() && config.credentials_path().is_none() {
        return Err("development credentials are served on loopback only; set access.credentials".into());
    }
    if !config.is_loopback() && config.vault.keys.as_os_str().is_empty() {
        return Err("the vault's development keys are served on loopback only; set vault.keys".into());
    }
    if !config.is_loopback() && config.timeline.signing_key.as_os_str().is_empty() {
        return Err("a signing key for development is used on loopback only; set timeline.signing_key".into());
    }
    config.tls.check()?;
    if !config.is_loopback() && !config.tls.is_on() && !config.tls.ended_by_proxy {
        return Err(
            "the server is listened to beyond loopback with TLS only; set tls.certificate and tls.key, or \
                    tls.ended_by_proxy where a proxy ends TLS"
                .into(),
        );
    }
    Ok(())
}
