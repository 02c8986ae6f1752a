//! One error type for calls, with two messages: the caller's, which the contract has for each reason, and the internal
//! detail, which only the log shows.

use std::collections::BTreeMap;
use std::time::Duration;

use hotline_proto::v1::ErrorReason;

/// Why a call fails.
///
/// It has no `Display`. `rpc::status` makes the caller's message from [`Fault::reason`], and [`Fault::detail`] goes to
/// the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The reason in the contract; it decides the status code and the caller's message.
    pub reason: ErrorReason,
    /// Every wrong field, for `BadRequest`.
    pub violations: Vec<Violation>,
    /// Facts that help the caller, for `ErrorInfo.metadata`; never data about another caller.
    pub metadata: BTreeMap<String, String>,
    /// When to try again, for `RetryInfo`.
    pub retry_after: Option<Duration>,
    /// Whether a commit was sent and its answer lost, so that its outcome is unknown.
    pub is_outcome_unknown: bool,
    /// Whether the same unit of work may succeed if it is run again at once.
    pub is_conflict: bool,
    /// Whether one line of the log stands for all calls that fail like this at the same time.
    pub is_logged_for_all: bool,
    /// Internal detail for the log; never shown to a caller.
    pub detail: String,
}

/// A wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The path in the request, for example `enterprise.social_credit_code`.
    pub field: String,
    /// What is wrong and what would be right; never repeats what was sent.
    pub description: String,
}

impl Fault {
    /// A fault with only its reason.
    #[must_use]
    pub const fn new(reason: ErrorReason) -> Self {
        Self {
            reason,
            violations: Vec::new(),
            metadata: BTreeMap::new(),
            retry_after: None,
            is_outcome_unknown: false,
            is_conflict: false,
            is_logged_for_all: false,
            detail: String::new(),
        }
    }

    /// An internal error; `detail` says what failed, for the log.
    #[must_use]
    pub fn internal(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Self::new(ErrorReason::Internal) }
    }

    /// The database can't be reached, or the outcome of a write is unknown.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>) -> Self {
        let retry_after = Some(Duration::from_secs(1));
        Self { detail: detail.into(), retry_after, ..Self::new(ErrorReason::Unavailable) }
    }

    /// More is asked than the server takes at a time; the caller may retry after this time.
    #[must_use]
    pub fn overloaded(retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(ErrorReason::Overloaded) }
    }

    /// Whether this is a failure of the database or the server, and not a refusal of what was asked.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(self.reason, ErrorReason::Internal | ErrorReason::Unavailable)
    }

    /// Whether the database is away, so that other work would fail as well.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        matches!(self.reason, ErrorReason::Unavailable) && !self.is_conflict
    }

    /// Wrong fields, which are to be added.
    #[must_use]
    pub const fn invalid_fields() -> Self {
        Self::new(ErrorReason::InvalidFields)
    }

    /// The caller's clock is ahead; the same request can succeed after a wait.
    #[must_use]
    pub fn clock_ahead(wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..Self::new(ErrorReason::ClockAhead) }
    }

    /// The request id belongs to another request already.
    #[must_use]
    pub const fn request_id_reused() -> Self {
        Self::new(ErrorReason::RequestIdReused)
    }

    /// Adds a fact for the caller.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// Adds a wrong field.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>, description: impl Into<String>) -> Self {
        self.violations.push(Violation { field: field.into(), description: description.into() });
        self
    }

    /// Says that one line of the log stands for all calls that fail like this at the same time.
    #[must_use]
    pub fn logged_for_all(self) -> Self {
        Self { is_logged_for_all: true, ..self }
    }

    /// Adds what the log says.
    #[must_use]
    pub fn detailed(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// Adds the violations of another check, so that the caller gets all of them together.
    #[must_use]
    pub fn and(mut self, other: Result<(), Self>) -> Self {
        self.violations.extend(other.err().into_iter().flat_map(|other| other.violations));
        self
    }
}

/// Collects all violations of a request before it is refused.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// No violations yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a violation.
    pub fn add(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.0.push(Violation { field: field.into(), description: description.into() });
    }

    /// Whether there is a violation of a field.
    #[must_use]
    pub fn names(&self, field: &str) -> bool {
        self.0.iter().any(|one| one.field == field)
    }

    /// Whether there are no violations.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The request's value if there are no violations.
    ///
    /// # Errors
    /// `INVALID_FIELDS` with every violation.
    pub fn into_result<T>(self, value: T) -> Result<T, Fault> {
        if self.0.is_empty() {
            return Ok(value);
        }
        Err(Fault { violations: self.0, ..Fault::new(ErrorReason::InvalidFields) })
    }
}
