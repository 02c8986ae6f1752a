//! Asks the hosts of a database which of them takes writes.
//!
//! A host that takes writes is not enough. After a failover the old primary may come back and take writes too, without
//! what was written since. PostgreSQL raises the timeline at each promotion. So the host with the highest timeline is
//! chosen, and never one with a lower timeline than before.

use std::fmt;
use std::time::Duration;

use futures_util::future::join_all;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{self, Connection as _};

use super::connect_options::{host_options, is_read_only};
use super::database_error::is_host_unavailable;
use super::database_hosts::DatabaseHost;

/// The age of the last heartbeat of a server on a standby, in microseconds.
const HEARTBEAT_AGE: &str =
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - max(written_at) FROM heartbeat";
/// The timeline of a host that takes writes.
const TIMELINE: &str = "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint";

/// What a host answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HostState {
    /// It takes writes. The timeline is 0 if the host does not say it.
    Writable { timeline: i64 },
    /// It takes no writes. The age of the last heartbeat that it has says how far behind it is.
    ReadOnly { heartbeat_age: Option<Duration> },
    /// It does not answer, or is not ready.
    Unavailable(String),
    /// It does not let the server in, or has no such database.
    Refused(String),
}

impl HostState {
    /// Whether the host may take writes later.
    pub(super) const fn is_unavailable(&self) -> bool {
        matches!(self, Self::ReadOnly { .. } | Self::Unavailable(_))
    }
}

/// A host that takes writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Primary {
    /// The place of the host in the list.
    pub(super) host: usize,
    pub(super) timeline: i64,
}

/// The host to be on, after one: the one with the highest timeline. The present host stays if no other is newer.
pub(super) fn choose(states: &[HostState], present: Option<Primary>) -> Option<Primary> {
    let writable = || {
        states.iter().enumerate().filter_map(|(host, state)| match state {
            HostState::Writable { timeline } => Some(Primary { host, timeline: *timeline }),
            _ => None,
        })
    };
    let newest = writable().map(|primary| primary.timeline).max()?;
    if present.is_some_and(|present| newest < present.timeline) {
        return None;
    }
    let is_newest = |primary: &Primary| primary.timeline == newest;
    let is_present = |primary: &Primary| present.is_some_and(|present| present.host == primary.host);
    writable().filter(is_newest).find(is_present).or_else(|| writable().find(is_newest))
}

/// The host to read lists from: a standby that is at most so far behind, or the primary. The present host stays if it
/// may.
pub(super) fn choose_for_lists(
    states: &[HostState],
    primary: Primary,
    present: usize,
    behind_max: Duration,
) -> usize {
    let is_fit = |state: &HostState| matches!(state, HostState::ReadOnly { heartbeat_age: Some(age) } if *age <= behind_max);
    if states.get(present).is_some_and(is_fit) {
        return present;
    }
    states.iter().position(is_fit).unwrap_or(primary.host)
}

/// The states of all hosts, for the log and for the operator.
pub(super) fn describe(hosts: &[DatabaseHost], states: &[HostState]) -> String {
    let of = |(host, state): (&DatabaseHost, &HostState)| {
        let state = match state {
            HostState::Writable { timeline } => format!("takes writes on timeline {timeline}"),
            HostState::ReadOnly { .. } => "read-only".to_owned(),
            HostState::Unavailable(why) | HostState::Refused(why) => why.clone(),
        };
        format!("{}: {state}", host.name())
    };
    hosts.iter().zip(states).map(of).collect::<Vec<_>>().join("; ")
}

/// Asks every host, each on a connection that is kept.
#[derive(Debug)]
pub(super) struct HostSearch {
    probes: Vec<HostProbe>,
    timeout: Duration,
}

impl HostSearch {
    /// A search that waits so long for the answers.
    ///
    /// # Errors
    /// If a URL can't be read.
    pub(super) fn new(hosts: &[DatabaseHost], timeout: Duration) -> Result<Self, sqlx::Error> {
        let probe = |host| Ok(HostProbe { options: host_options(host)?, connection: None });
        Ok(Self { probes: hosts.iter().map(probe).collect::<Result<_, sqlx::Error>>()?, timeout })
    }

    /// Asks all of them at the same time.
    pub(super) async fn ask(&mut self) -> Vec<HostState> {
        let timeout = self.timeout;
        join_all(self.probes.iter_mut().map(|probe| probe.ask(timeout))).await
    }
}

struct HostProbe {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
}

impl fmt::Debug for HostProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The options hold the password of the database.
        let (host, port) = (self.options.get_host(), self.options.get_port());
        f.debug_struct("HostProbe").field("host", &host).field("port", &port).finish_non_exhaustive()
    }
}

