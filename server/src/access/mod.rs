//! Who is speaking, and what they may do: tokens, certificates, callers, permits, and whose rows a caller may see.

pub mod certificate;
pub mod contract;
pub mod credentials;
pub mod permit;
pub mod view;

pub use certificate::PeerCertificate;
pub use credentials::{Caller, Credentials};
pub use permit::{Permit, Scope};
pub use view::View;
