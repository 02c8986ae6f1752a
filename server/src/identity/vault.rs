//! The vault: envelope encryption of fields, and blind indexes for a search without decryption. It knows nothing about
//! tickets: a field belongs to an owner, which is a number.
//!
//! Each owner has its own data key, wrapped by a key of the [`KeyProvider`]. An encrypted field can be decrypted only
//! in its own place: it is bound to its owner, its name and the version of the key.

mod data_key;
pub mod envelope;
mod fault;
mod field_encryption;
pub mod file_keys;
mod key;
pub mod key_file;
mod key_provider;

pub use data_key::{DataKey, WrappedKey};
pub use envelope::Suite;
pub use fault::VaultFault;
pub use field_encryption::{EncryptedFields, Field, Vault};
pub use file_keys::FileKeys;
pub use key::{KeyVersion, SecretKey};
pub use key_provider::{INDEX_BYTES, KeyProvider};
