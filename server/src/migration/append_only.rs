//! The tables that are only ever added to. The role that a server serves with may read and insert there and nothing else,
//! so that whoever takes over a server can't rewrite what has happened.

/// The names, in the order of the steps that made them.
pub const APPEND_ONLY: &[&str] = &["ticket_event", "identity_read"];