impl HostProbe {
    /// Asks the host. If it fails, the connection is dropped.
    async fn ask(&mut self, timeout: Duration) -> HostState {
        let kept = self.connection.take();
        let asked = async {
            let mut connection = match kept {
                Some(connection) => connection,
                None => PgConnection::connect_with(&self.options).await?,
            };
            let state = state_of(&mut connection).await?;
            Ok((connection, state))
        };
        match tokio::time::timeout(timeout, asked).await {
            Ok(Ok((connection, state))) => {
                self.connection = Some(connection);
                state
            }
            Ok(Err(error)) if is_host_unavailable(&error) => HostState::Unavailable(error.to_string()),
            Ok(Err(error)) => HostState::Refused(error.to_string()),
            Err(_) => HostState::Unavailable(format!("no answer within {} ms", timeout.as_millis())),
        }
    }
}

async fn state_of(connection: &mut PgConnection) -> Result<HostState, sqlx::Error> {
    if is_read_only(connection).await? {
        return Ok(HostState::ReadOnly { heartbeat_age: heartbeat_age(connection).await? });
    }
    let timeline = match sqlx::query_scalar(TIMELINE).fetch_one(connection).await {
        // Some managed services do not say it.
        Err(sqlx::Error::Database(_)) => 0,
        other => other?,
    };
    Ok(HostState::Writable { timeline })
}

/// The age of the last heartbeat; `None` if there is none, or the database is not migrated yet.
async fn heartbeat_age(connection: &mut PgConnection) -> Result<Option<Duration>, sqlx::Error> {
    let age: Option<i64> = match sqlx::query_scalar(HEARTBEAT_AGE).fetch_one(connection).await {
        Err(sqlx::Error::Database(_)) => None,
        other => other?,
    };
    // Two clocks may differ a little.
    Ok(age.map(|age| Duration::from_micros(age.max(0).unsigned_abs())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_does_not_print_the_password_of_the_database() {
        let hosts =
            DatabaseHost::list("postgres://hotline:very-secret@db-1:5433,db-2/hotline").expect("a URL");
        let search = HostSearch::new(&hosts, Duration::from_secs(1)).expect("URLs that can be read");
        let text = format!("{search:?}");
        assert!(!text.contains("very-secret"), "{text}");
        assert!(text.contains("db-1") && text.contains("5433") && text.contains("db-2"), "{text}");
    }

    #[test]
    fn the_newest_host_that_takes_writes_is_chosen() {
        let read_only = HostState::ReadOnly { heartbeat_age: None };
        let away = HostState::Unavailable("connection refused".to_owned());
        let on = |timeline| HostState::Writable { timeline };
        let at = |host, timeline| Some(Primary { host, timeline });
        for (states, present, chosen, why) in [
            (vec![read_only.clone(), on(1)], None, at(1, 1), "a standby is not chosen"),
            (vec![away.clone(), read_only.clone()], at(0, 1), None, "nothing takes writes"),
            (vec![on(1), read_only.clone()], at(0, 1), at(0, 1), "the present host stays"),
            (vec![on(1), on(1)], at(1, 1), at(1, 1), "the present host stays beside an equal one"),
            (vec![away.clone(), on(2)], at(0, 1), at(1, 2), "the promoted standby"),
            (
                vec![on(1), on(2)],
                at(0, 1),
                at(1, 2),
                "the promoted standby, though the old primary takes writes",
            ),
            (vec![on(1), on(2)], None, at(1, 2), "the same at a start"),
            (vec![on(1), away], at(1, 2), None, "the old primary lacks what was written since"),
            (vec![on(2)], at(0, 1), at(0, 2), "another server behind the same address"),
            (vec![on(0), on(0)], at(0, 0), at(0, 0), "hosts that say no timeline"),
        ] {
            assert_eq!(choose(&states, present), chosen, "{why}");
        }
    }

    #[test]
    fn lists_are_read_from_a_standby_that_keeps_up() {
        let primary = Primary { host: 0, timeline: 1 };
        let on = HostState::Writable { timeline: 1 };
        let behind = |seconds| HostState::ReadOnly { heartbeat_age: Some(Duration::from_secs(seconds)) };
        let empty = HostState::ReadOnly { heartbeat_age: None };
        for (states, present, chosen) in [
            (vec![on.clone(), behind(1)], 0, 1),
            (vec![on.clone(), behind(11)], 1, 0),
            (vec![on.clone(), empty], 1, 0),
            (vec![on.clone(), behind(2), behind(1)], 2, 2),
            (vec![on.clone(), behind(20), behind(1)], 1, 2),
            (vec![on], 0, 0),
        ] {
            let found = choose_for_lists(&states, primary, present, Duration::from_secs(10));
            assert_eq!(found, chosen, "{states:?}, from {present}");
        }
    }
}
