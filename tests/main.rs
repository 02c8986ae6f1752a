//! One test binary: the guards of the code base, the store suite on both databases, hostile peers, and stories through
//! the SDK against a real server on a real port.

mod guards;
mod hardening;
mod store;
mod stories;
#[expect(dead_code, reason = "the failpoints use what this suite does not")]
mod support;
