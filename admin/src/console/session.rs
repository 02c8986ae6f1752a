//! Sessions: an opaque random name in the browser, everything else in the memory of this process.
//!
//! The table holds the digest of the name, so that a dump of the table opens no session. It is bounded, and a session
//! ends when it idles, when it is old, when its token expires, and when the hotline refuses its token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hotline_client::{Role, Token, WhoAmI};

use super::random::{NoRandomness, secret, sha256};

/// A session that is not used for so long ends.
const IDLE_MAX: Duration = Duration::from_hours(1);
/// The longest life of a session.
const LIFE_MAX: Duration = Duration::from_hours(12);
/// The most sessions of the console, and of one principal.
const SESSIONS_MAX: usize = 2000;
const SESSIONS_OF_PRINCIPAL_MAX: usize = 10;
/// A session whose token was not shown to the hotline for so long is checked before its next page.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// Somebody who has signed in.
#[derive(Debug)]
pub(crate) struct Session {
    key: String,
    /// The token of the forms of this session.
    pub(crate) csrf: String,
    /// The credential for the hotline.
    pub(crate) token: Token,
    /// The name that the hotline knows.
    pub(crate) principal: String,
    /// Its roles.
    pub(crate) roles: Vec<Role>,
    /// The unit that it acts for.
    pub(crate) unit: Option<String>,
    ends: Instant,
    times: Mutex<Times>,
}

#[derive(Debug)]
struct Times {
    used: Instant,
    checked: Instant,
}

impl Session {
    /// Whether it has one of some roles.
    pub(crate) fn has_any(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// Whether the hotline should be asked if the credential is still good.
    pub(crate) fn needs_check(&self) -> bool {
        self.times.lock().unwrap_or_else(PoisonError::into_inner).checked.elapsed() >= CHECK_INTERVAL
    }

    /// The hotline has accepted the credential.
    pub(crate) fn note_check(&self) {
        self.times.lock().unwrap_or_else(PoisonError::into_inner).checked = Instant::now();
    }

    fn is_over(&self) -> bool {
        let used = self.times.lock().unwrap_or_else(PoisonError::into_inner).used;
        used.elapsed() > IDLE_MAX || Instant::now() >= self.ends
    }
}

/// All sessions.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Arc<Session>>>);

impl Sessions {
    /// Begins a session; returns its name, which only the browser keeps. A sign-in always gets a new name.
    pub(crate) fn begin(
        &self,
        token: Token,
        me: WhoAmI,
        life: Option<Duration>,
    ) -> Result<String, NoRandomness> {
        let name = secret()?;
        let now = Instant::now();
        let expiry = me.expire_time.map(|end| (end - me.now).to_std().unwrap_or_default());
        let life = [life, expiry].into_iter().flatten().fold(LIFE_MAX, Duration::min);
        let session = Session {
            key: sha256(&name),
            csrf: secret()?,
            token,
            principal: me.principal,
            roles: me.roles,
            unit: me.unit,
            ends: now + life,
            times: Mutex::new(Times { used: now, checked: now }),
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, session| !session.is_over());
        make_place(&mut all, SESSIONS_OF_PRINCIPAL_MAX, |other| other.principal == session.principal);
        make_place(&mut all, SESSIONS_MAX, |_| true);
        all.insert(session.key.clone(), Arc::new(session));
        Ok(name)
    }

    /// The session of a name, which counts as used now.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Session>> {
        let key = sha256(name);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = Arc::clone(all.get(&key)?);
        if session.is_over() {
            all.remove(&key);
            return None;
        }
        session.times.lock().unwrap_or_else(PoisonError::into_inner).used = Instant::now();
        Some(session)
    }

    /// Ends a session.
    pub(crate) fn end(&self, session: &Session) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&session.key);
    }
}

/// Ends the sessions that were idle for longest, until there is place for one more.
fn make_place(all: &mut HashMap<String, Arc<Session>>, max: usize, counts: impl Fn(&Session) -> bool) {
    while all.values().filter(|session| counts(session)).count() >= max {
        let used = |session: &Session| session.times.lock().unwrap_or_else(PoisonError::into_inner).used;
        let oldest = all.values().filter(|session| counts(session)).min_by_key(|session| used(session));
        let Some(key) = oldest.map(|session| session.key.clone()) else { return };
        all.remove(&key);
    }
}
