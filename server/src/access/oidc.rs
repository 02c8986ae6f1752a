//! OpenID Connect: verifies the tokens of staff with the identity provider's key set (JWKS).
//!
//! The key set is fetched every `refresh_interval_seconds`, so that a key that the provider withdraws is no longer
//! accepted. It is also fetched when a token names an unknown key, at most once in `unknown_key_refetch_min_seconds`
//! for all callers together. If a fetch fails, the last good key set stays in use.

mod algorithm;
pub mod fetch;
pub mod jwks;
pub mod token;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hotline_proto::v1::ErrorReason;

pub use algorithm::Algorithm;
use fetch::JwksSource;
use jwks::JwkSet;
use token::{ExpectedClaims, Rejection, UnverifiedToken};

use crate::platform::Fault;
use crate::platform::config;
use crate::ticket::Instant;

/// The widest leeway for the provider's clock, in seconds.
const LEEWAY_SECONDS_MAX: u32 = 120;

/// An identity provider.
#[derive(Debug)]
pub struct Oidc {
    expected: ExpectedClaims,
    algorithms: Vec<Algorithm>,
    source: JwksSource,
    refetch: Duration,
    refresh: Duration,
    set: RwLock<Option<Arc<JwkSet>>>,
    /// When the last fetch began. The lock is held during a fetch, so that only one runs at a time.
    last_fetch: tokio::sync::Mutex<Option<tokio::time::Instant>>,
}

fn reject(why: Rejection) -> Fault {
    tracing::debug!(why, "a signed token was refused");
    Fault::new(ErrorReason::Unauthenticated)
}

impl Oidc {
    /// The configured provider, if any.
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
        if config.unknown_key_refetch_min_seconds == 0 || config.refresh_interval_seconds == 0 {
            return Err(
                "access.oidc.unknown_key_refetch_min_seconds and refresh_interval_seconds: at least 1"
                    .to_owned(),
            );
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
            expected: ExpectedClaims {
                issuer: config.issuer.clone(),
                audience: config.audience.clone(),
                leeway_seconds: i64::from(config.leeway_seconds),
            },
            algorithms,
            source: JwksSource::of(&config.jwks, &config.ca)?,
            refetch: Duration::from_secs(u64::from(config.unknown_key_refetch_min_seconds)),
            refresh: Duration::from_secs(u64::from(config.refresh_interval_seconds)),
            set: RwLock::new(None),
            last_fetch: tokio::sync::Mutex::new(None),
        }))
    }

    /// The issuer of its tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.expected.issuer
    }

    /// Verifies a token at an instant. Returns its subject and the instant at which it expires.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`; `UNAVAILABLE` if no key set was ever fetched.
    pub async fn verify(&self, token: &str, now: Instant) -> Result<(String, Instant), Fault> {
        let token = UnverifiedToken::read(token).map_err(reject)?;
        let algorithm = token.algorithm().parse().ok().filter(|one| self.algorithms.contains(one));
        let algorithm = algorithm.ok_or_else(|| reject("its algorithm is not taken"))?;
        let set = self.key_set_for(token.key_id()).await?;
        set.verify(&token, algorithm).map_err(reject)?;
        let claims = token.claims().map_err(reject)?;
        let (subject, end) = claims.check(&self.expected, now.timestamp()).map_err(reject)?;
        let end = Instant::from_timestamp(end, 0).ok_or_else(|| reject("its end is no time"))?;
        Ok((subject, end))
    }

    fn set(&self) -> Option<Arc<JwkSet>> {
        self.set.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The key set. It is fetched again if it does not contain the key.
    async fn key_set_for(&self, key: Option<&str>) -> Result<Arc<JwkSet>, Fault> {
        if let Some(set) = self.set().filter(|set| set.contains(key)) {
            return Ok(set);
        }
        let mut last_fetch = self.last_fetch.lock().await;
        // Another caller may have fetched it while this one waited for the lock.
        let has_it = self.set().is_some_and(|set| set.contains(key));
        if !has_it && last_fetch.is_none_or(|last| last.elapsed() >= self.refetch) {
            *last_fetch = Some(tokio::time::Instant::now());
            self.fetch().await;
        }
        drop(last_fetch);
        self.set().ok_or_else(|| Fault::unavailable("the identity provider never returned its keys"))
    }

    async fn fetch(&self) {
        let fetched = self.source.fetch().await.and_then(|jwks| JwkSet::read(&jwks));
        match fetched {
            Ok(set) => {
                tracing::debug!(keys = set.len(), "identity provider keys fetched");
                *self.set.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(set));
            }
            Err(why) => {
                tracing::warn!(source = ?self.source, why, "the identity provider's keys can't be had; the last ones serve");
            }
        }
    }

    /// Fetches the key set at the configured interval, for ever.
    pub async fn refresh_keys(&self) {
        loop {
            let mut last_fetch = self.last_fetch.lock().await;
            *last_fetch = Some(tokio::time::Instant::now());
            self.fetch().await;
            drop(last_fetch);
            tokio::time::sleep(self.refresh).await;
        }
    }
}
