//! The append-only tables: triggers refuse every change of a row, and the role that a server serves with may read and
//! insert there and nothing else, so that somebody who takes over a server cannot rewrite what has happened.

/// Their names.
pub const APPEND_ONLY: &[&str] = &[
    "ticket_event",
    "identity_access",
    "audit_record",
    "checkpoint",
    "checkpoint_entry",
    "database_identity",
    "restore_entry",
];
