//! Reads the status of a call as an error: a refusal of the hotline, or an answer that was lost.

use std::error::Error as StdError;
use std::sync::Arc;

use hotline_proto::ERROR_DOMAIN;
use tonic::Status;
use tonic_types::StatusExt as _;

use super::{Code, Error, ErrorKind, FieldViolation, LocalizedMessage, Parts};
use crate::transport::{SendFault, chain};

/// What a status says about a request.
pub(crate) enum Outcome {
    /// The request was not sent. Another connection may take it.
    NotSent,
    /// Everything else.
    Failed(Error),
}

impl Outcome {
    pub(crate) fn of(status: Status, endpoint: &str) -> Self {
        let is_sent = fault_of(&status).is_none_or(|fault| fault.is_sent);
        if is_sent { Self::Failed(Error::from_status(status, endpoint)) } else { Self::NotSent }
    }
}

fn fault_of(status: &Status) -> Option<&SendFault> {
    let first = StdError::source(status);
    std::iter::successors(first, |cause| (*cause).source())
        .find_map(|cause| cause.downcast_ref::<SendFault>())
}

impl Error {
    pub(crate) fn from_status(status: Status, endpoint: &str) -> Self {
        // tonic gives a source only to a status that it made itself, because the connection broke.
        if let Some(source) = StdError::source(&status) {
            let cause = chain(source);
            let mut parts = Parts::new(
                ErrorKind::AnswerLost,
                Code::Unavailable,
                format!("the answer of {endpoint} was lost: {cause}"),
            );
            parts.endpoint = Some(endpoint.into());
            parts.source = Some(Arc::new(status));
            return Self(Arc::new(parts));
        }
        let details = status.get_error_details();
        let info = details.error_info().filter(|info| info.domain == ERROR_DOMAIN);
        // The hotline gives a reason for every refusal. An error without one comes from a proxy, or from a library.
        let kind = if info.is_some() { ErrorKind::Refused } else { ErrorKind::Unexplained };
        let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        let mut parts = Parts::new(kind, Code::of(status.code()), status.message().to_owned());
        parts.endpoint = Some(endpoint.into());
        parts.reason_name = info.map(|info| info.reason.clone());
        parts.metadata = info.map(|info| info.metadata.clone()).unwrap_or_default();
        parts.field_violations = violations
            .iter()
            .map(|bad| FieldViolation { field: bad.field.clone(), description: bad.description.clone() })
            .collect();
        parts.localized_message = details
            .localized_message()
            .map(|text| LocalizedMessage { locale: text.locale.clone(), message: text.message.clone() });
        parts.retry_after = details.retry_info().and_then(|info| info.retry_delay);
        if info.is_none() {
            parts.source = Some(Arc::new(status));
        }
        Self(Arc::new(parts))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::{ErrorDetails, FieldViolation as Violation};

    use super::*;
    use crate::error::ErrorReason;
    use crate::model::TicketState;

    fn typed(reason: &str, facts: &[(&str, &str)]) -> ErrorDetails {
        let mut details = ErrorDetails::new();
        let facts: HashMap<_, _> = facts.iter().map(|(key, fact)| ((*key).into(), (*fact).into())).collect();
        details.set_error_info(reason, ERROR_DOMAIN, facts);
        details
    }

    fn read(code: tonic::Code, message: &str, details: ErrorDetails) -> Error {
        Error::from_status(Status::with_error_details(code, message, details), "http://there")
    }

    #[test]
    fn everything_that_the_hotline_says_arrives() {
        let mut details = typed("INVALID_FIELDS", &[]);
        details.set_bad_request(vec![Violation::new("subject", "must not be empty")]);
        details.set_localized_message("zh-CN", "部分字段不符合要求");
        let error = read(tonic::Code::InvalidArgument, "wrong fields", details);
        assert_eq!((error.kind(), error.reason()), (ErrorKind::Refused, Some(ErrorReason::InvalidFields)));
        assert_eq!(error.field_violations()[0].field, "subject");
        assert_eq!(error.localized_message().unwrap().locale, "zh-CN");
        assert_eq!(error.to_string(), "INVALID_FIELDS: wrong fields; subject: must not be empty");
        assert!(!error.is_retryable());
    }

    #[test]
    fn the_facts_of_a_refusal_are_typed() {
        let facts = [
            ("ticket_number", "1910120000012"),
            ("state", "CLOSED"),
            ("allowed_states", "RECEIVED,HANDLING"),
            ("differing_fields", "subject,content"),
            ("server_time", "2019-10-12T02:00:00.123Z"),
        ];
        let error = read(tonic::Code::FailedPrecondition, "no", typed("WRONG_STATE", &facts));
        assert_eq!(error.ticket_number(), Some("1910120000012"));
        assert_eq!(error.state(), Some(TicketState::Closed));
        assert_eq!(error.allowed_states(), [TicketState::Received, TicketState::Handling]);
        assert_eq!(error.differing_fields().collect::<Vec<_>>(), ["subject", "content"]);
        assert_eq!(error.server_time(), "2019-10-12T02:00:00.123Z".parse().ok());
        assert_eq!((error.earliest_time(), error.marks().count()), (None, 0));
    }

    #[test]
    fn a_newer_reason_keeps_its_name() {
        let error = read(tonic::Code::FailedPrecondition, "no", typed("MOON_IS_FULL", &[]));
        assert_eq!((error.reason(), error.reason_name()), (None, Some("MOON_IS_FULL")));
    }

    #[test]
    fn a_reason_of_another_domain_is_ignored() {
        let mut details = ErrorDetails::new();
        details.set_error_info("WRONG_STATE", "example.com", HashMap::new());
        let error = read(tonic::Code::FailedPrecondition, "no", details);
        assert_eq!((error.kind(), error.reason_name()), (ErrorKind::Unexplained, None));
    }

    #[test]
    fn only_a_cancellation_that_the_hotline_did_not_send_can_be_repeated() {
        let bare = |status| Error::from_status(status, "http://there");
        assert!(bare(Status::cancelled("connection closed")).is_retryable());
        assert!(!read(tonic::Code::Cancelled, "no", typed("INTERNAL", &[])).is_retryable());
        assert!(!bare(Status::resource_exhausted("no time given")).is_retryable());
    }
}
