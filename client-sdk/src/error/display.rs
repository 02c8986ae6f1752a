//! How an error is printed: with the address and the root cause, and never with a token or a caller's identity.

use std::fmt;

use super::{Error, ErrorKind};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind(), self.reason_name()) {
            (_, Some(reason)) => write!(f, "{reason}: {}", self.message())?,
            (ErrorKind::Unexplained, None) => {
                let endpoint = self.endpoint().unwrap_or_default();
                write!(f, "{:?} from {endpoint}: {}", self.code(), self.message())?;
            }
            (kind, None) => write!(f, "{kind:?}: {}", self.message())?,
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
            .field("kind", &self.kind())
            .field("code", &self.code())
            .field("reason", &self.reason_name())
            .field("message", &self.message())
            .field("metadata", self.metadata())
            .field("field_violations", &self.field_violations())
            .field("retry_after", &self.retry_after())
            .field("is_unknown_outcome", &self.is_unknown_outcome())
            .field("request_id", &self.request_id())
            .field("attempts", &self.attempts())
            .field("endpoint", &self.endpoint())
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
