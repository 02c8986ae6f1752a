//! Randomness from the operating system, only for secrets and for cursors that must not be compared. Nothing else in
//! the server is random.

/// The prefix of every token, so that secret scanners can find one that leaked.
pub const TOKEN_PREFIX: &str = "hotline_";

/// A new bearer token: 256 bits of randomness in base64url after [`TOKEN_PREFIX`].
///
/// # Errors
/// If the operating system gives no randomness.
pub fn token() -> std::io::Result<String> {
    use base64::Engine as _;
    let mut bytes = [0_u8; 32];
    fill(&mut bytes)?;
    Ok(format!("{TOKEN_PREFIX}{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)))
}

/// Fills some bytes with randomness.
///
/// # Errors
/// If the operating system gives no randomness.
pub fn fill(bytes: &mut [u8]) -> std::io::Result<()> {
    getrandom::fill(bytes).map_err(|error| std::io::Error::other(error.to_string()))
}

/// A random UUID, which cannot be guessed.
///
/// # Errors
/// If the operating system gives no randomness.
pub fn id() -> std::io::Result<uuid::Uuid> {
    let mut bytes = [0_u8; 16];
    fill(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
