//! The errors of calls, typed: the hotline's reason, the fields that it refuses, and whether to retry.
//!
//! An [`Error`] never holds the token or a caller's identity, so it can be logged as it is.

mod code;
mod display;
mod metadata;
mod reason;
mod status;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

pub use code::Code;
pub use reason::{ErrorReason, UnknownName};
pub(crate) use status::Outcome;

use crate::convert::Malformed;
use crate::transport::{ConnectFaults, NoConnection};

/// Why a call failed. Cheap to clone.
///
/// ```
/// use hotline_client::{Error, ErrorKind, ErrorReason};
///
/// fn advice(error: &Error) -> &'static str {
///     match error.reason() {
///         Some(ErrorReason::EtagStale) => "somebody was faster: read the ticket again",
///         Some(ErrorReason::ConflictOfInterest) => "choose a unit that the complaint is not about",
///         _ if error.kind() == ErrorKind::Tls => "correct the certificates; waiting does not help",
///         _ if error.is_retryable() => "try again with the same request id",
///         _ => "give up",
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Parts>);

/// What failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The settings of this client can't be used. Nothing was sent.
    Configuration,
    /// There is no token: its provider failed. Nothing was sent.
    Token,
    /// No connection came within the deadline. Nothing was sent.
    NotConnected,
    /// This client and the server do not trust each other, or do not speak the same protocol. Waiting does not help.
    Tls,
    /// It was sent, and the answer was lost or did not come in time.
    AnswerLost,
    /// The hotline refused, with a [`reason`](Error::reason).
    Refused,
    /// An error without a reason of the hotline, for example from a proxy.
    Unexplained,
    /// The answer can't be understood by this version of the library.
    Malformed,
    /// The spool can't take the command.
    Spool,
}

#[derive(Clone)]
struct Parts {
    kind: ErrorKind,
    code: Code,
    message: String,
    reason_name: Option<String>,
    metadata: HashMap<String, String>,
    field_violations: Vec<FieldViolation>,
    localized_message: Option<LocalizedMessage>,
    retry_after: Option<Duration>,
    is_retryable: bool,
    is_unknown_outcome: bool,
    request_id: Option<Uuid>,
    attempts: u32,
    endpoint: Option<Arc<str>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// A field that the hotline refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldViolation {
    /// The path of the field in the contract, for example `enterprise.social_credit_code`.
    pub field: String,
    /// What is wrong with it, in the client's [`Language`](crate::Language).
    pub description: String,
}

/// A message in the language that the client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocalizedMessage {
    /// The language, for example `zh-CN`.
    pub locale: String,
    /// The message.
    pub message: String,
}

impl Error {
    /// What failed.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Why the hotline refused. `None` if it did not answer, or if its reason is newer than this library; then
    /// [`reason_name`](Self::reason_name) has it.
    #[must_use]
    pub fn reason(&self) -> Option<ErrorReason> {
        self.reason_name()?.parse().ok()
    }

    /// The name of the reason in the contract, for example `CONFLICT_OF_INTEREST`.
    #[must_use]
    pub fn reason_name(&self) -> Option<&str> {
        self.0.reason_name.as_deref()
    }

    /// The gRPC status code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What went wrong, in English. For a connection it names the address and the root cause.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What went wrong, in the client's [`Language`](crate::Language).
    #[must_use]
    pub fn localized_message(&self) -> Option<&LocalizedMessage> {
        self.0.localized_message.as_ref()
    }

    /// The refused fields; empty if the fault is not in the fields.
    #[must_use]
    pub fn field_violations(&self) -> &[FieldViolation] {
        &self.0.field_violations
    }

    /// Details of the reason, by the keys that `docs/sdk.md` lists. There are typed accessors for them, for example
    /// [`state`](Self::state).
    #[must_use]
    pub fn metadata(&self) -> &HashMap<String, String> {
        &self.0.metadata
    }

