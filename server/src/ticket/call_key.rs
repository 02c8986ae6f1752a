//! The identity of a telephone call. Exchanges use their call ids again, so an id alone names no call.
//!
//! The key is the exchange's end-to-end id if it has one. Otherwise it is the id with the start to the second: starts
//! that are nearer than the policy says are of one call.

use chrono::{DurationRound as _, TimeDelta};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Instant;

/// The id of a call. It follows from the key, so that two servers that meet a call at once give it the same id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId(pub String);

/// What the exchange knows a call by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallKey {
    /// The exchange.
    pub system: String,
    /// Its id of the call.
    pub id: ExchangeId,
}

/// An id of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExchangeId {
    /// It stays over transfers, and never recurs.
    EndToEnd(String),
    /// It recurs.
    Reference {
        /// The id.
        reference: String,
        /// When the call began.
        began_at: Instant,
    },
}

impl CallId {
    /// The id of the n-th call of a key that may recur, from 1.
    #[must_use]
    pub fn of(key: &CallKey, occurrence: u32) -> Self {
        let kind = [u8::try_from(key.kind()).unwrap_or_default()];
        let whole = Sha256::new()
            .chain_update(b"hotline call 1\0")
            .chain_update(kind)
            .chain_update(key.system.as_bytes())
            .chain_update([0])
            .chain_update(key.exchange_id().as_bytes())
            .chain_update([0])
            .chain_update(occurrence.to_be_bytes())
            .finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&whole[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string())
    }

    /// Reads an id, in every spelling of a UUID.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text.trim()).ok().map(|id| Self(id.to_string()))
    }

    /// Its owner's number in the vault.
    #[must_use]
    pub fn vault_owner(&self) -> i64 {
        let (high, _) = Uuid::try_parse(&self.0).unwrap_or_default().as_u64_pair();
        i64::from_be_bytes(high.to_be_bytes())
    }
}

impl std::fmt::Display for CallId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl CallKey {
    /// The number of its kind in the tables.
    #[must_use]
    pub const fn kind(&self) -> i16 {
        match self.id {
            ExchangeId::EndToEnd(_) => 1,
            ExchangeId::Reference { .. } => 2,
        }
    }

    /// The id of the exchange.
    #[must_use]
    pub fn exchange_id(&self) -> &str {
        match &self.id {
            ExchangeId::EndToEnd(id) => id,
            ExchangeId::Reference { reference, .. } => reference,
        }
    }

    /// When the call began, to the second, if that is a part of the key.
    #[must_use]
    pub fn began_at(&self) -> Option<Instant> {
        match &self.id {
            ExchangeId::EndToEnd(_) => None,
            ExchangeId::Reference { began_at, .. } => Some(to_the_second(*began_at)),
        }
    }

    /// Whether a call that began at an instant is the one of this key, among those with the same id.
    #[must_use]
    pub fn is_near(&self, began_at: Instant, same_call_within: TimeDelta) -> bool {
        self.began_at().is_none_or(|own| (own - to_the_second(began_at)).abs() < same_call_within)
    }
}

fn to_the_second(instant: Instant) -> Instant {
    instant.duration_trunc(TimeDelta::seconds(1)).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(began_at: &str) -> CallKey {
        let began_at = began_at.parse().expect("an instant");
        CallKey {
            system: "switch-1".to_owned(),
            id: ExchangeId::Reference { reference: "4711".to_owned(), began_at },
        }
    }

    #[test]
    fn starts_nearer_than_the_policy_says_are_one_call() {
        let began = "2019-10-12T04:00:00.900Z";
        for (other, is_near) in [
            ("2019-10-12T04:00:00Z", true),
            ("2019-10-12T04:59:59.999Z", true),
            ("2019-10-12T05:00:00Z", false),
            ("2019-10-12T03:00:01Z", true),
            ("2019-10-12T03:00:00.999Z", false),
        ] {
            let other = other.parse().expect("an instant");
            assert_eq!(key(began).is_near(other, TimeDelta::hours(1)), is_near, "{other}");
        }
        let end_to_end = CallKey { id: ExchangeId::EndToEnd("4711".to_owned()), ..key(began) };
        let later = "2020-10-12T03:00:00Z".parse().expect("an instant");
        assert!(end_to_end.is_near(later, TimeDelta::hours(1)), "the id alone is the key");
    }

    #[test]
    fn an_id_is_of_one_key_and_one_occurrence() {
        let key = key("2019-10-12T04:00:00Z");
        let id = CallId::of(&key, 1);
        assert_eq!(CallId::parse(&id.0.to_uppercase()), Some(id.clone()));
        assert_eq!(CallId::parse("call-1"), None);
        let others = [
            CallId::of(&key, 2),
            CallId::of(&CallKey { system: "switch-2".to_owned(), ..key.clone() }, 1),
            CallId::of(&CallKey { id: ExchangeId::EndToEnd("4711".to_owned()), ..key }, 1),
        ];
        assert!(!others.contains(&id), "{others:?}");
    }
}
