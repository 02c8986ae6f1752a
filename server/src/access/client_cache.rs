//! Cache of all clients and credentials in memory, with a check at each call that it is current.
//!
//! A call must not be authenticated with a credential that was revoked before the call began, on any server. So each
//! call reads the revision from the database. Calls that arrive during a query share the next one, as commits share an
//! fsync. Only changes since the last revision are read. If the database does not answer, no call is authenticated.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;
use tokio::time::Instant as TokioInstant;

use crate::access::Caller;
use crate::access::authentication::Authentication;
use crate::access::client::{Client, Credential, Proof, read};
use crate::platform::{Fault, Store};
use crate::ticket::Instant;

/// The interval between two checks of open streams, if no call triggers one before.
const STREAM_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// How long a stream outlives the last answer of the database. With the interval above it is less than 30 seconds.
const STALE_AFTER: Duration = Duration::from_secs(20);

#[derive(Debug, Default)]
struct CacheState {
    revision: i64,
    clients: HashMap<String, Client>,
    holders: HashMap<Proof, Credential>,
}

impl CacheState {
    fn apply(&mut self, revision: i64, clients: Vec<Client>, credentials: Vec<Credential>) {
        self.clients.extend(clients.into_iter().map(|client| (client.principal.clone(), client)));
        for credential in credentials {
            if credential.revoked.is_none() {
                self.holders.insert(credential.proof.clone(), credential);
            } else if self.holders.get(&credential.proof).is_some_and(|held| held.id == credential.id) {
                self.holders.remove(&credential.proof);
            }
        }
        self.revision = revision;
    }

    fn holder(&self, proof: &Proof, now: Instant) -> Option<(&Client, &Credential)> {
        let credential = self.holders.get(proof)?;
        let is_over = credential.expires_at.is_some_and(|end| end <= now);
        let client = self.clients.get(&credential.principal)?;
        (!is_over && client.revoked.is_none()).then_some((client, credential))
    }
}

type RefreshRequest = oneshot::Sender<Result<(), Fault>>;

/// All clients and credentials in the database.
#[derive(Debug)]
pub struct ClientCache {
    state: Arc<RwLock<CacheState>>,
    requests: mpsc::UnboundedSender<RefreshRequest>,
    /// Changes whenever open streams must be checked; holds when the database last answered.
    changes: watch::Sender<TokioInstant>,
    /// Answers the requests for a refresh; it ends only with a panic.
    worker: AbortHandle,
}

impl ClientCache {
    /// A cache of the clients in a database; it runs until it is dropped.
    #[must_use]
    pub fn open(store: Store) -> Self {
        let state = Arc::new(RwLock::new(CacheState { revision: -1, ..CacheState::default() }));
        let (requests, requested) = mpsc::unbounded_channel();
        let (changes, _) = watch::channel(TokioInstant::now());
        let worker = tokio::spawn(keep(store, Arc::clone(&state), requested, changes.clone())).abort_handle();
        Self { state, requests, changes, worker }
    }

    /// Returns when the cache holds everything that was committed before this call.
    ///
    /// # Errors
    /// `UNAVAILABLE` if the database does not answer.
    pub async fn refresh(&self) -> Result<(), Fault> {
        let (answer, answered) = oneshot::channel();
        let dead = || Fault::internal("the cache of clients has ended");
        self.requests.send(answer).map_err(|_| dead())?;
        answered.await.map_err(|_| dead())?
    }

    /// The client with a proof, and until when, as of the last refresh.
    #[must_use]
    pub fn holder(&self, proof: &Proof, now: Instant) -> Option<(Caller, Option<Instant>)> {
        let state = self.state.read().ok()?;
        let (client, credential) = state.holder(proof, now)?;
        let caller = Caller { credentials: vec![credential.id.clone()], ..client.caller() };
        Some((caller, credential.expires_at))
    }

    /// The client of this name, unless it is revoked, as of the last refresh.
    #[must_use]
    pub fn client(&self, principal: &str) -> Option<Caller> {
        let state = self.state.read().ok()?;
        state.clients.get(principal).filter(|client| client.revoked.is_none()).map(Client::caller)
    }

    /// Whether the database has a client of this name, revoked or not: the credentials file is then ignored for it.
    #[must_use]
    pub fn contains(&self, principal: &str) -> bool {
        self.state.read().is_ok_and(|state| state.clients.contains_key(principal))
    }

