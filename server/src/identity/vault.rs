//! The vault: field encryption under an envelope, and blind indexes to look a value up without decrypting anything. It
//! knows nothing of tickets: a field belongs to an owner, a number.
//!
//! Each owner has a data key of its own, wrapped by a key of the [`KeyProvider`]. An encrypted field can be decrypted
//! in its own place alone: it is bound to its owner, its name and the version of the key.

pub mod envelope;
mod fault;
mod field_encryption;
pub mod file_keys;
mod key;
pub mod key_file;
mod key_provider;

pub use envelope::Suite;
pub use fault::VaultFault;
pub use field_encryption::{EncryptedFields, Field, Vault};
pub use file_keys::FileKeys;
pub use key::{KeyVersion, SecretKey};
pub use key_provider::{INDEX_BYTES, KeyProvider};
