//! The commands of the assessment.

use uuid::Uuid;

use crate::convert::{answers, setters};
use crate::model::{Exclusion, Scheme, SchemeDryRun};

/// Proposes a scheme from a month on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProposeScheme {
    /// The document in TOML, at most 65,536 bytes.
    pub document: String,
    /// The first month that it counts: the present one or a later one.
    pub from_month: String,
    /// Why, 1 to 500 characters.
    pub reason: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl ProposeScheme {
    /// What it needs.
    pub fn new(
        document: impl Into<String>,
        from_month: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            document: document.into(),
            from_month: from_month.into(),
            reason: reason.into(),
            request_id: None,
        }
    }
}

setters! {
    ProposeScheme {
        document: String,
        from_month: String,
        reason: String,
        request_id: Option<Uuid>,
    }
}

/// Counts a month under a proposed scheme.
#[derive(Debug)]
pub(super) struct DryRunScheme {
    pub(super) scheme_number: u32,
    pub(super) month: String,
    pub(super) request_id: Option<Uuid>,
}

/// Approves a scheme of another person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApproveScheme {
    /// The number of the scheme.
    pub scheme_number: u32,
    /// The etag as the caller read it.
    pub etag: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl ApproveScheme {
    /// A scheme as it was read.
    #[must_use]
    pub fn of(scheme: &Scheme) -> Self {
        Self { scheme_number: scheme.number, etag: scheme.etag.clone(), request_id: None }
    }
}

setters! {
    ApproveScheme {
        scheme_number: u32,
        etag: String,
        request_id: Option<Uuid>,
    }
}

/// Objects to a case of the own unit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileObjection {
    /// The case, as its line names it.
    pub line: String,
    /// The month that it is about.
    pub month: String,
    /// Why, 1 to 500 characters. It names no caller.
    pub reason: String,
    /// What proves it, at most 2,000 characters.
    pub evidence: Option<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl FileObjection {
    /// What it needs.
    pub fn new(line: impl Into<String>, month: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            line: line.into(),
            month: month.into(),
            reason: reason.into(),
            evidence: None,
            request_id: None,
        }
    }
}

setters! {
    FileObjection {
        line: String,
        month: String,
        reason: String,
        evidence: Option<String>,
        request_id: Option<Uuid>,
    }
}

/// Asks to leave a case out, for the hotline.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestExclusion {
    /// The case, as its line names it.
    pub line: String,
    /// The month that it is about.
    pub month: String,
    /// Why, 1 to 500 characters. It names no caller.
    pub reason: String,
    /// What proves it, at most 2,000 characters.
    pub evidence: Option<String>,
    /// The unit of the case.
    pub unit: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl RequestExclusion {
    /// What it needs.
    pub fn new(
        line: impl Into<String>,
        month: impl Into<String>,
        reason: impl Into<String>,
        unit: impl Into<String>,
    ) -> Self {
        Self {
            line: line.into(),
            month: month.into(),
            reason: reason.into(),
            evidence: None,
            unit: unit.into(),
            request_id: None,
        }
    }
}

setters! {
    RequestExclusion {
        line: String,
        month: String,
        reason: String,
        evidence: Option<String>,
        unit: String,
        request_id: Option<Uuid>,
    }
}

/// Decides an objection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecideObjection {
    /// The number.
    pub exclusion_number: u32,
    /// The etag as the caller read it.
    pub etag: String,
    /// Whether the case is to be left out.
    pub accepted: bool,
    /// Why, 1 to 500 characters.
    pub note: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl DecideObjection {
    /// Of a request as it was read, for a reason.
    pub fn of(exclusion: &Exclusion, accepted: bool, note: impl Into<String>) -> Self {
        Self {
            exclusion_number: exclusion.number,
            etag: exclusion.etag.clone(),
            accepted,
            note: note.into(),
            request_id: None,
        }
    }
}

setters! {
    DecideObjection {
        exclusion_number: u32,
        etag: String,
        accepted: bool,
        note: String,
        request_id: Option<Uuid>,
    }
}

/// Decides a request of another supervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecideExclusion {
    /// The number.
    pub exclusion_number: u32,
    /// The etag as the caller read it.
    pub etag: String,
    /// Whether the case is to be left out.
    pub accepted: bool,
    /// Why, 1 to 500 characters.
    pub note: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl DecideExclusion {
    /// Of a request as it was read, for a reason.
    pub fn of(exclusion: &Exclusion, accepted: bool, note: impl Into<String>) -> Self {
        Self {
            exclusion_number: exclusion.number,
            etag: exclusion.etag.clone(),
            accepted,
            note: note.into(),
            request_id: None,
        }
    }
}

setters! {
    DecideExclusion {
        exclusion_number: u32,
        etag: String,
        accepted: bool,
        note: String,
        request_id: Option<Uuid>,
    }
}

commands! {
    ProposeScheme = ProposeSchemeRequest { document, from_month, reason } -> Scheme
    DryRunScheme = DryRunSchemeRequest { scheme_number, month } -> SchemeDryRun
    ApproveScheme = ApproveSchemeRequest { scheme_number, etag } -> Scheme
    FileObjection = FileObjectionRequest { line, month, reason, evidence } -> Exclusion
    RequestExclusion = RequestExclusionRequest { line, month, reason, evidence, unit } -> Exclusion
    DecideObjection = DecideObjectionRequest { exclusion_number, etag, accepted, note } -> Exclusion
    DecideExclusion = DecideExclusionRequest { exclusion_number, etag, accepted, note } -> Exclusion
}

answers! {
    Scheme:
        ProposeSchemeResponse.scheme,
        ApproveSchemeResponse.scheme;
    Exclusion:
        FileObjectionResponse.exclusion,
        RequestExclusionResponse.exclusion,
        DecideObjectionResponse.exclusion,
        DecideExclusionResponse.exclusion;
}
