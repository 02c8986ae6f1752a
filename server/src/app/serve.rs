//! Serving: the listener, the background tasks, and the stop within a time limit.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tonic_health::ServingStatus;

use super::background::{self, Background};
use super::copy_open_file::copy_open_file;
use super::failure::Failure;
use super::open::App;
use super::{drain, health};
use crate::access::Authenticator;
use crate::assessment::follow::Follower;
use crate::desk::attachment::scan_hook::ScanHook;
use crate::desk::message::follow::MessageFollower;
use crate::desk::message::gateway::Gateway;
use crate::desk::message::open_gateway::open_gateway;
use crate::desk::message::send::MessageSender;
use crate::desk::seat::Seats;
use crate::feed::search::Indexer;
use crate::net::{self, Tls};
use crate::oversight::{
    AttachmentScanner, AttachmentSweeper, Backlog, IdentityReencrypter, Reconciler, Runner, SeatSweeper,
    SuggestionJoiner, SuggestionTrainer, TransferRunner, metrics as oversight_metrics,
};
use crate::platform::Clock;
use crate::platform::config::Suggestions;
use crate::platform::database_heartbeat::Heartbeat;
use crate::platform::metrics::listener::MetricsListener;

/// Why a server stops.
enum StopReason {
    /// It was asked to.
    Requested,
    /// A background task ended: its name, and how.
    TaskEnded(&'static str, &'static str),
    /// The embedded database's file is no longer at its path.
    FileLost(String),
}

impl StopReason {
    fn lost_file(&self) -> Option<String> {
        match self {
            Self::FileLost(reason) => Some(reason.clone()),
            Self::Requested | Self::TaskEnded(..) => None,
        }
    }

    fn into_result(self) -> Result<(), Failure> {
        match self {
            Self::TaskEnded(task, how) => Err(format!("the background task {task:?} {how}").into()),
            Self::Requested | Self::FileLost(_) => Ok(()),
        }
    }
}

/// Waits until the server has to stop.
async fn wait_for_stop(
    stop: impl Future<Output = ()>,
    background: &mut Background,
    health_task: &mut JoinHandle<String>,
) -> StopReason {
    let (task, how) = tokio::select! {
        () = stop => return StopReason::Requested,
        ended = background.ended() => ended,
        outcome = health_task => match outcome {
            Ok(reason) => return StopReason::FileLost(reason),
            Err(_) => ("health", background::how(&outcome)),
        },
    };
    tracing::error!(task, error = how, "background task ended; the server stops");
    StopReason::TaskEnded(task, how)
}

impl App {
    /// Listens, prints the address on standard output, and serves until `stop` completes. Then it drains within a time
    /// limit.
    ///
    /// # Errors
    /// If the address can't be listened on, credentials can't be read, or a background task ended.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Failure> {
        let tls = Tls::open(&self.config.tls, self.config.is_in_service())?;
        let listener = net::listen(self.config.listen)
            .map_err(|error| format!("can't listen on {}: {error}", self.config.listen))?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let endpoint = format!("{scheme}://{}", listener.local_addr()?);
        let (credentials, tokens) = self.credentials(&endpoint)?;
        self.check_credential_units(&credentials).await?;
        self.check_administrators(&credentials).await?;
        let metrics = self.listen_for_metrics().await?;
        let (reporter, service) = tonic_health::server::health_reporter();
        health::set(&reporter, ServingStatus::NotServing).await;
        let (limits, shutdown) = (self.config.limits(), self.config.shutdown);
        let authenticator = Arc::new(self.authenticator(credentials)?);
        let router = self.router(&authenticator, service)?;

        let mut background = self.background(authenticator)?;
        self.print_endpoint(&endpoint, tokens.as_deref());
        let heartbeat = Heartbeat::new(self.store.in_background(), self.clock.clone())?;
        let mut health_task =
            tokio::spawn(health::follow(heartbeat, self.alarm, self.file.clone(), reporter.clone()));
        background.spawn("self-check", self.self_check.run());
        if let Some(metrics) = metrics {
            background.spawn("metrics", metrics.serve());
            let (store, clock) = (self.store.in_background(), self.clock.clone());
            background.spawn("backlog", Backlog { store, clock }.run());
        }
        if let Some(tls) = &tls {
            background.spawn("TLS files", Arc::clone(tls).follow(self.reload.clone()));
        }

