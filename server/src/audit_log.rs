//! The chains of what happened, and the seals over them: pure, but for two files, the signing key and the seals that are
//! shipped elsewhere.
//!
//! A *link* is the hash of an event, or of a record of the audit, over the link before it. The last link of a chain is its
//! *head*. A *seal* is a signature over many heads and over the seal before it: whoever changes the past has to change
//! every link behind it, the seals over them, and every copy of these seals that lies elsewhere.

pub mod chain;
pub mod finding;
pub mod restore;
pub mod seal;
pub mod shipping;
pub mod signing_key;

pub use finding::{Finding, Place, Wrong};
pub use restore::{ChainEnd, Restore, RestoreEntry};
pub use seal::{Seal, SealedHead};
pub use signing_key::SigningKey;