    /// Whether a caller's authentication is still valid.
    #[must_use]
    pub fn is_still_valid(&self, authentication: &Authentication, now: Instant) -> bool {
        let Ok(state) = self.state.read() else { return false };
        let is_over = authentication.until.is_some_and(|until| until <= now);
        !is_over
            && authentication.proofs.iter().all(|proof| state.holder(proof, now).is_some())
            && authentication.file_principals.iter().all(|principal| !state.clients.contains_key(principal))
    }

    /// A receiver that is notified when open streams must be checked.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<TokioInstant> {
        self.changes.subscribe()
    }

    /// Whether the database has not answered for so long that revocations are unknown.
    #[must_use]
    pub fn is_stale(last_answer: TokioInstant) -> bool {
        last_answer.elapsed() > STALE_AFTER
    }

    /// Triggers the checks of open streams, for as long as it is polled; returns only if the worker has ended.
    pub async fn watch_streams(&self) {
        loop {
            tokio::time::sleep(STREAM_CHECK_INTERVAL).await;
            if self.worker.is_finished() {
                return;
            }
            if let Err(fault) = self.refresh().await {
                tracing::warn!(
                    error = fault.detail,
                    "client revocation state is stale: the database does not answer"
                );
            }
            // An authentication may also have ended by time alone, or because the database does not answer.
            self.changes.send_modify(|_| {});
        }
    }
}

/// Answers requests for a refresh, all waiting ones with one query.
async fn keep(
    store: Store,
    state: Arc<RwLock<CacheState>>,
    mut requested: mpsc::UnboundedReceiver<RefreshRequest>,
    changes: watch::Sender<TokioInstant>,
) {
    while let Some(first) = requested.recv().await {
        let mut waiting = vec![first];
        while let Ok(next) = requested.try_recv() {
            waiting.push(next);
        }
        let began = TokioInstant::now();
        let outcome = read_changes(&store, &state).await;
        match outcome {
            Ok(true) => {
                changes.send_replace(began);
            }
            Ok(false) => {
                changes.send_if_modified(|last| {
                    *last = began;
                    false
                });
            }
            Err(_) => {}
        }
        let outcome = outcome.map(|_| ());
        for answer in waiting {
            // A caller that has gone away needs no answer.
            let _ = answer.send(outcome.clone());
        }
    }
}

