//! One test binary: the guards of the code base, the store suite on both databases, hostile peers, the redaction of
//! texts, and stories told through the SDK against a real server on a real port.

mod guards;
mod hardening;
mod queueing;
mod redaction;
mod store;
mod stories;
#[expect(dead_code, reason = "the failpoints use what this suite does not")]
mod support;
