//! Opens PostgreSQL: finds the host that takes writes, makes the pools, and reads back the settings that durability
//! depends on.

use std::sync::Arc;

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::{COMMANDS_PER_COMMIT_MAX, GROUP_WRITERS, Store, StoreFault};
use crate::platform::config::DatabaseReaders;
use crate::platform::connect_options::{ACQUIRE_TIMEOUT, GROUPED_COMMANDS, HostNeed, POSTGRES_SETTINGS};
use crate::platform::database_hosts::DatabaseHost;
use crate::platform::hashing::HashSuite;
use crate::platform::host_search::{HostSearch, HostState, Primary, choose, describe};
use crate::platform::postgres_pools::{PoolPlan, PostgresPools};
use crate::platform::transaction::StatementCount;

/// Connections to PostgreSQL for background tasks: the runner (two), the reconciler, the clock, health (two), the
/// sequencer, the reader and the hints of the feed.
const BACKGROUND_CONNECTIONS: u32 = 9;

impl Store {
    /// Opens PostgreSQL by its URL, on the host that takes writes, with at most `connections` connections.
    ///
    /// # Errors
    /// [`StoreFault`] if it can't be reached, no host takes writes, or its settings are not durable.
    pub async fn open_postgres(url: &str, connections: u32) -> Result<Self, StoreFault> {
        Self::open_postgres_with(url, connections, DatabaseReaders::Primary).await
    }

    /// The same, with the hosts that lists are read from.
    ///
    /// # Errors
    /// Those of [`Store::open_postgres`].
    pub async fn open_postgres_with(
        url: &str,
        connections: u32,
        readers: DatabaseReaders,
    ) -> Result<Self, StoreFault> {
        let store = Self::open_on(url, connections, HostNeed::Writes, readers).await?;
        store.check_postgres().await?;
        Ok(store)
    }

    /// Opens PostgreSQL to read it alone. A standby is enough if no host takes writes.
    ///
    /// # Errors
    /// [`StoreFault`] if no host can be reached.
    pub async fn read_postgres(url: &str, connections: u32) -> Result<Self, StoreFault> {
        Self::open_on(url, connections, HostNeed::Reads, DatabaseReaders::Primary).await
    }

    async fn open_on(
        url: &str,
        connections: u32,
        need: HostNeed,
        readers: DatabaseReaders,
    ) -> Result<Self, StoreFault> {
        let hosts = DatabaseHost::list(url).map_err(StoreFault::Open)?;
        let present = find(&hosts, need).await?;
        let statements = StatementCount::default();
        let settings = POSTGRES_SETTINGS.to_vec();
        let calls = PoolPlan { connections, settings, need, statements: Some(Arc::clone(&statements)) };
        let background = PoolPlan { connections: BACKGROUND_CONNECTIONS, statements: None, ..calls.clone() };
        let settings = [&POSTGRES_SETTINGS[..], &GROUPED_COMMANDS].concat();
        let for_lists = PoolPlan { need: HostNeed::Reads, ..calls.clone() };
        let commands = PoolPlan { connections: GROUP_WRITERS, settings, need, statements: None };
        let opened = PostgresPools::open(hosts, present, [calls, background, commands]).await?;
        let (mut pools, [writer, background, group_writer]) = opened;
        let lists = match readers {
            DatabaseReaders::Primary => writer.clone(),
            DatabaseReaders::Standby => pools.add_lists(for_lists).await?,
        };
        Ok(Self {
            opened_with: writer.current(),
            reader: writer.clone(),
            lists,
            writer,
            background,
            group_writer,
            postgres: Some(Arc::new(pools)),
            commands_per_commit_max: COMMANDS_PER_COMMIT_MAX,
            statements,
            hash_suite: HashSuite::default(),
            acknowledged: None,
            changed: Arc::default(),
            _lock: None,
        })
    }

    /// Reads back the settings that durability depends on.
    async fn check_postgres(&self) -> Result<(), StoreFault> {
        for (setting, safe) in [
            ("fsync", &["on"][..]),
            ("full_page_writes", &["on"]),
            ("synchronous_commit", &["on", "remote_apply", "remote_write", "local"]),
        ] {
            let value = self.setting(setting).await?;
            if !safe.contains(&value.as_str()) {
                return Err(StoreFault::NotDurable(format!(
                    "{setting} is {value:?}, and must be {}",
                    safe[0]
                )));
            }
        }
        let has_standby = !self.setting("synchronous_standby_names").await?.is_empty()
            && self.setting("synchronous_commit").await? != "local";
        if self.postgres.as_ref().is_some_and(|pools| pools.has_several_hosts()) && !has_standby {
            tracing::warn!("no synchronous standby: a failover may lose acknowledged tickets");
        }
        Ok(())
    }

    /// A setting of PostgreSQL.
    async fn setting(&self, name: &str) -> Result<String, StoreFault> {
        let statement = Statement::from_string(DbBackend::Postgres, format!("SHOW {name}"));
        let row = self.reader.query_one_raw(statement).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
    }
}

/// Finds the host that takes writes; or, to read alone, one that answers.
async fn find(hosts: &[DatabaseHost], need: HostNeed) -> Result<Primary, StoreFault> {
    let open = |error: sea_orm::sqlx::Error| StoreFault::Open(error.to_string());
    let states = HostSearch::new(hosts, ACQUIRE_TIMEOUT).map_err(open)?.ask().await;
    if let Some(primary) = choose(&states, None) {
        return Ok(primary);
    }
    let standby = states.iter().position(|state| matches!(state, HostState::ReadOnly { .. }));
    if let Some(host) = standby.filter(|_| need == HostNeed::Reads) {
        return Ok(Primary { host, timeline: 0 });
    }
    let why = describe(hosts, &states);
    Err(if states.iter().any(HostState::is_unavailable) {
        StoreFault::Unavailable(why)
    } else {
        StoreFault::Open(why)
    })
}
