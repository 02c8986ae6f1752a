//! Why a command failed, as it is printed.

use std::fmt;

/// The text of an error, without the word "error".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(pub(crate) String);

impl Failure {
    /// A failure about something, for example a file.
    pub(crate) fn about(subject: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self(format!("{subject}: {cause}"))
    }
}

impl From<hotline_client::Error> for Failure {
    fn from(error: hotline_client::Error) -> Self {
        Self(error.to_string())
    }
}
