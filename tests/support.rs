//! What the suites stand on: throw-away PostgreSQL clusters, real server processes, folders that clean up after
//! themselves.

pub(crate) mod canary;
mod credentials;
mod launch;
pub(crate) mod oidc_issuer;
pub(crate) mod pki;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod server;
pub(crate) mod suite;
pub(crate) mod temp_dir;
pub(crate) mod wait;
