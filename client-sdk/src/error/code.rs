//! The status codes of gRPC.

use std::fmt;

/// The gRPC status code of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The call was cancelled.
    Cancelled,
    /// Unknown.
    Unknown,
    /// The request is wrong.
    InvalidArgument,
    /// The deadline passed.
    DeadlineExceeded,
    /// It does not exist, or the caller may not see it.
    NotFound,
    /// It exists already.
    AlreadyExists,
    /// The caller may not do this.
    PermissionDenied,
    /// A limit is used up.
    ResourceExhausted,
    /// The present state does not allow it.
    FailedPrecondition,
    /// Somebody else was faster.
    Aborted,
    /// Beyond the end.
    OutOfRange,
    /// The server does not have the method.
    Unimplemented,
    /// A fault of the server, or of this library.
    Internal,
    /// The server can't be reached, or can't answer now.
    Unavailable,
    /// Data was lost.
    DataLoss,
    /// The caller is not known.
    Unauthenticated,
}

impl Code {
    pub(super) const fn of(code: tonic::Code) -> Self {
        match code {
            tonic::Code::Cancelled => Self::Cancelled,
            tonic::Code::InvalidArgument => Self::InvalidArgument,
            tonic::Code::DeadlineExceeded => Self::DeadlineExceeded,
            tonic::Code::NotFound => Self::NotFound,
            tonic::Code::AlreadyExists => Self::AlreadyExists,
            tonic::Code::PermissionDenied => Self::PermissionDenied,
            tonic::Code::ResourceExhausted => Self::ResourceExhausted,
            tonic::Code::FailedPrecondition => Self::FailedPrecondition,
            tonic::Code::Aborted => Self::Aborted,
            tonic::Code::OutOfRange => Self::OutOfRange,
            tonic::Code::Unimplemented => Self::Unimplemented,
            tonic::Code::Internal => Self::Internal,
            tonic::Code::Unavailable => Self::Unavailable,
            tonic::Code::DataLoss => Self::DataLoss,
            tonic::Code::Unauthenticated => Self::Unauthenticated,
            // An error without an error code is not understood either.
            tonic::Code::Ok | tonic::Code::Unknown => Self::Unknown,
        }
    }
}

/// For example `Unavailable`.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
