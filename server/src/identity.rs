//! Identities: who called, encrypted in a table of its own and written with the ticket. An identity is decrypted for
//! four purposes only:
//!
//! - an access that is recorded in the same transaction ([`disclose()`]);
//! - the comparison of a text with the caller ([`decrypt_for_comparison()`]);
//! - its completion or correction ([`decrypt_for_update()`]);
//! - re-encryption under another key ([`reencrypt`]).
//!
//! The numbers of the parties of a call are identity too ([`CallNumbers`]). They follow the same four purposes, and
//! each reading is an audit record of the call.
//!
//! Keys of attachments stand here too ([`attachment_keys`]), because they follow the keys of the vault as well.
//!
//! [`vault`] encrypts fields and knows nothing about tickets.

pub mod access_log;
pub mod approvals;
pub mod attachment_keys;
mod call_numbers;
mod certificate_cell;
mod company_keys;
mod decrypt_for_comparison;
mod disclose;
mod encrypted_call;
mod encrypted_row;
mod look_up;
mod message_contact;
pub mod reencrypt;
pub mod registered_keys;
pub(crate) mod rows;
pub mod vault;
mod write;

pub use call_numbers::{CallNumbers, LegNumbers};
pub use company_keys::company_keys;
pub use decrypt_for_comparison::{decrypt_for_comparison, decrypt_for_update, fields_on_record, is_known};
pub use disclose::disclose;
pub use encrypted_call::{
    CallLookUp, decrypt_call_for_update, disclose_call, has_call_numbers, join_call_numbers, put_call_numbers,
};
pub use look_up::LookUp;
pub use message_contact::{MessageContact, addresses_on_record, contact_for_message, put_email};
pub(crate) use write::{IdentityChange, add};