    /// Whether the same call, with the same [`request_id`](Self::request_id), may succeed later.
    ///
    /// The client has already retried as often as its rules and the deadline allow.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.is_retryable
            || match self.kind() {
                ErrorKind::NotConnected | ErrorKind::AnswerLost => true,
                ErrorKind::Refused | ErrorKind::Unexplained => match self.code() {
                    Code::Unavailable | Code::DeadlineExceeded => true,
                    Code::ResourceExhausted => self.retry_after().is_some(),
                    Code::Cancelled | Code::Unknown => self.kind() == ErrorKind::Unexplained,
                    _ => false,
                },
                _ => false,
            }
    }

    /// How long the hotline asks to wait before the next try.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the change may have been made although no answer came. Repeat the command with the same
    /// [`request_id`](Self::request_id) to find out, and never with a new one. Always false for calls that change
    /// nothing, and for commands that were never sent.
    #[must_use]
    pub fn is_unknown_outcome(&self) -> bool {
        self.0.is_unknown_outcome
    }

    /// Whether the server may have received the last attempt. If it is false and [`attempts`](Self::attempts) is 0,
    /// nothing was ever sent.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        use ErrorKind::{Configuration, NotConnected, Spool, Tls, Token};
        !matches!(self.kind(), Configuration | NotConnected | Spool | Tls | Token)
    }

    /// The request id of the command, chosen by the caller or by this library.
    #[must_use]
    pub fn request_id(&self) -> Option<Uuid> {
        self.0.request_id
    }

    /// How often the call was sent, including retries; 0 if it never was.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The server that the error is about.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.0.endpoint.as_deref()
    }

    /// No connection came.
    pub(crate) fn no_connection(cause: &NoConnection, endpoints: &str) -> Self {
        let (kind, faults) = match cause {
            NoConnection::InTime(faults) => (ErrorKind::NotConnected, faults),
            NoConnection::Permanent(faults) => (ErrorKind::Tls, faults),
        };
        let why = reason_of(faults);
        let message = match kind {
            ErrorKind::Tls => format!("no connection is possible: {why}"),
            _ => format!("no connection came within the deadline to {endpoints}: {why}"),
        };
        let mut parts = Parts::new(kind, Code::Unavailable, message);
        if let Some(fault) = faults.first() {
            parts.endpoint = Some(Arc::clone(&fault.endpoint));
            parts.source = Some(Arc::new(fault.clone()));
        }
        Self(Arc::new(parts))
    }

    /// An attempt was sent and not answered in time.
    pub(crate) fn out_of_time(endpoint: &Arc<str>, budget: Duration) -> Self {
        let message = format!("no answer of {endpoint} came within {budget:?}");
        let mut parts = Parts::new(ErrorKind::AnswerLost, Code::DeadlineExceeded, message);
        parts.endpoint = Some(Arc::clone(endpoint));
        Self(Arc::new(parts))
    }

    pub(crate) fn from_malformed(Malformed(at): Malformed) -> Self {
        let message = format!("the answer of the hotline can't be understood at {at}");
        Self(Arc::new(Parts::new(ErrorKind::Malformed, Code::Internal, message)))
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::local(ErrorKind::Configuration, message)
    }

    /// An error of this process.
    pub(crate) fn local(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Parts::new(kind, Code::InvalidArgument, message.into())))
    }

    /// An error of this process that may pass.
    pub(crate) fn passing(kind: ErrorKind, message: impl Into<String>) -> Self {
        let mut parts = Parts::new(kind, Code::Unavailable, message.into());
        parts.is_retryable = true;
        Self(Arc::new(parts))
    }

    /// Adds what the call knows beyond its last answer.
    pub(crate) fn with_call(
        mut self,
        attempts: u32,
        request_id: Option<Uuid>,
        is_unknown_outcome: bool,
    ) -> Self {
        let parts = Arc::make_mut(&mut self.0);
        parts.attempts = attempts;
        parts.request_id = request_id;
        parts.is_unknown_outcome = is_unknown_outcome;
        self
    }

    /// Adds why there was no further attempt.
    pub(crate) fn and(mut self, why: &str) -> Self {
        let parts = Arc::make_mut(&mut self.0);
        parts.message = format!("{}; {why}", parts.message);
        self
    }

    /// Whether it is unknown from this answer alone what the server did with the call.
    pub(crate) fn leaves_outcome_open(&self) -> bool {
        if !self.is_sent() {
            return false;
        }
        match self.code() {
            // Refused before anything was read or stored.
            Code::Unavailable if self.reason() == Some(ErrorReason::ClockAhead) => false,
            Code::Unavailable | Code::DeadlineExceeded | Code::Internal => true,
            Code::Cancelled | Code::Unknown => self.kind() != ErrorKind::Refused,
            _ => false,
        }
    }
}

/// The faults in words; there are none if nothing has failed yet.
pub(crate) fn reason_of(faults: &ConnectFaults) -> String {
    let text = faults.to_string();
    if text.is_empty() { "no answer yet".to_owned() } else { text }
}

impl Parts {
    fn new(kind: ErrorKind, code: Code, message: String) -> Self {
        Self {
            kind,
            code,
            message,
            reason_name: None,
            metadata: HashMap::new(),
            field_violations: Vec::new(),
            localized_message: None,
            retry_after: None,
            is_retryable: false,
            is_unknown_outcome: false,
            request_id: None,
            attempts: 0,
            endpoint: None,
            source: None,
        }
    }
}
