//! The bounds of numbers: no value locks all callers out, or leaves a limit without effect. All wrong keys are named
//! together.

use std::ops::RangeInclusive;

use super::Config;

/// Any count: of calls, connections, streams.
const COUNT: RangeInclusive<u64> = 1..=1_000_000;
/// A count for which 0 means off.
const COUNT_OR_NONE: RangeInclusive<u64> = 0..=1_000_000;
/// Seconds that a start waits for the database: at most a day.
const WAIT_SECONDS: RangeInclusive<u64> = 0..=86_400;
/// Connections to PostgreSQL. With one, a call that holds it and needs another would wait for itself.
const DATABASE_CONNECTIONS: RangeInclusive<u64> = 2..=1_000;
/// Commands of one transaction: more make its statements and its locks long and no faster.
const COMMANDS_PER_COMMIT: RangeInclusive<u64> = 1..=1_024;
/// Bytes a second of a connection. Below 16 KiB a call with a long text cannot finish in time.
const BYTES_PER_SECOND: RangeInclusive<u64> = 16 * 1024..=u32::MAX as u64;
/// Milliseconds for a handshake and a first frame, or a first call, over a slow line.
const PREFACE_MS: RangeInclusive<u64> = 100..=600_000;
/// Milliseconds for a call.
const CALL_MS: RangeInclusive<u64> = 100..=3_600_000;
/// Milliseconds between the start of a shutdown and the close of the listener.
const NOTICE_MS: RangeInclusive<u64> = 0..=600_000;
/// Milliseconds to drain; without any, every stop would break running calls.
const DRAIN_MS: RangeInclusive<u64> = 100..=3_600_000;
/// Milliseconds in which a peer must read something; the listener checks once a second.
const UNREAD_MS: RangeInclusive<u64> = 1_000..=600_000;
/// The lower bound of waiting response bytes: a few frames.
const UNSENT_BYTES_MIN: u64 = 64 * 1024;
/// The upper bound: more than any machine has.
const UNSENT_BYTES_MAX: u64 = 1 << 40;
/// Seconds between two fetches of the identity provider's keys: at most a day, so that a withdrawn key ends.
const FETCH_SECONDS: RangeInclusive<u64> = 1..=86_400;
/// Texts without which no model is trained: fewer teach nothing, and more are never read.
const TEXTS: RangeInclusive<u64> = 20..=20_000;
/// Seconds between two trainings: at most a week.
const TRAIN_SECONDS: RangeInclusive<u64> = 1..=604_800;
/// Open tickets that share a cause.
const SAME_CAUSE: RangeInclusive<u64> = 2..=1_000;

/// Bytes of an attachment: at most 100 MiB, which a connection sends within the longest time limit.
const ATTACHMENT_BYTES: RangeInclusive<u64> = 1..=104_857_600;
/// Attachments of a ticket. They stand in its row.
const ATTACHMENTS: RangeInclusive<u64> = 1..=100;
/// Seconds for an upload or a scan: at most an hour.
const TRANSFER_SECONDS: RangeInclusive<u64> = 1..=3_600;
/// Seconds from which a file without a row is an orphan: at most a month.
const ORPHAN_SECONDS: RangeInclusive<u64> = 1..=2_592_000;

