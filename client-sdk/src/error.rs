//! The errors of calls, typed: the hotline's reason, the fields that it refuses, and whether to retry.
//!
//! An [`Error`] never holds the token or a caller's identity, so it can be logged as it is.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use hotline_proto::{ERROR_DOMAIN, REASONS};
use tonic::Status;
use tonic_types::StatusExt as _;
use uuid::Uuid;

pub use hotline_proto::v1::ErrorReason;
pub use tonic::Code;

use crate::convert::Malformed;

/// Why a call failed.
///
/// ```
/// use hotline_client::{Error, ErrorReason};
///
/// fn advice(error: &Error) -> &'static str {
///     match error.reason() {
///         Some(ErrorReason::EtagStale) => "somebody was faster: read the ticket again",
///         Some(ErrorReason::ConflictOfInterest) => "choose a unit that the complaint is not about",
///         _ if error.is_retryable() => "try again with the same request id",
///         _ => "give up",
///     }
/// }
/// ```
pub struct Error(Box<Parts>);

struct Parts {
    code: Code,
    message: String,
    reason_name: Option<String>,
    metadata: HashMap<String, String>,
    field_violations: Vec<FieldViolation>,
    localized_message: Option<LocalizedMessage>,
    retry_after: Option<Duration>,
    /// Whether the connection or this library failed, and not the hotline refused.
    is_transport: bool,
    is_unknown_outcome: bool,
    request_id: Option<Uuid>,
    attempts: u32,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A field that the hotline refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldViolation {
    /// The path of the field in the contract, for example `enterprise.social_credit_code`.
    pub field: String,
    /// What is wrong with it.
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
    /// Why the hotline refused. `None` if it did not answer, or if its reason is newer than this library; then
    /// [`reason_name`](Self::reason_name) has it.
    #[must_use]
    pub fn reason(&self) -> Option<ErrorReason> {
        let name = self.reason_name()?;
        REASONS.iter().find(|row| row.name == name).map(|row| row.reason)
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

    /// What went wrong, in English.
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

    /// Details of the reason, for example the state of the ticket.
    #[must_use]
    pub fn metadata(&self) -> &HashMap<String, String> {
        &self.0.metadata
    }

    /// Whether the same call, with the same [`request_id`](Self::request_id), may succeed later.
    ///
    /// The client has already retried as often as its rules and the deadline allow.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.code() {
            Code::Unavailable | Code::DeadlineExceeded => true,
            Code::ResourceExhausted => self.retry_after().is_some(),
            Code::Cancelled | Code::Unknown => self.0.is_transport,
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
    /// nothing.
    #[must_use]
    pub fn is_unknown_outcome(&self) -> bool {
        self.0.is_unknown_outcome
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

    pub(crate) fn from_status(status: Status) -> Self {
        // tonic's own timer for grpc-timeout reports CANCELLED; in the contract it is DEADLINE_EXCEEDED.
        if std::error::Error::source(&status).is_some_and(is_timer) {
            return Self::out_of_time();
        }
        let details = status.get_error_details();
        let info = details.error_info().filter(|info| info.domain == ERROR_DOMAIN);
        let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        let mut parts = Parts::new(status.code(), status.message().to_owned());
        parts.reason_name = info.map(|info| info.reason.clone());
        parts.metadata = info.map(|info| info.metadata.clone()).unwrap_or_default();
        parts.field_violations = violations
            .iter()
            .map(|bad| FieldViolation { field: bad.field.clone(), description: bad.description.clone() })
            .collect();
        parts.localized_message = details
            .localized_message()
            .map(|said| LocalizedMessage { locale: said.locale.clone(), message: said.message.clone() });
        parts.retry_after = details.retry_info().and_then(|info| info.retry_delay);
        // The hotline gives a reason for every refusal. An error without one comes from the network or a proxy.
        parts.is_transport = info.is_none();
        if parts.is_transport {
            parts.source = Some(Box::new(status));
        }
        Self(Box::new(parts))
    }

    pub(crate) fn from_transport(error: tonic::transport::Error) -> Self {
        let mut parts = Parts::new(Code::Unavailable, "the hotline can't be reached".to_owned());
        parts.is_transport = true;
        parts.source = Some(Box::new(error));
        Self(Box::new(parts))
    }

    pub(crate) fn out_of_time() -> Self {
        let mut parts = Parts::new(Code::DeadlineExceeded, "no answer came within the deadline".to_owned());
        parts.is_transport = true;
        Self(Box::new(parts))
    }

    pub(crate) fn from_malformed(Malformed(at): Malformed) -> Self {
        Self(Box::new(Parts::new(
            Code::Internal,
            format!("the answer of the hotline can't be understood at {at}"),
        )))
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self(Box::new(Parts::new(Code::InvalidArgument, message.into())))
    }

    /// Whether the connection of a stream broke, so that a new one may succeed.
    pub(crate) fn breaks_stream(&self) -> bool {
        let is_of_network = matches!(self.code(), Code::Internal | Code::Unknown | Code::Cancelled);
        self.is_retryable() || (self.0.is_transport && is_of_network)
    }

    /// Adds what the call knows beyond its last answer.
    pub(crate) fn with_call(
        mut self,
        attempts: u32,
        request_id: Option<Uuid>,
        is_unknown_outcome: bool,
    ) -> Self {
        self.0.attempts = attempts;
        self.0.request_id = request_id;
        self.0.is_unknown_outcome = is_unknown_outcome;
        self
    }

    /// Whether it is unknown from this answer alone what the server did with the call.
    pub(crate) fn leaves_outcome_open(&self) -> bool {
        match self.code() {
            // Refused before anything was read or stored.
            Code::Unavailable if self.reason() == Some(ErrorReason::ClockAhead) => false,
            Code::Unavailable | Code::DeadlineExceeded | Code::Internal => true,
            Code::Cancelled | Code::Unknown => self.0.is_transport,
            _ => false,
        }
    }
}

/// Whether the cause, or its cause, is tonic's timer.
fn is_timer(cause: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(cause), |cause| cause.source())
        .any(<dyn std::error::Error>::is::<tonic::TimeoutExpired>)
}

impl Parts {
    fn new(code: Code, message: String) -> Self {
        Self {
            code,
            message,
            reason_name: None,
            metadata: HashMap::new(),
            field_violations: Vec::new(),
            localized_message: None,
            retry_after: None,
            is_transport: false,
            is_unknown_outcome: false,
            request_id: None,
            attempts: 0,
            source: None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason_name() {
            Some(reason) => write!(f, "{reason}: {}", self.message())?,
            None => write!(f, "{:?}: {}", self.code(), self.message())?,
        }
        for violation in self.field_violations() {
            write!(f, "; {}: {}", violation.field, violation.description)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.code())
            .field("reason", &self.reason_name())
            .field("message", &self.message())
            .field("metadata", self.metadata())
            .field("field_violations", &self.field_violations())
            .field("retry_after", &self.retry_after())
            .field("is_unknown_outcome", &self.is_unknown_outcome())
            .field("request_id", &self.request_id())
            .field("attempts", &self.attempts())
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::{ErrorDetails, FieldViolation as Violation};

    use super::*;

    fn typed(reason: &str) -> ErrorDetails {
        let mut details = ErrorDetails::new();
        details.set_error_info(
            reason,
            ERROR_DOMAIN,
            HashMap::from([("state".to_owned(), "CLOSED".to_owned())]),
        );
        details
    }

    #[test]
    fn everything_that_the_hotline_says_arrives() {
        let mut details = typed("INVALID_FIELDS");
        details.set_bad_request(vec![Violation::new("subject", "must not be empty")]);
        details.set_localized_message("zh-CN", "部分字段不符合要求");
        let error =
            Error::from_status(Status::with_error_details(Code::InvalidArgument, "wrong fields", details));
        assert_eq!(error.reason(), Some(ErrorReason::InvalidFields));
        assert_eq!(error.metadata()["state"], "CLOSED");
        assert_eq!(error.field_violations()[0].field, "subject");
        assert_eq!(error.localized_message().unwrap().locale, "zh-CN");
        assert_eq!(error.to_string(), "INVALID_FIELDS: wrong fields; subject: must not be empty");
        assert!(!error.is_retryable());
    }

    #[test]
    fn a_newer_reason_keeps_its_name() {
        let details = typed("MOON_IS_FULL");
        let error = Error::from_status(Status::with_error_details(Code::FailedPrecondition, "no", details));
        assert_eq!((error.reason(), error.reason_name()), (None, Some("MOON_IS_FULL")));
    }

    #[test]
    fn a_reason_of_another_domain_is_ignored() {
        let mut details = ErrorDetails::new();
        details.set_error_info("WRONG_STATE", "example.com", HashMap::new());
        let error = Error::from_status(Status::with_error_details(Code::FailedPrecondition, "no", details));
        assert_eq!(error.reason_name(), None);
    }

    #[test]
    fn only_a_cancellation_that_the_hotline_did_not_send_can_be_repeated() {
        assert!(Error::from_status(Status::cancelled("connection closed")).is_retryable());
        let sent = Status::with_error_details(Code::Cancelled, "no", typed("INTERNAL"));
        assert!(!Error::from_status(sent).is_retryable());
        assert!(!Error::from_status(Status::resource_exhausted("no time given")).is_retryable());
    }
}
