//! A key in memory, and the number of its version.

use zeroize::Zeroizing;

/// A key, by the number its provider gave it.
pub type KeyVersion = u32;

/// A key in memory, wiped when it is dropped.
pub type SecretKey = Zeroizing<Vec<u8>>;