/// Reads the changes; returns whether there were any.
async fn read_changes(store: &Store, state: &RwLock<CacheState>) -> Result<bool, Fault> {
    let broken = || Fault::internal("the cache of clients is broken");
    let db = store.reader();
    let revision = read::revision(db).await?;
    let last = state.read().map_err(|_| broken())?.revision;
    if revision == last {
        return Ok(false);
    }
    // A change that is committed between these reads has a higher revision, and the next query reads it again.
    let clients = read::clients_since(db, last).await?;
    let credentials = read::credentials_since(db, last).await?;
    state.write().map_err(|_| broken())?.apply(revision, clients, credentials);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use hotline_proto::v1::Role;

    use super::*;
    use crate::access::client::{Act, ClientKind};

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).expect("an instant")
    }

    fn act() -> Act {
        Act { by: "admin".to_owned(), at: at(0), note: String::new() }
    }

    fn client(principal: &str) -> Client {
        Client {
            principal: principal.to_owned(),
            kind: ClientKind::Machine,
            roles: vec![Role::Agent],
            unit: None,
            created: act(),
            revoked: None,
        }
    }

    fn credential(id: &str, principal: &str, token: &str) -> Credential {
        Credential {
            id: id.to_owned(),
            principal: principal.to_owned(),
            proof: Proof::of_token(token),
            expires_at: None,
            issued: act(),
            revoked: None,
        }
    }

    /// A cache without a worker, with only the content that the test adds.
    fn cache(state: CacheState) -> ClientCache {
        let (requests, _) = mpsc::unbounded_channel();
        let (changes, _) = watch::channel(TokioInstant::now());
        let worker = tokio::spawn(std::future::pending::<()>()).abort_handle();
        ClientCache { state: Arc::new(RwLock::new(state)), requests, changes, worker }
    }

    fn holder(state: &CacheState, token: &str, now: i64) -> Option<String> {
        let found = state.holder(&Proof::of_token(token), at(now))?;
        Some(format!("{} by {}", found.0.principal, found.1.id))
    }

    #[test]
    fn a_proof_belongs_to_whom_it_was_issued_last() {
        let mut state = CacheState::default();
        state.apply(1, vec![client("one"), client("two")], vec![credential("a", "one", "x")]);
        assert_eq!((state.revision, holder(&state, "x", 0)), (1, Some("one by a".to_owned())));
        assert_eq!(holder(&state, "y", 0), None);
        // A revoked credential removes its proof, unless the proof belongs to another credential by now.
        let revoked = |credential| Credential { revoked: Some(act()), ..credential };
        state.apply(2, vec![], vec![credential("b", "two", "x"), revoked(credential("a", "one", "x"))]);
        assert_eq!((state.revision, holder(&state, "x", 0)), (2, Some("two by b".to_owned())));
        state.apply(3, vec![], vec![revoked(credential("b", "two", "x"))]);
        assert_eq!(holder(&state, "x", 0), None);
        state.apply(4, vec![], vec![credential("c", "one", "z")]);
        assert_eq!(holder(&state, "z", 0), Some("one by c".to_owned()));
        state.apply(5, vec![Client { revoked: Some(act()), ..client("one") }], vec![]);
        assert_eq!(holder(&state, "z", 0), None, "the client is revoked, and its credential with it");
        state.apply(6, vec![], vec![credential("d", "nobody", "w")]);
        assert_eq!(holder(&state, "w", 0), None);
    }

    #[tokio::test]
    async fn a_credential_ends_at_its_instant() {
        let mut state = CacheState::default();
        let ending = Credential { expires_at: Some(at(10)), ..credential("a", "one", "x") };
        state.apply(1, vec![client("one")], vec![ending]);
        assert_eq!(holder(&state, "x", 9), Some("one by a".to_owned()));
        assert_eq!((holder(&state, "x", 10), holder(&state, "x", 11)), (None, None));
        let cache = cache(state);
        let (caller, until) = cache.holder(&Proof::of_token("x"), at(9)).expect("it is good");
        assert_eq!((caller.principal.as_str(), until), ("one", Some(at(10))));
        assert_eq!((caller.credentials, caller.roles), (vec!["a".to_owned()], vec![Role::Agent]));
        assert_eq!(cache.holder(&Proof::of_token("x"), at(10)), None);
        assert!(cache.contains("one") && !cache.contains("two"));
    }

    #[tokio::test]
    async fn whoever_was_admitted_stays_as_long_as_all_that_it_rests_on() {
        let mut state = CacheState::default();
        let ending = Credential { expires_at: Some(at(10)), ..credential("b", "one", "y") };
        state.apply(1, vec![client("one")], vec![credential("a", "one", "x"), ending]);
        let cache = cache(state);
        let authentication = |tokens: &[&str], files: &[&str], until: Option<i64>| Authentication {
            caller: Caller::default(),
            proofs: tokens.iter().map(|token| Proof::of_token(token)).collect(),
            file_principals: files.iter().map(|file| (*file).to_owned()).collect(),
            until: until.map(at),
        };
        for (authentication, now, expected) in [
            (authentication(&["x"], &[], None), 20, true),
            (authentication(&["x", "y"], &[], None), 9, true),
            (authentication(&["x", "y"], &[], None), 10, false),
            (authentication(&["x", "unknown"], &[], None), 0, false),
            (authentication(&["x"], &[], Some(5)), 4, true),
            (authentication(&["x"], &[], Some(5)), 5, false),
            (authentication(&[], &["of-the-file"], None), 0, true),
            (authentication(&[], &["one"], None), 0, false),
            (authentication(&["x"], &["one"], None), 0, false),
        ] {
            assert_eq!(
                cache.is_still_valid(&authentication, at(now)),
                expected,
                "{authentication:?} at {now}"
            );
        }
    }

    #[tokio::test]
    async fn nobody_is_admitted_by_a_register_that_nobody_keeps() {
        let fault = cache(CacheState::default()).refresh().await.expect_err("it has ended");
        assert!(fault.detail.contains("has ended"), "{}", fault.detail);
    }

    #[test]
    fn silence_of_the_database_counts_from_its_last_answer() {
        let now = TokioInstant::now();
        assert!(!ClientCache::is_stale(now));
        let before = now.checked_sub(STALE_AFTER + Duration::from_secs(1));
        // A machine that was just started has no such instant.
        assert!(before.is_none_or(ClientCache::is_stale));
    }
}
