//! The append-only tables. Triggers refuse every change of a row, and the serving role may only read and insert there.
//! So somebody who takes over a server cannot rewrite what has happened.

/// Their names.
pub const APPEND_ONLY: &[&str] = &[
    "ticket_event",
    "identity_access",
    "audit_record",
    "checkpoint",
    "checkpoint_entry",
    "database_identity",
    "restore_entry",
    "feed",
    "ticket_departure",
    "article_version",
    "article_citation",
    "assessment_publication",
    "assessment_ranking",
    "message_template",
];
