//! A client of the hotline: its services, and clones with other settings.

mod builder;

use std::time::Duration;

pub use builder::Builder;

use crate::admin::Admin;
use crate::analysis::Analysis;
use crate::assessment::Assessment;
use crate::audit::Audit;
use crate::call::Core;
use crate::calls::Calls;
use crate::credentials::Token;
use crate::directory::Directory;
use crate::error::Error;
use crate::knowledge::Knowledge;
use crate::messages::Messages;
use crate::options::CallOptions;
use crate::seats::Seats;
use crate::simulation::Simulation;
use crate::tickets::Tickets;
use crate::token::Tokens;

/// A client of the hotline: cheap to clone, safe to share. Clones use one connection.
#[derive(Debug, Clone)]
pub struct HotlineClient(Core);

/// The language of [`Error::localized_message`], of the descriptions of wrong fields, and of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Language {
    /// `zh-CN`.
    #[default]
    Chinese,
    /// `en`.
    English,
}

impl HotlineClient {
    /// Starts with the local server (`http://127.0.0.1:7312`), no token and a deadline of 30 seconds.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The verbs of the loop, from intake to follow-up.
    #[must_use]
    pub fn tickets(&self) -> Tickets {
        Tickets::new(self.0.clone())
    }

    /// Telephone calls, as the exchange reports them.
    #[must_use]
    pub fn calls(&self) -> Calls {
        Calls::new(self.0.clone())
    }

    /// Counts of what companies ask, and what becomes of it.
    #[must_use]
    pub fn analysis(&self) -> Analysis {
        Analysis::new(self.0.clone())
    }

    /// Messages to companies, and the progress of their tickets.
    #[must_use]
    pub fn messages(&self) -> Messages {
        Messages::new(self.0.clone())
    }

    /// Seats and the queue.
    #[must_use]
    pub fn seats(&self) -> Seats {
        Seats::new(self.0.clone())
    }

    /// Units, topics and the dispatch catalogue.
    #[must_use]
    pub fn directory(&self) -> Directory {
        Directory::new(self.0.clone())
    }

    /// The knowledge base.
    #[must_use]
    pub fn knowledge(&self) -> Knowledge {
        Knowledge::new(self.0.clone())
    }

    /// Scores, lines, schemes, objections and published months.
    #[must_use]
    pub fn assessment(&self) -> Assessment {
        Assessment::new(self.0.clone())
    }

    /// The administration of policies and calendars.
    #[must_use]
    pub fn admin(&self) -> Admin {
        Admin::new(self.0.clone())
    }

    /// Accesses to identities, audit records, and verification.
    #[must_use]
    pub fn audit(&self) -> Audit {
        Audit::new(self.0.clone())
    }

    /// The simulated clock of a server.
    #[must_use]
    pub fn simulation(&self) -> Simulation {
        Simulation::new(&self.0)
    }

    /// The same connection with another token.
    ///
    /// # Errors
    /// If the token can't be sent in a header.
    pub fn with_token(&self, token: impl Into<Token>) -> Result<Self, Error> {
        let tokens = Tokens::Fixed(token.into());
        tokens.check()?;
        Ok(Self(Core { tokens, ..self.0.clone() }))
    }

    /// The same connection with another deadline for a call with all its waits and attempts; at most a day.
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        self.with_options(&CallOptions::new().deadline(deadline))
    }

    /// The same connection with other settings, for one call or for some.
    #[must_use]
    pub fn with_options(&self, options: &CallOptions) -> Self {
        Self(self.0.with_options(options))
    }

    #[cfg(feature = "spool")]
    pub(crate) const fn core(&self) -> &Core {
        &self.0
    }
}
