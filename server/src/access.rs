//! Authentication and authorisation: tokens, certificates, identity providers, clients, callers, permits, and what each
//! caller may see.

pub mod authentication;
pub mod authenticator;
pub mod certificate;
pub mod client;
pub mod client_cache;
pub mod contract;
pub mod credentials;
pub mod oidc;
pub mod permit;
pub mod view;
pub mod who_am_i;

pub use authentication::Authentication;
pub use authenticator::Authenticator;
pub use certificate::PeerCertificate;
pub use client_cache::ClientCache;
pub use credentials::{Caller, Credentials};
pub use permit::{Permit, Scope};
pub use view::View;
