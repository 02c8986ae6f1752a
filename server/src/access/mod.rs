//! Who is speaking, and what they may do: tokens, callers, permits, and whose rows a caller may see.

pub mod contract;
pub mod credentials;
pub mod permit;
pub mod view;

pub use credentials::{Caller, Credentials};
pub use permit::{Permit, Scope};
pub use view::View;
