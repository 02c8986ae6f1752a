//! The tower layers that each call passes before its method, from outside in.
//!
//! | layer | what it does |
//! |---|---|
//! | [`observe`] | one span and the metrics of each call |
//! | [`send_limit`] | bounds the bytes of responses that wait to be sent |
//! | [`cors`] | answers the configured origins of browsers |
//! | [`grpc_only`] | lets gRPC and gRPC-Web in and nothing else |
//! | [`error_details`] | completes whatever is refused with a reason of the contract, and logs it |
//! | [`deadline`] | bounds the time of a call, and sets the language of its refusals |
//! | [`load_shed`] | sheds calls above the number that may be in flight |
//! | [`auth_failure_limit`] | holds off addresses that fail to authenticate too often |
//! | [`auth`] | authenticates the caller and checks its role; ends streams of the revoked (`revocation`) |
//! | [`rate_limit`] | bounds the calls of one principal |
//!
//! While a server waits for its database, [`starting`] takes their place.

pub mod anonymous_calls;
pub mod auth;
pub mod auth_failure_limit;
pub mod cors;
pub mod deadline;
pub mod error_details;
pub(super) mod error_log;
pub mod grpc_only;
pub mod load_shed;
pub mod observe;
pub mod rate_limit;
mod revocation;
pub mod send_limit;
pub mod starting;

/// The path prefix of health checks.
const HEALTH: &str = "/grpc.health.v1.Health/";
/// The path prefix of server reflection, in each of its versions.
const REFLECTION: &str = "/grpc.reflection.";
