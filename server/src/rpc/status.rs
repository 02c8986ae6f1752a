//! The only maker of `Status`: a fault becomes a code, the contract's text in the caller's language, and typed details.
//! Internal detail goes only to the log.

use hotline_proto::v1::ErrorReason;
use hotline_proto::{ERROR_DOMAIN, REASONS, ReasonRow};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::descriptions::in_chinese;
use super::layer::error_log;
use crate::platform::Fault;
use crate::platform::fault::Violation;

/// The size limit of the wrong fields in one refusal, in bytes. A refusal is sent in a header, and clients accept 16
/// KiB of headers in all, in base64.
const VIOLATION_BYTES_MAX: usize = 6 * 1024;

tokio::task_local! {
    /// The language of the present call's refusals.
    static LANGUAGE: Language;
}

/// A language of refusals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese, as written in mainland China.
    Chinese,
}

impl Language {
    /// The preferred language of an `accept-language` header; English if neither is named.
    #[must_use]
    pub fn of(accept_language: Option<&str>) -> Self {
        let wanted = accept_language.unwrap_or_default().split(',');
        for one in wanted.map(|one| one.trim().to_ascii_lowercase()) {
            match one.get(..2) {
                Some("zh") => return Self::Chinese,
                Some("en") => return Self::English,
                _ => {}
            }
        }
        Self::English
    }

    /// The language of the present call.
    #[must_use]
    pub fn of_call() -> Self {
        LANGUAGE.try_with(|language| *language).unwrap_or_default()
    }

    /// Runs a call with this language for its refusals.
    pub async fn scope<F: Future>(self, call: F) -> F::Output {
        LANGUAGE.scope(self, call).await
    }

    /// Makes the status of a fault in this language.
    #[must_use]
    pub fn status_of(self, fault: Fault) -> Status {
        LANGUAGE.sync_scope(self, || of(fault))
    }
}

/// The code with this name in the contract. Any other name is an internal error.
fn code_of(name: &str) -> Code {
    match name {
        "INVALID_ARGUMENT" => Code::InvalidArgument,
        "UNAUTHENTICATED" => Code::Unauthenticated,
        "PERMISSION_DENIED" => Code::PermissionDenied,
        "NOT_FOUND" => Code::NotFound,
        "ALREADY_EXISTS" => Code::AlreadyExists,
        "ABORTED" => Code::Aborted,
        "FAILED_PRECONDITION" => Code::FailedPrecondition,
        "OUT_OF_RANGE" => Code::OutOfRange,
        "RESOURCE_EXHAUSTED" => Code::ResourceExhausted,
        "DEADLINE_EXCEEDED" => Code::DeadlineExceeded,
        "UNAVAILABLE" => Code::Unavailable,
        "UNIMPLEMENTED" => Code::Unimplemented,
        _ => Code::Internal,
    }
}

/// The metadata keys that name a resource, and the kind of resource.
const RESOURCES: [(&str, &str); 7] = [
    ("ticket_number", "hotline.v1.Ticket"),
    ("unit", "hotline.v1.Unit"),
    ("proposal_number", "hotline.v1.Proposal"),
    ("policy_version", "hotline.v1.Policy"),
    ("calendar_version", "hotline.v1.Calendar"),
    ("client", "hotline.v1.Client"),
    ("credential", "hotline.v1.Credential"),
];

/// The reason of a status that the hotline has made; none for a status of tonic.
pub(super) fn reason_row(status: &Status) -> Option<&'static ReasonRow> {
    let details = status.get_error_details();
    let info = details.error_info().filter(|info| info.domain == ERROR_DOMAIN)?;
    REASONS.iter().find(|row| row.name == info.reason)
}

fn row_of(fault: &Fault) -> Option<&'static ReasonRow> {
    REASONS.iter().find(|row| row.reason == fault.reason)
}

