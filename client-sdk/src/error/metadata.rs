//! The facts beside a reason, typed. `docs/sdk.md` lists the keys and the reasons that have them.

use chrono::{DateTime, Utc};

use super::Error;
use crate::model::TicketState;

/// The facts beside a reason: for example the state that the ticket is in.
impl Error {
    /// A fact by its key in the contract.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<&str> {
        self.metadata().get(key).map(String::as_str)
    }

    /// The ticket that the refusal is about.
    #[must_use]
    pub fn ticket_number(&self) -> Option<&str> {
        self.fact("ticket_number")
    }

    /// The unit that the refusal is about.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        self.fact("unit")
    }

    /// The state of the ticket, of `WRONG_STATE` and `FOLLOWED_TICKET_UNFIT`.
    #[must_use]
    pub fn state(&self) -> Option<TicketState> {
        self.fact("state")?.parse().ok()
    }

    /// The states that would allow the command, of `WRONG_STATE`. Empty if there are none.
    #[must_use]
    pub fn allowed_states(&self) -> Vec<TicketState> {
        self.list("allowed_states").filter_map(|name| name.parse().ok()).collect()
    }

    /// The fields in which a request differs from the first one of its source, of `SOURCE_REUSED`.
    pub fn differing_fields(&self) -> impl Iterator<Item = &str> {
        self.list("differing_fields")
    }

    /// The places of texts that identify somebody, of `TEXT_HELD`: field, kind and position, as `content:PHONE:17`.
    pub fn marks(&self) -> impl Iterator<Item = &str> {
        self.list("marks")
    }

    /// The server's time when it refused an instant.
    #[must_use]
    pub fn server_time(&self) -> Option<DateTime<Utc>> {
        self.time("server_time").or_else(|| self.time("now"))
    }

    /// The earliest instant that would be accepted: of the next contact attempt, or of the start of a call.
    #[must_use]
    pub fn earliest_time(&self) -> Option<DateTime<Utc>> {
        self.time("earliest_time").or_else(|| self.time("earliest_start_time"))
    }

    /// The limit that has passed, of `LIMIT_PASSED` and `SUPERVISOR_NEEDED`, or the end of a window, of
    /// `RETURN_WINDOW_CLOSED` and `UNDO_WINDOW_CLOSED`.
    #[must_use]
    pub fn passed_time(&self) -> Option<DateTime<Utc>> {
        self.time("due_time").or_else(|| self.time("closed_at"))
    }

    fn time(&self, key: &str) -> Option<DateTime<Utc>> {
        self.fact(key)?.parse().ok()
    }

    fn list(&self, key: &str) -> impl Iterator<Item = &str> {
        let text = self.fact(key).unwrap_or_default();
        text.split(',').map(str::trim).filter(|part| !part.is_empty())
    }
}
