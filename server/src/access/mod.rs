//! Who is speaking, and what they may do: tokens, certificates, identity providers, clients, callers, permits, and whose
//! rows a caller may see.

pub mod certificate;
pub mod client;
pub mod contract;
pub mod credentials;
pub mod doorkeeper;
pub mod oidc;
pub mod permit;
pub mod register;
pub mod view;

pub use certificate::PeerCertificate;
pub use credentials::{Caller, Credentials};
pub use doorkeeper::{Admission, Doorkeeper};
pub use permit::{Permit, Scope};
pub use register::Register;
pub use view::View;
