//! Staff whom an identity provider signs in: its tokens are verified with its keys, which are followed as they change.
//!
//! The set is fetched again every few minutes, so that a key that the provider gave up ends, and when a token names a key
//! that is not in it, but no more often than the configuration says, whoever asks. While the provider is away, or answers
//! with nonsense, the last good set serves.

mod algorithm;
pub mod fetch;
pub mod keys;
pub mod token;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use tokio::time::Instant as Moment;

pub use algorithm::Algorithm;
use fetch::Source;
use keys::KeySet;
use token::{Expected, Refused, Unverified};

use crate::platform::Fault;
use crate::platform::config;
use crate::ticket::Instant;

/// The widest leeway for the provider's clock, in seconds.
const LEEWAY_SECONDS_MAX: u32 = 120;

/// An identity provider.
#[derive(Debug)]
pub struct Oidc {
    expected: Expected,
    algorithms: Vec<Algorithm>,
    source: Source,
    refetch: Duration,
    refresh: Duration,
    set: RwLock<Option<Arc<KeySet>>>,
    /// When it was last asked for its keys; held by whoever asks.
    asked: tokio::sync::Mutex<Option<Moment>>,
}

fn refused(why: Refused) -> Fault {
    tracing::debug!(why, "a signed token was refused");
    Fault::new(ErrorReason::Unauthenticated)
}

impl Oidc {
    /// The provider of the configuration, if it names one.
    ///
    /// # Errors
    /// What is wrong with the keys of `access.oidc`.
    pub fn of(config: &config::Oidc) -> Result<Option<Self>, String> {
        if config.issuer.is_empty() {
            return Ok(None);
        }
        if config.audience.is_empty() {
            return Err("access.oidc.audience: for whom are the provider's tokens made?".to_owned());
        }
        if config.leeway_seconds > LEEWAY_SECONDS_MAX {
            return Err(format!("access.oidc.leeway_seconds: 0 to {LEEWAY_SECONDS_MAX}"));
        }
        if config.refetch_seconds == 0 || config.refresh_seconds == 0 {
            return Err("access.oidc.refetch_seconds and refresh_seconds: at least 1".to_owned());
        }
        let algorithm = |name: &String| {
            name.parse()
                .map_err(|()| format!("access.oidc.algorithms: {name:?} is no signature with a private key"))
        };
        let algorithms = config.algorithms.iter().map(algorithm).collect::<Result<Vec<_>, _>>()?;
        if algorithms.is_empty() {
            return Err("access.oidc.algorithms: at least one".to_owned());
        }
        Ok(Some(Self {
            expected: Expected {
                issuer: config.issuer.clone(),
                audience: config.audience.clone(),
                leeway_seconds: i64::from(config.leeway_seconds),
            },
            algorithms,
            source: Source::of(&config.jwks, &config.ca)?,
            refetch: Duration::from_secs(u64::from(config.refetch_seconds)),
            refresh: Duration::from_secs(u64::from(config.refresh_seconds)),
            set: RwLock::new(None),
            asked: tokio::sync::Mutex::new(None),
        }))
    }

    /// The issuer of its tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.expected.issuer
    }

    /// Verifies a token at an instant; answers its subject and when it is over.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`; `UNAVAILABLE` where the provider never told its keys.
    pub async fn verify(&self, token: &str, now: Instant) -> Result<(String, Instant), Fault> {
        let token = Unverified::read(token).map_err(refused)?;
        let algorithm = token.algorithm().parse().ok().filter(|one| self.algorithms.contains(one));
        let algorithm = algorithm.ok_or_else(|| refused("its algorithm is not taken"))?;
        let set = self.set_with(token.key_id()).await?;
        set.verify(&token, algorithm).map_err(refused)?;
        let claims = token.claims().map_err(refused)?;
        let (subject, end) = claims.check(&self.expected, now.timestamp()).map_err(refused)?;
        let end = Instant::from_timestamp(end, 0).ok_or_else(|| refused("its end is no time"))?;
        Ok((subject, end))
    }

    fn set(&self) -> Option<Arc<KeySet>> {
        self.set.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The set, fetched again where it has not the key that is asked for.
    async fn set_with(&self, key: Option<&str>) -> Result<Arc<KeySet>, Fault> {
        if let Some(set) = self.set().filter(|set| set.has(key)) {
            return Ok(set);
        }
        let mut asked = self.asked.lock().await;
        // Somebody may have fetched it while this one waited.
        let has_it = self.set().is_some_and(|set| set.has(key));
        if !has_it && asked.is_none_or(|last| last.elapsed() >= self.refetch) {
            *asked = Some(Moment::now());
            self.fetch().await;
        }
        drop(asked);
        self.set().ok_or_else(|| Fault::unavailable("the identity provider never told its keys"))
    }

    async fn fetch(&self) {
        let fetched = self.source.fetch().await.and_then(|jwks| KeySet::read(&jwks));
        match fetched {
            Ok(set) => {
                tracing::debug!(keys = set.len(), "the identity provider told its keys");
                *self.set.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(set));
            }
            Err(why) => {
                tracing::warn!(source = ?self.source, why, "the identity provider's keys can't be had; the last ones serve");
            }
        }
    }

    /// Follows the provider's keys, for as long as it is polled.
    pub async fn keep(&self) {
        loop {
            let mut asked = self.asked.lock().await;
            *asked = Some(Moment::now());
            self.fetch().await;
            drop(asked);
            tokio::time::sleep(self.refresh).await;
        }
    }
}