        let closing = Arc::new(Notify::new());
        let closed = Arc::clone(&closing);
        let incoming = net::incoming(listener, &limits, tls);
        let server = router.serve_with_incoming_shutdown(incoming, async move { closed.notified().await });
        let mut server = Box::pin(server);
        let stopped = tokio::select! {
            outcome = &mut server => {
                self.store.close().await;
                return Ok(outcome?);
            }
            stopped = wait_for_stop(stop, &mut background, &mut health_task) => stopped,
        };
        tracing::info!("shutdown started; new calls are refused");
        health_task.abort();
        while !health_task.is_finished() {
            // Until the task has ended, it may report SERVING again.
            tokio::task::yield_now().await;
        }
        drain::drain(server, &reporter, &self.feed, &closing, shutdown).await?;
        drop(background);
        let copied = copy_open_file(&self.store, self.file.as_ref(), stopped.lost_file()).await;
        self.store.close().await;
        stopped.into_result().and(copied)
    }

    /// Starts the background tasks; they end when the set is dropped. With a simulated clock, rungs fire only when the
    /// clock is advanced or resumed.
    ///
    /// # Errors
    /// If the gateway of messages can't be opened.
    pub(super) fn background(&self, authenticator: Arc<Authenticator>) -> Result<Background, Failure> {
        let Runner { store, clock, ledger, .. } = self.runner();
        let mut tasks = Background::default();
        let followed = store.clone();
        tasks.spawn("database hosts", async move { followed.follow_hosts().await });
        tasks.spawn("clients", async move { authenticator.keep().await });
        if matches!(clock, Clock::Database(_)) {
            tasks.spawn("database clock", clock.clone().keep(store.clone()));
        }
        if clock.is_simulated() {
            tasks.spawn("simulated clock", self.simulation.clone().run());
        } else {
            tasks.spawn("runner", self.runner().run());
            tasks.spawn("seats", self.seat_sweeper().run());
        }
        let reencrypter = IdentityReencrypter {
            store: store.clone(),
            clock: clock.clone(),
            ledger: ledger.clone(),
            keys: Arc::clone(&self.keys),
            refuses_exposed: self.config.is_in_service(),
        };
        tasks.spawn("vault keys", reencrypter.run(self.reload.clone()));
        tasks.spawn("audit log signer", self.signer.clone().run());
        let transfers = TransferRunner { store: store.clone(), clock: clock.clone(), ledger: ledger.clone() };
        tasks.spawn("transfers", transfers.run());
        let Suggestions { texts_min, train_interval_seconds, .. } = self.config.suggestions;
        let trainer = SuggestionTrainer {
            store: store.clone(),
            clock: clock.clone(),
            texts_min: texts_min as usize,
            interval: Duration::from_secs(train_interval_seconds.into()),
        };
        tasks.spawn("suggestions", trainer.run());
        let joiner = SuggestionJoiner { store: store.clone(), clock: clock.clone() };
        tasks.spawn("suggestion log", joiner.run());
        if !store.is_sqlite() {
            tasks.spawn("feed sequencer", self.feed.sequencer().run());
            tasks.spawn("feed hints", self.feed.clone().listen());
        }
        tasks.spawn("feed", self.feed.clone().run());
        let (followed, at) = (store.in_background(), clock.clone());
        let assessed = Follower { store: followed.clone(), clock: at.clone(), tickets_max: None };
        tasks.spawn("assessment", assessed.run());
        tasks.spawn("search indexer", Indexer { store: followed, clock: at, tickets_max: None }.run());
        self.keep_attachments(&mut tasks);
        tasks.spawn("reconciler", Reconciler { store, clock, ledger }.run());
        if let Some(gateway) = open_gateway(&self.config.messages)? {
            self.send_messages(&mut tasks, gateway);
        }
        Ok(tasks)
    }

    /// Starts the tasks of attachments.
    pub(super) fn keep_attachments(&self, tasks: &mut Background) {
        let keys = &self.config.attachments;
        let (store, attachments) = (self.store.in_background(), self.attachments.clone());
        if keys.is_scanned() {
            let hook = ScanHook {
                program: keys.scan_program.clone(),
                timeout: Duration::from_secs(keys.scan_timeout_seconds.into()),
            };
            let scanner = AttachmentScanner {
                store: store.clone(),
                clock: self.clock.clone(),
                ledger: self.ledger.clone(),
                attachments: attachments.clone(),
                hook,
            };
            tasks.spawn("attachment scanner", scanner.run());
        }
        let orphan_after = Duration::from_secs(keys.orphan_after_seconds.into());
        tasks.spawn("attachment sweeper", AttachmentSweeper { store, attachments, orphan_after }.run());
    }

    /// Starts to plan and to send messages to companies.
    fn send_messages(&self, tasks: &mut Background, gateway: Arc<dyn Gateway>) {
        let (store, clock) = (self.store.in_background(), self.clock.clone());
        let ledger = self.runner().ledger;
        let (vault, rules) = (ledger.vault().clone(), ledger.rules().clone());
        tasks.spawn("messages", MessageFollower { store: store.clone(), clock: clock.clone() }.run());
        tasks.spawn("message sender", MessageSender { store, clock, vault, rules, gateway }.run());
    }

    /// The sweep of seats.
    fn seat_sweeper(&self) -> SeatSweeper {
        let Runner { store, clock, ledger, .. } = self.runner();
        let (rules, vault) = (ledger.rules().clone(), ledger.vault().clone());
        SeatSweeper { seats: Seats::new(store, clock, rules, vault, self.feed.clone()) }
    }

    /// Serves the metrics if the configuration asks for it, and prints the address.
    #[expect(clippy::print_stdout, reason = "the port may be one that the system chose")]
    async fn listen_for_metrics(&self) -> Result<Option<MetricsListener>, Failure> {
        let Some(address) = self.config.metrics_listen()? else { return Ok(None) };
        let listener = MetricsListener::bind(address).await?;
        oversight_metrics::register();
        println!("metrics: http://{}/metrics", listener.address());
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "metrics are served beyond loopback without authentication");
        }
        Ok(Some(listener))
    }

    /// Prints the endpoint and commands to try. Apart from the address of the metrics, nothing else is printed on
    /// standard output.
    #[expect(clippy::print_stdout, reason = "these lines are what a user starts the server for")]
    fn print_endpoint(&self, endpoint: &str, tokens: Option<&str>) {
        println!("listening on {endpoint}");
        match self.config.database.as_str() {
            "" => println!("database: {}", self.config.sqlite_path(self.clock.is_simulated()).display()),
            _ => println!("database: PostgreSQL"),
        }
        if self.clock.is_simulated() {
            println!("simulated clock: {}", self.clock.now().to_rfc3339());
        }
        if let Some(tokens) = tokens {
            println!("development credentials: {tokens}");
            // The examples do not know the operator's certificate authority.
            if !self.config.tls.is_on() {
                println!("try: cargo run --release -p hotline-client --example ticket_lifecycle");
            }
        }
    }
}
