//! Identities: who called, encrypted in a table of its own and written with the ticket. An identity is decrypted for
//! four purposes only:
//!
//! - an access that is recorded in the same transaction ([`disclose()`]);
//! - the comparison of a text with the caller ([`decrypt_for_comparison()`]);
//! - its completion or correction ([`decrypt_for_update()`]);
//! - re-encryption under another key ([`reencrypt`]).
//!
//! [`vault`] encrypts fields and knows nothing about tickets.

pub mod access_log;
pub mod approvals;
mod certificate_cell;
mod decrypt_for_comparison;
mod disclose;
mod encrypted_row;
mod look_up;
pub mod reencrypt;
pub mod registered_keys;
pub(crate) mod rows;
pub mod vault;
mod write;

pub use decrypt_for_comparison::{decrypt_for_comparison, decrypt_for_update, fields_on_record, is_known};
pub use disclose::disclose;
pub use look_up::LookUp;
pub(crate) use write::{IdentityChange, add};
