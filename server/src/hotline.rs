//! The whole hotline put together: from a configuration to a server that answers, and back down again in bounded time.

mod audit_log;
mod background;
mod backup;
mod database;
mod door;
mod drain;
mod files;
mod found_database;
mod health;
mod postgres_tools;
mod rescue;
mod restore;
mod router;
mod vault_keys;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use hotline_proto::FILE_DESCRIPTOR_SET;
use tokio::sync::Notify;
use tonic_health::ServingStatus;

use crate::access::{Authenticator, contract};
use crate::closed_loop::ClosedLoop;
use crate::deadline::{Calendar, Policy, RuleBook};
use crate::desk::directory::seed_database::seed_database;
use crate::desk::rules::shipped_calendar;
use crate::identity::vault::{FileKeys, KeyProvider, Vault};
use crate::ledger::Ledger;
use crate::net;
use crate::net::Tls;
use crate::oversight::self_check::Alarm;
use crate::oversight::{
    AuditLogSigner, IdentityReencrypter, Reconciler, Runner, SelfCheck, metrics as oversight_metrics,
};
use crate::platform::config::Config;
use crate::platform::heartbeat::Heartbeat;
use crate::platform::metrics::listener::MetricsListener;
use crate::platform::reload::Reload;
use crate::platform::{Clock, OpenFile, deployment, private_file};

pub use audit_log::{accepted_keys, print_checkpoints, verify};
use background::Background;
pub use backup::backup;
pub use database::migrate;
pub use files::check_config_file;
pub use restore::{RestoreOptions, restore};
pub use vault_keys::change_vault_keys;

/// Why the hotline does not run.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A hotline that is ready to be served.
#[derive(Debug)]
pub struct Hotline {
    config: Config<Policy>,
    closed_loop: ClosedLoop,
    runner: Runner,
    keys: Arc<FileKeys>,
    signer: AuditLogSigner,
    self_check: SelfCheck,
    alarm: Alarm,
    file: Option<OpenFile>,
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
        let database::Opened { store, file } = database::ready(&config, &clock).await?;
        let store = store.hashing_with(audit_log::suite(&config)?);
        let fault = |fault: crate::platform::Fault| Failure::from(fault.ours);
        let clock = match clock {
            Clock::Real => Clock::shared(&store).await.map_err(fault)?,
            other => other,
        };
        let (store, self_check, alarm) = SelfCheck::of(store);
        if !deployment::fits(&store, &clock).await.map_err(fault)? {
            let other = if clock.is_simulated() { "real tickets" } else { "a simulation" };
            return Err(format!("this database holds {other}; give this server one of its own").into());
        }
        seed_database(&store, &clock).await.map_err(fault)?;
        let rules = RuleBook::open(&store, &clock, config.policy.clone(), Calendar::shipped()?);
        let rules = rules.await.map_err(fault)?;
        shipped_calendar::propose_shipped(&store, &clock, &rules, Calendar::shipped()?)
            .await
            .map_err(fault)?;
        let keys = vault_keys::open_keys(&config, &store, &clock).await?;
        let vault = Vault::new(Arc::clone(&keys) as Arc<dyn KeyProvider>);
        let ledger = Ledger::new(rules, vault);
        let closed_loop = ClosedLoop { store: store.clone(), clock: clock.clone(), ledger: ledger.clone() };
        let signer = AuditLogSigner {
            store: store.in_background(),
            clock: clock.clone(),
            key: audit_log::signing_key(&config, &store).await?,
            interval: audit_log::interval(&config)?,
            export_dir: audit_log::export_dir(&config)?,
        };
        audit_log::check_exported(&signer).await?;
        let runner = Runner { store: store.in_background(), clock, ledger };
        let reload = Reload::never();
        Ok(Self { config, closed_loop, runner, keys, signer, self_check, alarm, file, reload })
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
        let listener = net::listen(self.config.listen)
            .map_err(|error| format!("can't listen on {}: {error}", self.config.listen))?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let endpoint = format!("{scheme}://{}", listener.local_addr()?);
        let (credentials, tokens) = self.credentials(&endpoint)?;
        self.check_administrators(&credentials).await?;
        let metrics = self.listen_for_metrics().await?;
        let (reporter, service) = tonic_health::server::health_reporter();
        health::set(&reporter, ServingStatus::NotServing).await;
        let (limits, shutdown) = (self.config.limits(), self.config.shutdown);
        let authenticator = Arc::new(self.authenticator(credentials)?);
        let router = self.router(&authenticator, service)?;

        let mut background = self.background(authenticator);
        self.say_hello(&endpoint, tokens.as_deref());
        let heartbeat =
            Heartbeat::new(self.closed_loop.store.in_background(), self.closed_loop.clock.clone())?;
        let mut watch =
            tokio::spawn(health::follow(heartbeat, self.alarm, self.file.clone(), reporter.clone()));
        background.spawn("self-check", self.self_check.run());
        if let Some(metrics) = metrics {
            background.spawn("metrics", metrics.serve());
        }
        if let Some(tls) = &tls {
            background.spawn("TLS files", Arc::clone(tls).follow(self.reload.clone()));
        }

        let closing = Arc::new(Notify::new());
        let told = Arc::clone(&closing);
        let incoming = net::incoming(listener, &limits, tls);
        let server = router.serve_with_incoming_shutdown(incoming, async move { told.notified().await });
        let mut server = Box::pin(server);
        let mut lost = None;
        let failed = tokio::select! {
            outcome = &mut server => {
                self.closed_loop.store.close().await;
                return Ok(outcome?);
            }
            () = stop => None,
            ended = background.ended() => Some(ended),
            outcome = &mut watch => match outcome {
                Ok(reason) => {
                    lost = Some(reason);
                    None
                }
                Err(_) => Some(("health", background::how(&outcome))),
            },
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
        let ended = rescue::rescue(&self.closed_loop.store, self.file.as_ref(), lost).await;
        self.closed_loop.store.close().await;
        if let Some((task, how)) = failed {
            return Err(format!("the background task {task:?} {how}").into());
        }
        ended
    }

    /// Starts what works by itself; it ends when the set is dropped. On a simulated clock rungs fire when it is advanced.
    fn background(&self, authenticator: Arc<Authenticator>) -> Background {
        let Runner { store, clock, ledger } = self.runner.clone();
        let mut tasks = Background::default();
        tasks.spawn("clients", async move { authenticator.keep().await });
        if matches!(clock, Clock::Database(_)) {
            tasks.spawn("database clock", clock.clone().keep(store.clone()));
        }
        if !clock.is_simulated() {
            tasks.spawn("runner", self.runner.clone().run());
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
        tasks.spawn("reconciler", Reconciler { store, clock, ledger }.run());
        tasks
    }

    /// Listens for a collector, where the configuration says so, and says where.
    #[expect(clippy::print_stdout, reason = "the port may be one that the system chose")]
    async fn listen_for_metrics(&self) -> Result<Option<MetricsListener>, Failure> {
        let Some(address) = self.config.metrics_listen()? else { return Ok(None) };
        let listener = MetricsListener::bind(address).await?;
        oversight_metrics::register();
        println!("metrics: http://{}/metrics", listener.address());
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "metrics are shown beyond loopback, to whoever asks");
        }
        Ok(Some(listener))
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
                println!("try: cargo run --release -p hotline-client --example ticket_lifecycle");
            }
        }
    }
}

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