/// A key, its value, and its allowed values.
type NumberBound = (&'static str, u64, RangeInclusive<u64>);

impl<P> Config<P> {
    /// Checks every number that has bounds.
    ///
    /// # Errors
    /// Every key that is out of its bounds, with the bounds.
    pub fn check_bounds(&self) -> Result<(), String> {
        let oidc = &self.access.oidc;
        let others = [
            ("database_wait_seconds", self.database_wait_seconds, WAIT_SECONDS),
            ("database_connections", self.database_connections.into(), DATABASE_CONNECTIONS),
            (
                "database_commands_per_commit_max",
                self.database_commands_per_commit_max.into(),
                COMMANDS_PER_COMMIT,
            ),
            ("suggestions.texts_min", self.suggestions.texts_min.into(), TEXTS),
            (
                "suggestions.train_interval_seconds",
                self.suggestions.train_interval_seconds.into(),
                TRAIN_SECONDS,
            ),
            ("suggestions.same_cause_open_min", self.suggestions.same_cause_open_min.into(), SAME_CAUSE),
            ("shutdown.pre_drain_ms", self.shutdown.pre_drain_ms, NOTICE_MS),
            ("shutdown.drain_ms", self.shutdown.drain_ms, DRAIN_MS),
            (
                "access.oidc.unknown_key_refetch_min_seconds",
                oidc.unknown_key_refetch_min_seconds.into(),
                FETCH_SECONDS,
            ),
            ("access.oidc.refresh_interval_seconds", oidc.refresh_interval_seconds.into(), FETCH_SECONDS),
        ];
        let wrong: Vec<_> = others
            .into_iter()
            .chain(self.attachments.bounded())
            .chain(self.limits.bounded())
            .chain(self.limits.bounded_bytes())
            .filter(|(_, value, bounds)| !bounds.contains(value))
            .map(|(key, value, bounds)| {
                format!("{key}: {value} is outside {} to {}", bounds.start(), bounds.end())
            })
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }
}

impl super::attachments::Attachments {
    /// An upload must end before its file may be taken for an orphan.
    fn bounded(&self) -> [NumberBound; 6] {
        let upload = u64::from(self.upload_timeout_seconds);
        let orphan_min = (upload + 1).max(*ORPHAN_SECONDS.start());
        [
            ("attachments.size_max_bytes", self.size_max_bytes, ATTACHMENT_BYTES),
            ("attachments.per_ticket_max", self.per_ticket_max.into(), ATTACHMENTS),
            ("attachments.transfers_max", self.transfers_max.into(), COUNT),
            ("attachments.upload_timeout_seconds", upload, TRANSFER_SECONDS),
            ("attachments.scan_timeout_seconds", self.scan_timeout_seconds.into(), TRANSFER_SECONDS),
            (
                "attachments.orphan_after_seconds",
                self.orphan_after_seconds.into(),
                orphan_min..=*ORPHAN_SECONDS.end(),
            ),
        ]
    }
}

impl super::Limits {
    fn bounded(&self) -> Vec<NumberBound> {
        let count = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        vec![
            ("limits.calls_max", self.calls_max.into(), COUNT),
            ("limits.connections_max", count(self.connections_max), COUNT),
            ("limits.connections_per_peer_max", count(self.connections_per_peer_max), COUNT),
            ("limits.connections_per_second_per_peer", self.connections_per_second_per_peer.into(), COUNT),
            (
                "limits.broken_connections_per_minute_per_peer",
                self.broken_connections_per_minute_per_peer.into(),
                COUNT_OR_NONE,
            ),
            ("limits.streams_per_connection_max", self.streams_per_connection_max.into(), COUNT),
            (
                "limits.bytes_per_second_per_connection",
                self.bytes_per_second_per_connection.into(),
                BYTES_PER_SECOND,
            ),
            ("limits.preface_timeout_ms", self.preface_timeout_ms, PREFACE_MS),
            ("limits.call_timeout_ms", self.call_timeout_ms, CALL_MS),
            ("limits.calls_per_principal_max", self.calls_per_principal_max.into(), COUNT),
            ("limits.calls_per_second_per_principal", self.calls_per_second_per_principal.into(), COUNT),
            ("limits.burst_per_principal", self.burst_per_principal.into(), COUNT),
            (
                "limits.failed_authentications_per_minute_per_peer",
                self.failed_authentications_per_minute_per_peer.into(),
                COUNT_OR_NONE,
            ),
            ("limits.unread_timeout_ms", self.unread_timeout_ms, UNREAD_MS),
            ("limits.first_call_grace_ms", self.first_call_grace_ms, PREFACE_MS),
            ("limits.anonymous_calls_max", self.anonymous_calls_max.into(), COUNT),
            ("limits.anonymous_calls_per_peer_max", self.anonymous_calls_per_peer_max.into(), COUNT),
            ("limits.watch_streams_max", self.watch_streams_max.into(), COUNT),
            ("limits.watch_streams_per_principal_max", self.watch_streams_per_principal_max.into(), COUNT),
        ]
    }

    /// The limits of waiting bytes: a wider limit must not be smaller than a narrower one.
    fn bounded_bytes(&self) -> [NumberBound; 3] {
        let count = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        let connection = count(self.unsent_bytes_per_connection_max);
        let principal = count(self.unsent_bytes_per_principal_max);
        let all = count(self.unsent_bytes_max);
        [
            ("limits.unsent_bytes_per_connection_max", connection, UNSENT_BYTES_MIN..=UNSENT_BYTES_MAX),
            ("limits.unsent_bytes_per_principal_max", principal, connection..=UNSENT_BYTES_MAX),
            ("limits.unsent_bytes_max", all, principal..=UNSENT_BYTES_MAX),
        ]
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::super::{Overrides, read};
    use super::*;

    fn check(keys: &[(&str, &str)]) -> Result<(), String> {
        let keys = keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let config: Config<IgnoredAny> = read(&Overrides { file: None, keys }).expect("it can be read");
        config.check_bounds()
    }

    #[test]
    fn the_defaults_are_within_their_bounds() {
        assert_eq!(check(&[]), Ok(()));
    }

    #[test]
    fn every_wrong_key_is_named_at_once() {
        let wrong =
            check(&[("limits.calls_max", "0"), ("shutdown.drain_ms", "0")]).expect_err("both are wrong");
        for words in ["limits.calls_max: 0 is outside 1 to", "shutdown.drain_ms: 0 is outside 100 to"] {
            assert!(wrong.contains(words), "{wrong}");
        }
    }

    #[test]
    fn what_may_wait_is_bounded_and_in_order() {
        for (key, value, least) in [
            ("limits.unsent_bytes_max", "1", 12_582_912),
            ("limits.unsent_bytes_per_principal_max", "1", 8_388_608),
            ("limits.unsent_bytes_per_connection_max", "0", 65_536),
            ("limits.unread_timeout_ms", "999", 1_000),
            ("limits.first_call_grace_ms", "0", 100),
            ("limits.anonymous_calls_max", "0", 1),
            ("limits.anonymous_calls_per_peer_max", "0", 1),
        ] {
            let wrong = check(&[(key, value)]).expect_err("it is too small");
            assert!(wrong.contains(&format!("{key}: {value} is outside {least} to ")), "{wrong}");
        }
    }
}
