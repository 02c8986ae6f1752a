//! The register: every client and credential in memory, and proof that it is as new as the call that asks.
//!
//! A call must not be admitted by what was revoked before it began, on whichever server. So each call asks the database
//! for the revision; calls that come while one question is under way wait for the next and share it, as commits share a
//! disk's flush. What has changed since the last revision is read, and nothing else. Where the database does not answer,
//! nobody is admitted.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;
use tokio::time::Instant as Moment;

use super::client::{Client, Credential, Proof, read};
use super::{Admission, Caller};
use crate::platform::{Fault, Store};
use crate::ticket::Instant;

/// How often open streams are looked at, where no call has brought news before.
const STREAMS_LOOKED_AT: Duration = Duration::from_secs(5);
/// How long a stream outlives the last answer of the database; with the interval above it is less than 30 seconds.
const STREAMS_OUTLIVE_DATABASE: Duration = Duration::from_secs(20);

#[derive(Debug, Default)]
struct Known {
    revision: i64,
    clients: HashMap<String, Client>,
    holders: HashMap<Proof, Credential>,
}

impl Known {
    fn learn(&mut self, revision: i64, clients: Vec<Client>, credentials: Vec<Credential>) {
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

type Ask = oneshot::Sender<Result<(), Fault>>;

/// Everybody whom the database knows.
#[derive(Debug)]
pub struct Register {
    known: Arc<RwLock<Known>>,
    asks: mpsc::UnboundedSender<Ask>,
    /// Moves whenever open streams should be looked at; holds when the database last answered.
    news: watch::Sender<Moment>,
    /// Answers those who ask; ends with a panic alone.
    worker: AbortHandle,
}

impl Register {
    /// A register of a database; it works until it is dropped.
    #[must_use]
    pub fn open(store: Store) -> Self {
        let known = Arc::new(RwLock::new(Known { revision: -1, ..Known::default() }));
        let (asks, asked) = mpsc::unbounded_channel();
        let (news, _) = watch::channel(Moment::now());
        let worker = tokio::spawn(keep(store, Arc::clone(&known), asked, news.clone())).abort_handle();
        Self { known, asks, news, worker }
    }

    /// Returns when the register holds whatever was committed before this was called.
    ///
    /// # Errors
    /// `UNAVAILABLE` where the database does not answer.
    pub async fn freshen(&self) -> Result<(), Fault> {
        let (answer, answered) = oneshot::channel();
        let dead = || Fault::internal("the register of clients has ended");
        self.asks.send(answer).map_err(|_| dead())?;
        answered.await.map_err(|_| dead())?
    }

    /// Who shows himself by a proof, and until when, as far as the register was last told.
    #[must_use]
    pub fn holder(&self, proof: &Proof, now: Instant) -> Option<(Caller, Option<Instant>)> {
        let known = self.known.read().ok()?;
        let (client, credential) = known.holder(proof, now)?;
        let caller = Caller { credentials: vec![credential.id.clone()], ..client.caller() };
        Some((caller, credential.expires_at))
    }

    /// The client of this name, unless it is revoked, as far as the register was last told.
    #[must_use]
    pub fn client(&self, principal: &str) -> Option<Caller> {
        let known = self.known.read().ok()?;
        known.clients.get(principal).filter(|client| client.revoked.is_none()).map(Client::caller)
    }

    /// Whether the database has a client of this name, revoked or not: then no file speaks for it.
    #[must_use]
    pub fn knows(&self, principal: &str) -> bool {
        self.known.read().is_ok_and(|known| known.clients.contains_key(principal))
    }

    /// Whether what a caller was admitted by is still good.
    #[must_use]
    pub fn still_admits(&self, admission: &Admission, now: Instant) -> bool {
        let Ok(known) = self.known.read() else { return false };
        let is_over = admission.until.is_some_and(|until| until <= now);
        !is_over
            && admission.proofs.iter().all(|proof| known.holder(proof, now).is_some())
            && admission.file_principals.iter().all(|principal| !known.clients.contains_key(principal))
    }

    /// Hears when open streams should be looked at.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<Moment> {
        self.news.subscribe()
    }

    /// Whether the database was silent for so long that nobody knows who is revoked.
    #[must_use]
    pub fn is_outdated(last_answer: Moment) -> bool {
        last_answer.elapsed() > STREAMS_OUTLIVE_DATABASE
    }

    /// Has open streams looked at, for as long as it is polled; returns only where nobody answers any more who is known.
    pub async fn watch_streams(&self) {
        loop {
            tokio::time::sleep(STREAMS_LOOKED_AT).await;
            if self.worker.is_finished() {
                return;
            }
            if let Err(fault) = self.freshen().await {
                tracing::warn!(ours = fault.ours, "nobody can be told from the revoked");
            }
            // Time alone may have ended what somebody was admitted by, and silence too.
            self.news.send_modify(|_| {});
        }
    }
}

/// Answers those who ask, all who wait with one question.
async fn keep(
    store: Store,
    known: Arc<RwLock<Known>>,
    mut asked: mpsc::UnboundedReceiver<Ask>,
    news: watch::Sender<Moment>,
) {
    while let Some(first) = asked.recv().await {
        let mut waiting = vec![first];
        while let Ok(next) = asked.try_recv() {
            waiting.push(next);
        }
        let began = Moment::now();
        let outcome = catch_up(&store, &known).await;
        match outcome {
            Ok(true) => {
                news.send_replace(began);
            }
            Ok(false) => {
                news.send_if_modified(|last| {
                    *last = began;
                    false
                });
            }
            Err(_) => {}
        }
        let outcome = outcome.map(|_| ());
        for answer in waiting {
            // Who has gone away meanwhile needs no answer.
            let _ = answer.send(outcome.clone());
        }
    }
}

/// Reads what has changed; answers whether anything has.
async fn catch_up(store: &Store, known: &RwLock<Known>) -> Result<bool, Fault> {
    let broken = || Fault::internal("the register of clients is broken");
    let db = store.reader();
    let revision = read::revision(db).await?;
    let last = known.read().map_err(|_| broken())?.revision;
    if revision == last {
        return Ok(false);
    }
    // A change that is committed between these reads has a higher revision and is read again by the next question.
    let clients = read::clients_since(db, last).await?;
    let credentials = read::credentials_since(db, last).await?;
    known.write().map_err(|_| broken())?.learn(revision, clients, credentials);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use hotline_proto::v1::Role;

    use super::super::client::{Act, ClientKind};
    use super::*;

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

    /// A register that nobody keeps: what it knows is what it was told here.
    fn register(known: Known) -> Register {
        let (asks, _) = mpsc::unbounded_channel();
        let (news, _) = watch::channel(Moment::now());
        let worker = tokio::spawn(std::future::pending::<()>()).abort_handle();
        Register { known: Arc::new(RwLock::new(known)), asks, news, worker }
    }

    fn holder(known: &Known, token: &str, now: i64) -> Option<String> {
        let found = known.holder(&Proof::of_token(token), at(now))?;
        Some(format!("{} by {}", found.0.principal, found.1.id))
    }

    #[test]
    fn a_proof_belongs_to_whom_it_was_issued_last() {
        let mut known = Known::default();
        known.learn(1, vec![client("one"), client("two")], vec![credential("a", "one", "x")]);
        assert_eq!((known.revision, holder(&known, "x", 0)), (1, Some("one by a".to_owned())));
        assert_eq!(holder(&known, "y", 0), None);
        // A credential that is revoked takes its proof along, but not where another has it already.
        let revoked = |credential| Credential { revoked: Some(act()), ..credential };
        known.learn(2, vec![], vec![credential("b", "two", "x"), revoked(credential("a", "one", "x"))]);
        assert_eq!((known.revision, holder(&known, "x", 0)), (2, Some("two by b".to_owned())));
        known.learn(3, vec![], vec![revoked(credential("b", "two", "x"))]);
        assert_eq!(holder(&known, "x", 0), None);
        known.learn(4, vec![], vec![credential("c", "one", "z")]);
        assert_eq!(holder(&known, "z", 0), Some("one by c".to_owned()));
        known.learn(5, vec![Client { revoked: Some(act()), ..client("one") }], vec![]);
        assert_eq!(holder(&known, "z", 0), None, "the client is revoked, and its credential with it");
        known.learn(6, vec![], vec![credential("d", "nobody", "w")]);
        assert_eq!(holder(&known, "w", 0), None);
    }

    #[tokio::test]
    async fn a_credential_ends_at_its_instant() {
        let mut known = Known::default();
        let ending = Credential { expires_at: Some(at(10)), ..credential("a", "one", "x") };
        known.learn(1, vec![client("one")], vec![ending]);
        assert_eq!(holder(&known, "x", 9), Some("one by a".to_owned()));
        assert_eq!((holder(&known, "x", 10), holder(&known, "x", 11)), (None, None));
        let register = register(known);
        let (caller, until) = register.holder(&Proof::of_token("x"), at(9)).expect("it is good");
        assert_eq!((caller.principal.as_str(), until), ("one", Some(at(10))));
        assert_eq!((caller.credentials, caller.roles), (vec!["a".to_owned()], vec![Role::Agent]));
        assert_eq!(register.holder(&Proof::of_token("x"), at(10)), None);
        assert!(register.knows("one") && !register.knows("two"));
    }

    #[tokio::test]
    async fn whoever_was_admitted_stays_as_long_as_all_that_it_rests_on() {
        let mut known = Known::default();
        let ending = Credential { expires_at: Some(at(10)), ..credential("b", "one", "y") };
        known.learn(1, vec![client("one")], vec![credential("a", "one", "x"), ending]);
        let register = register(known);
        let admission = |tokens: &[&str], files: &[&str], until: Option<i64>| Admission {
            caller: Caller::default(),
            proofs: tokens.iter().map(|token| Proof::of_token(token)).collect(),
            file_principals: files.iter().map(|file| (*file).to_owned()).collect(),
            until: until.map(at),
        };
        for (admission, now, expected) in [
            (admission(&["x"], &[], None), 20, true),
            (admission(&["x", "y"], &[], None), 9, true),
            (admission(&["x", "y"], &[], None), 10, false),
            (admission(&["x", "unknown"], &[], None), 0, false),
            (admission(&["x"], &[], Some(5)), 4, true),
            (admission(&["x"], &[], Some(5)), 5, false),
            (admission(&[], &["of-the-file"], None), 0, true),
            (admission(&[], &["one"], None), 0, false),
            (admission(&["x"], &["one"], None), 0, false),
        ] {
            assert_eq!(register.still_admits(&admission, at(now)), expected, "{admission:?} at {now}");
        }
    }

    #[tokio::test]
    async fn nobody_is_admitted_by_a_register_that_nobody_keeps() {
        let fault = register(Known::default()).freshen().await.expect_err("it has ended");
        assert!(fault.ours.contains("has ended"), "{}", fault.ours);
    }

    #[test]
    fn silence_of_the_database_counts_from_its_last_answer() {
        let now = Moment::now();
        assert!(!Register::is_outdated(now));
        let before = now.checked_sub(STREAMS_OUTLIVE_DATABASE + Duration::from_secs(1));
        // A machine that has just been started has no such moment.
        assert!(before.is_none_or(Register::is_outdated));
    }
}
