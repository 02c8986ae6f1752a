//! Support for all suites: throw-away PostgreSQL clusters, real server processes, and temporary folders.

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
