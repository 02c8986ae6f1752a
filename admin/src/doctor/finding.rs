//! What a check found.

use serde::Serialize;

/// How bad it is. The names are for scripts and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    /// Nothing to do.
    Ok,
    /// It works, and should be changed.
    Warning,
    /// It does not work, or it is not safe.
    Fault,
}

/// A check and its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) status: Status,
    pub(super) check: String,
    pub(super) found: String,
    /// Empty if there is nothing to do.
    pub(super) advice: String,
}

/// All results, in the order of the checks.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn ok(&mut self, check: impl Into<String>, found: impl Into<String>) {
        self.add(Status::Ok, check, found, "");
    }

    pub(super) fn warn(
        &mut self,
        check: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.add(Status::Warning, check, found, advice);
    }

    pub(super) fn fault(
        &mut self,
        check: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.add(Status::Fault, check, found, advice);
    }

    /// Adds a result.
    pub(super) fn add(
        &mut self,
        status: Status,
        check: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.0.push(Finding { status, check: check.into(), found: found.into(), advice: advice.into() });
    }

    pub(super) fn count(&self, status: Status) -> usize {
        self.0.iter().filter(|finding| finding.status == status).count()
    }

    pub(super) fn all(&self) -> &[Finding] {
        &self.0
    }
}