/// The status of a fault, in the language of the present call.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "a fault ends here; by value it fits `map_err`")]
pub fn of(fault: Fault) -> Status {
    let language = Language::of_call();
    let Some(row) = row_of(&fault) else { return Status::internal("a fault of the hotline") };
    let code = code_of(row.code);
    log(&fault, row, code);
    let mut details = ErrorDetails::new();
    details.set_error_info(
        row.name,
        ERROR_DOMAIN,
        fault.metadata.clone().into_iter().collect::<std::collections::HashMap<_, _>>(),
    );
    if !fault.violations.is_empty() {
        details.set_bad_request(violations(&fault.violations, language));
    }
    if code == Code::FailedPrecondition {
        let subject =
            RESOURCES.iter().find_map(|(key, _)| fault.metadata.get(*key)).cloned().unwrap_or_default();
        details.add_precondition_failure_violation(row.name, subject, row.en);
    }
    if code == Code::NotFound || code == Code::AlreadyExists {
        let named = RESOURCES.iter().find_map(|(key, kind)| Some((kind, fault.metadata.get(*key)?)));
        if let Some((kind, name)) = named {
            details.set_resource_info(*kind, name, "", row.en);
        }
    }
    if let Some(after) = fault.retry_after {
        details.set_retry_info(Some(after));
    }
    let (locale, words) = match language {
        Language::English => ("en", row.en),
        Language::Chinese => ("zh-CN", row.zh),
    };
    details.set_localized_message(locale, words);
    Status::with_error_details(code, row.en, details)
}

/// The status of a fault in this language, for code outside the scope of a call.
#[must_use]
pub fn in_language(language: Language, fault: Fault) -> Status {
    LANGUAGE.sync_scope(language, || of(fault))
}

/// The wrong fields that fit into a refusal, and how many more there are, in a language. A sentence that the table of
/// [`in_chinese`] lacks stays English.
fn violations(all: &[Violation], language: Language) -> Vec<tonic_types::FieldViolation> {
    let in_language = |description: &str| match language {
        Language::English => description.to_owned(),
        Language::Chinese => in_chinese(description).unwrap_or_else(|| description.to_owned()),
    };
    let mut bytes = 0;
    let mut shown = Vec::new();
    for one in all {
        let description = in_language(&one.description);
        bytes += one.field.len() + description.len();
        if bytes > VIOLATION_BYTES_MAX {
            break;
        }
        shown.push(tonic_types::FieldViolation::new(&one.field, description));
    }
    if let Some(first) = all.get(shown.len()) {
        let description = format!("is wrong, and so are {} more fields", all.len() - shown.len() - 1);
        let field: String = first.field.chars().take(100).collect();
        shown.push(tonic_types::FieldViolation::new(field, in_language(&description)));
    }
    shown
}

/// Internal detail goes to the log; it never holds a caller's words or identity.
fn log(fault: &Fault, row: &ReasonRow, code: Code) {
    match code {
        Code::Internal => {
            tracing::error!(reason = row.name, error = fault.detail, "call failed: internal error");
        }
        Code::Unavailable if fault.is_logged_for_all => {
            tracing::debug!(reason = row.name, error = fault.detail, "call ended with others");
        }
        // Nothing is wrong here: it is the caller's clock.
        Code::Unavailable if fault.reason != ErrorReason::ClockAhead => {
            tracing::warn!(reason = row.name, error = fault.detail, "call failed: unavailable");
        }
        _ => {
            tracing::debug!(reason = row.name, code = row.code, error = fault.detail, "call refused");
            error_log::count(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_of_the_contract_has_a_status_code() {
        for row in REASONS {
            let is_internal = code_of(row.code) == Code::Internal;
            assert_eq!(is_internal, row.code == "INTERNAL", "{} has the unknown code {}", row.name, row.code);
        }
    }

    #[test]
    fn the_first_supported_language_is_taken() {
        for (header, language) in [
            (None, Language::English),
            (Some("zh-CN,en;q=0.8"), Language::Chinese),
            (Some("fr, zh"), Language::Chinese),
            (Some("en-GB, zh"), Language::English),
            (Some(""), Language::English),
            (Some("中"), Language::English),
        ] {
            assert_eq!(Language::of(header), language, "{header:?}");
        }
    }
}
