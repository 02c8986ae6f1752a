//! Opens everything that a server needs: database, clock, rules, keys, ledger.

use std::sync::Arc;

use super::failure::Failure;
use super::{
    attachments, audit_log, await_database, check_config, database, file_exposure, seed, vault_keys,
};
use crate::closed_loop::ClosedLoop;
use crate::deadline::{Calendar, Policy, RuleBook};
use crate::desk::attachment::Attachments;
use crate::desk::rules::shipped_calendar;
use crate::feed::{Feed, StreamLimits};
use crate::identity::vault::{FileKeys, KeyProvider, Vault};
use crate::ledger::Ledger;
use crate::oversight::self_check::Alarm;
use crate::oversight::{AuditLogSigner, Recount, Runner, SelfCheck, Simulation};
use crate::platform::config::Config;
use crate::platform::reload::Reload;
use crate::platform::{Clock, OpenFile, Store, database_identity};

/// The parts of a server, ready to be served.
#[derive(Debug)]
pub struct App {
    pub(super) config: Config<Policy>,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) ledger: Ledger,
    pub(super) feed: Feed,
    pub(super) attachments: Attachments,
    pub(super) keys: Arc<FileKeys>,
    pub(super) signer: AuditLogSigner,
    pub(super) self_check: SelfCheck,
    pub(super) alarm: Alarm,
    /// The embedded database's file.
    pub(super) file: Option<OpenFile>,
    pub(super) reload: Reload,
    /// The simulated clock, which a caller moves; on a real clock it refuses everything.
    pub(super) simulation: Simulation,
}

impl App {
    /// Opens the database and prepares everything that calls need. Waits for a PostgreSQL that is away.
    ///
    /// # Errors
    /// If the policy is not valid, or the database can't be opened.
    pub async fn open(config: Config<Policy>, clock: Clock) -> Result<Self, Failure> {
        check_config::check(&config, &clock)?;
        let attachments = attachments::open(&config, clock.is_simulated())?;
        file_exposure::check(&config, clock.is_simulated())?;
        let database::OpenDatabase { store, file } = await_database::ready(&config, &clock).await?;
        let store = store
            .hashing_with(audit_log::suite(&config)?)
            .committing_at_most(config.database_commands_per_commit_max as usize);
        let fault = |fault: crate::platform::Fault| Failure::from(fault.detail);
        let clock = match clock {
            Clock::Real => Clock::shared(&store).await.map_err(fault)?,
            other => other,
        };
        let (store, self_check, alarm) = SelfCheck::of(store);
        if !database_identity::fits(&store, &clock).await.map_err(fault)? {
            let other = if clock.is_simulated() { "real tickets" } else { "a simulation" };
            return Err(format!("this database holds {other}; give this server one of its own").into());
        }
        attachments::claim(&attachments, &store).await?;
        seed::seed(&store, &clock, &config.directory).await?;
        let rules = RuleBook::open(&store, &clock, config.policy.clone(), Calendar::shipped()?);
        let rules = rules.await.map_err(fault)?;
        shipped_calendar::propose_shipped(&store, &clock, &rules, Calendar::shipped()?)
            .await
            .map_err(fault)?;
        let keys = vault_keys::open_keys(&config, &store, &clock).await?;
        let vault = Vault::new(Arc::clone(&keys) as Arc<dyn KeyProvider>);
        let limits = config.limits();
        let limits = StreamLimits {
            all_max: limits.watch_streams_max,
            of_principal_max: limits.watch_streams_per_principal_max,
            decision_age_max: StreamLimits::DECISION_AGE_MAX,
        };
        let feed = Feed::new(store.clone(), clock.clone(), vault.clone(), limits);
        let ledger = Ledger::new(rules, vault);
        let signer = AuditLogSigner {
            store: store.in_background(),
            clock: clock.clone(),
            key: audit_log::signing_key(&config, &store).await?,
            interval: audit_log::interval(&config)?,
            export_dir: audit_log::export_dir(&config)?,
        };
        audit_log::check_exported(&signer).await?;
        let reload = Reload::never();
        let simulation = Simulation::new(runner(&store, &clock, &ledger));
        Ok(Self {
            config,
            store,
            clock,
            ledger,
            feed,
            attachments,
            keys,
            signer,
            self_check,
            alarm,
            file,
            reload,
            simulation,
        })
    }

    /// The same, and reads its files again on request.
    #[must_use]
    pub fn reloading(self, reload: Reload) -> Self {
        Self { reload, ..self }
    }

    /// The runner of the verbs.
    pub(super) fn closed_loop(&self) -> ClosedLoop {
        let Self { store, clock, ledger, .. } = self;
        ClosedLoop::new(store.clone(), clock.clone(), ledger.clone())
    }

    /// The runner of due rungs, with connections of its own.
    pub(super) fn runner(&self) -> Runner {
        runner(&self.store, &self.clock, &self.ledger)
    }
}

fn runner(store: &Store, clock: &Clock, ledger: &Ledger) -> Runner {
    let recount = Recount::default();
    Runner { store: store.in_background(), clock: clock.clone(), ledger: ledger.clone(), recount }
}
