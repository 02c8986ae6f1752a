//! Support for all suites: throw-away PostgreSQL clusters, real server processes, and temporary folders.

pub(crate) mod bulk_tickets;
pub(crate) mod canary;
mod credentials;
pub(crate) mod example;
mod launch;
pub(crate) mod message_gateway;
pub(crate) mod migrated_database;
pub(crate) mod object_store;
pub(crate) mod oidc_issuer;
pub(crate) mod pki;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod server;
pub(crate) mod suite;
pub(crate) mod temp_dir;
pub(crate) mod wait;
