//! Random names that cannot be guessed, digests, and comparisons that take the same time for every guess.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};

/// The bytes of a secret.
const SECRET_BYTES: usize = 32;

/// The random numbers of the machine failed.
#[derive(Debug)]
pub(crate) struct NoRandomness;

/// A secret that cannot be guessed, as text for a cookie or a form.
pub(crate) fn secret() -> Result<String, NoRandomness> {
    let mut bytes = [0; SECRET_BYTES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The SHA-256 digest of a text, as text.
pub(crate) fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// Whether two secrets are the same. The digests are compared, so the time says nothing about the secrets.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    sha256(one) == sha256(other)
}
