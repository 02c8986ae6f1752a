//! The tower layers that each call passes before its method, from outside in.
//!
//! | layer | what it does |
//! |---|---|
//! | [`send_limit`] | limits the bytes of responses that wait to be sent |
//! | [`grpc_only`] | admits only gRPC and gRPC-Web |
//! | [`error_details`] | gives every refusal a reason of the contract, and logs it |
//! | [`deadline`] | limits the time of a call, and sets the language of its refusals |
//! | [`load_shed`] | refuses calls over the number that may be in flight |
//! | [`auth_failure_limit`] | refuses calls from addresses with too many failed authentications |
//! | [`auth`] | authenticates the caller and checks its role; ends streams of revoked clients (`revocation`) |
//! | [`rate_limit`] | limits the calls of one principal |

pub mod anonymous_calls;
pub mod auth;
pub mod auth_failure_limit;
pub mod deadline;
pub mod error_details;
pub(super) mod error_log;
pub mod grpc_only;
pub mod load_shed;
pub mod rate_limit;
mod revocation;
pub mod send_limit;

/// The path prefix of health checks.
const HEALTH: &str = "/grpc.health.v1.Health/";
/// The path prefix of server reflection, in each of its versions.
const REFLECTION: &str = "/grpc.reflection.";
