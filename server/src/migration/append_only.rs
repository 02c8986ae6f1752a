//! The tables that are only added to: triggers refuse every change of a row, and the role that serves may read and add
//! and no more.

/// Their names.
pub const APPEND_ONLY: &[&str] =
    &["identity_read", "ticket_event", "chain_start", "audit_record", "seal", "seal_entry"];
