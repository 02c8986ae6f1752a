//! The pools of a PostgreSQL database, and the task that moves them to the host that takes writes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{Database, DatabaseConnection, DbErr};

use super::connect_options::{HostNeed, postgres_options};
use super::database_hosts::DatabaseHost;
use super::failpoint;
use super::host_search::{HostSearch, HostState, Primary, choose, choose_for_lists, describe};
use super::pool::Pool;
use super::transaction::StatementCount;

/// The interval between two questions to all hosts.
const INTERVAL: Duration = Duration::from_secs(1);
/// The same while none of them takes writes.
const SEARCH_INTERVAL: Duration = Duration::from_millis(250);
/// The longest wait for an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// How far a standby may be behind for lists to be read from it. A heartbeat is written every two seconds.
const BEHIND_MAX: Duration = Duration::from_secs(10);

/// The settings of a pool, with which it is made again for another host.
#[derive(Debug, Clone)]
pub(super) struct PoolPlan {
    /// The most connections.
    pub(super) connections: u32,
    /// The settings of each connection.
    pub(super) settings: Vec<(&'static str, &'static str)>,
    /// What the host must take.
    pub(super) need: HostNeed,
    /// The counter of its statements outside of transactions.
    pub(super) statements: Option<StatementCount>,
}

impl PoolPlan {
    /// A pool for a host. Connections are opened when they are needed.
    async fn connect(&self, host: &DatabaseHost) -> Result<DatabaseConnection, DbErr> {
        let mut options = postgres_options(host.url(), self.connections, &self.settings, self.need);
        options.connect_lazy(true);
        let mut connection = Database::connect(options).await?;
        if let Some(count) = &self.statements {
            count_statements(&mut connection, count);
        }
        Ok(connection)
    }
}

/// Counts the statements of a pool outside of transactions. Transactions count their own.
pub(super) fn count_statements(pool: &mut DatabaseConnection, count: &StatementCount) {
    let count = Arc::clone(count);
    pool.set_metric_callback(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
}

/// The pools of a database, and the host that they are on.
#[derive(Debug)]
pub(super) struct PostgresPools {
    hosts: Vec<DatabaseHost>,
    pools: Vec<(PoolPlan, Pool)>,
    present: Mutex<Primary>,
    /// The pool for lists, if a standby may answer them.
    lists: Option<ListPool>,
}

/// The pool for lists, and its host.
#[derive(Debug)]
struct ListPool {
    plan: PoolPlan,
    pool: Pool,
    host: AtomicUsize,
}

impl PostgresPools {
    /// Makes pools on a host.
    ///
    /// # Errors
    /// If the URL of the host can't be read.
    pub(super) async fn open<const POOLS: usize>(
        hosts: Vec<DatabaseHost>,
        present: Primary,
        plans: [PoolPlan; POOLS],
    ) -> Result<(Self, [Pool; POOLS]), DbErr> {
        let host =
            hosts.get(present.host).ok_or_else(|| DbErr::Custom("there is no such host".to_owned()))?;
        let mut pools = Vec::with_capacity(POOLS);
        for plan in plans {
            let pool = Pool::new(plan.connect(host).await?);
            pools.push((plan, pool));
        }
        let made: Vec<Pool> = pools.iter().map(|(_, pool)| pool.clone()).collect();
        let made = made.try_into().map_err(|_| DbErr::Custom("a pool is missing".to_owned()))?;
        Ok((Self { hosts, pools, present: Mutex::new(present), lists: None }, made))
    }

    /// Adds a pool for lists. It begins on the primary, and moves to a standby that keeps up.
    ///
    /// # Errors
    /// If the URL of the host can't be read.
    pub(super) async fn add_lists(&mut self, plan: PoolPlan) -> Result<Pool, DbErr> {
        let host = self.present().host;
        let named = self.hosts.get(host).ok_or_else(|| DbErr::Custom("there is no such host".to_owned()))?;
        let pool = Pool::new(plan.connect(named).await?);
        self.lists = Some(ListPool { plan, pool: pool.clone(), host: AtomicUsize::new(host) });
        Ok(pool)
    }

    /// Whether the database has more than one host.
    pub(super) const fn has_several_hosts(&self) -> bool {
        self.hosts.len() > 1
    }

    fn present(&self) -> Primary {
        *self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the hosts again and again, and moves the pools. Each state is logged once. Runs until it is dropped.
    pub(super) async fn follow(&self) {
        let Ok(mut search) = HostSearch::new(&self.hosts, ANSWER_TIMEOUT) else {
            // Their URLs were read when the pools were made.
            return std::future::pending().await;
        };
        let mut is_found = true;
        loop {
            let states = search.ask().await;
            match choose(&states, Some(self.present())) {
                Some(primary) => {
                    if primary != self.present() {
                        self.move_to(primary).await;
                    } else if !is_found {
                        tracing::info!(host = self.name_of(primary), "database host takes writes again");
                    }
                    is_found = true;
                    self.move_lists(&states, primary).await;
                }
                None => {
                    if is_found {
                        let error = describe(&self.hosts, &states);
                        tracing::warn!(error, "no database host takes writes; the search continues");
                    }
                    is_found = false;
                }
            }
            tokio::time::sleep(if is_found { INTERVAL } else { SEARCH_INTERVAL }).await;
        }
    }

    /// Moves the pool for lists to a standby that keeps up, or to the primary.
    async fn move_lists(&self, states: &[HostState], primary: Primary) {
        let Some(lists) = &self.lists else { return };
        let present = lists.host.load(Ordering::Relaxed);
        let chosen = choose_for_lists(states, primary, present, BEHIND_MAX);
        let Some(host) = self.hosts.get(chosen).filter(|_| chosen != present) else { return };
        match lists.plan.connect(host).await {
            Ok(connection) => {
                lists.pool.move_to(connection);
                lists.host.store(chosen, Ordering::Relaxed);
                tracing::info!(host = host.name(), "lists are read from another database host");
            }
            Err(error) => {
                tracing::error!(host = host.name(), %error, "moving to a database host failed; retrying");
            }
        }
    }

    fn name_of(&self, primary: Primary) -> &str {
        self.hosts.get(primary.host).map_or("", DatabaseHost::name)
    }

    async fn move_to(&self, primary: Primary) {
        let Some(host) = self.hosts.get(primary.host) else { return };
        for (plan, pool) in &self.pools {
            match plan.connect(host).await {
                Ok(_) if failpoint::stays_on_old_host() => {}
                Ok(connection) => pool.move_to(connection),
                Err(error) => {
                    tracing::error!(host = host.name(), %error, "moving to a database host failed; retrying");
                    return;
                }
            }
        }
        *self.present.lock().unwrap_or_else(PoisonError::into_inner) = primary;
        let timeline = primary.timeline;
        tracing::warn!(host = host.name(), timeline, "database failover: connections moved to another host");
    }
}
