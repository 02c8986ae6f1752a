//! A key in memory, and the number of its version.

use zeroize::Zeroizing;

/// The number of a key, given by its provider.
pub type KeyVersion = u32;

/// A key in memory, zeroed when it is dropped.
pub type SecretKey = Zeroizing<Vec<u8>>;
