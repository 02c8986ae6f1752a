//! What all requests share: the connections to the hotline, the sessions, and the names of units and topics.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use hotline_client::{DevelopmentCredentials, Error, HotlineClient, Token, Topic, Unit};

use super::language::Lang;
use super::oidc::Provider;
use super::session::{Session, Sessions};

/// How long the names of units and topics are kept.
const NAMES_KEPT: Duration = Duration::from_mins(1);
/// The most units and topics that are read.
const NAMES_MAX: usize = 5000;

/// Units and topics with their names.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// The units that are active or were.
    pub(crate) units: Vec<Unit>,
    /// The topics.
    pub(crate) topics: Vec<Topic>,
}

/// How people sign in.
#[derive(Debug)]
pub(crate) enum SignIn {
    /// With the development credentials of a local server.
    Development(DevelopmentCredentials),
    /// At an identity provider.
    Provider(Box<Provider>),
}

/// The state of the console.
#[derive(Debug)]
pub(crate) struct App {
    /// A connection for each language.
    clients: [HotlineClient; 2],
    /// Who has signed in.
    pub(crate) sessions: Sessions,
    /// How people sign in.
    pub(crate) sign_in: SignIn,
    /// The credential with which companies ask for their progress. Without it there is no such page.
    pub(crate) progress: Option<Token>,
    /// The values of the header `Host` that this console answers.
    pub(crate) hosts: Vec<String>,
    /// Whether browsers reach it over TLS.
    pub(crate) is_secure: bool,
    names: Mutex<Option<(Arc<Directory>, Instant)>>,
    clock: Mutex<Option<(DateTime<Utc>, Instant)>>,
}

impl App {
    pub(crate) fn new(
        clients: [HotlineClient; 2],
        sign_in: SignIn,
        progress: Option<Token>,
        hosts: Vec<String>,
        is_secure: bool,
    ) -> Self {
        Self {
            clients,
            sessions: Sessions::default(),
            sign_in,
            progress,
            hosts,
            is_secure,
            names: Mutex::default(),
            clock: Mutex::default(),
        }
    }

    /// The hotline with the rights of a session, and messages in a language.
    pub(crate) fn client(&self, session: &Session, lang: Lang) -> Result<HotlineClient, Error> {
        self.connection(lang).with_token(session.token.clone())
    }

    /// The connection of a language, without a token.
    pub(crate) const fn connection(&self, lang: Lang) -> &HotlineClient {
        match lang {
            Lang::Zh => &self.clients[0],
            Lang::En => &self.clients[1],
        }
    }

    /// The hotline's time, which the console counts on from the last answer. `None` before the first.
    pub(crate) fn now(&self) -> Option<DateTime<Utc>> {
        let clock = *self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        clock.and_then(|(time, at)| Some(time + chrono::TimeDelta::from_std(at.elapsed()).ok()?))
    }

    /// The hotline said what time it is.
    pub(crate) fn note_time(&self, now: DateTime<Utc>) {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Instant::now()));
    }

    /// The names of units and topics, read at most once a minute. They are the same for everybody.
    pub(crate) async fn directory(&self, client: &HotlineClient) -> Result<Arc<Directory>, Error> {
        let kept = self.names.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((names, at)) = kept
            && at.elapsed() < NAMES_KEPT
        {
            return Ok(names);
        }
        let directory = client.directory();
        let units = directory.list_units(hotline_client::ListUnits::default()).take_up_to(NAMES_MAX).await?;
        let topics = directory.list_topics().take_up_to(NAMES_MAX).await?;
        let names = Arc::new(Directory { units, topics });
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Arc::clone(&names), Instant::now()));
        Ok(names)
    }

    /// Reads the names again at the next page, because somebody has changed them here.
    pub(crate) fn forget_names(&self) {
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Directory {
    /// The name of a unit in a language, or its code.
    pub(crate) fn unit<'a>(&'a self, code: &'a str, lang: Lang) -> &'a str {
        let unit = self.units.iter().find(|unit| unit.code == code);
        unit.map_or(code, |unit| named(&unit.name, unit.name_en.as_deref(), lang))
    }

    /// The name of a topic in a language, or its code.
    pub(crate) fn topic<'a>(&'a self, code: &'a str, lang: Lang) -> &'a str {
        let topic = self.topics.iter().find(|topic| topic.code == code);
        topic.map_or(code, |topic| named(&topic.name, topic.name_en.as_deref(), lang))
    }
}

/// The name of a language.
pub(crate) fn named<'a>(zh: &'a str, en: Option<&'a str>, lang: Lang) -> &'a str {
    match (lang, en) {
        (Lang::En, Some(en)) if !en.is_empty() => en,
        _ => zh,
    }
}
