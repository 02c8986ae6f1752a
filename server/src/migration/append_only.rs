//! The tables that are only ever added to: triggers refuse every change of a row, and the role that a server serves with
//! may read and insert there and nothing else, so that whoever takes over a server can't rewrite what has happened.

/// Their names.
pub const APPEND_ONLY: &[&str] = &[
    "ticket_event",
    "identity_read",
    "chain_start",
    "audit_record",
    "seal",
    "seal_entry",
    "database_identity",
    "restore_entry",
];
