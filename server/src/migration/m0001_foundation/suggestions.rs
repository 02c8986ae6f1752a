//! Models of suggestions. `kind` is 1 for topics and 2 for units. A model's bytes and what it was learnt from are known
//! by their hashes.
//!
//! `suggestion_log` has what was suggested, and what people decided then. It has no text: `asked_key` is the number of
//! a ticket, or the digest of a text.
//!
//! `suggestion_training` has one row. The server that claims it trains, and the claim ends by itself.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE suggestion_model (
        kind SMALLINT NOT NULL,
        version INTEGER NOT NULL,
        trained_at BIGINT NOT NULL,
        texts INTEGER NOT NULL,
        texts_hash BYTES NOT NULL,
        calibration TEXT NOT NULL,
        content_hash BYTES NOT NULL,
        content BYTES NOT NULL,
        PRIMARY KEY (kind, version)
    )",
    "CREATE TABLE suggestion_training (
        number SMALLINT PRIMARY KEY,
        claimed_until BIGINT NOT NULL
    )",
    "CREATE TABLE suggestion_log (
        kind SMALLINT NOT NULL,
        asked_key BIGINT NOT NULL,
        ticket_number BIGINT,
        asked_at BIGINT NOT NULL,
        model_version VARCHAR(64) NOT NULL,
        labels TEXT NOT NULL,
        is_sure BOOLEAN NOT NULL,
        decided VARCHAR(64),
        decided_month INTEGER,
        place SMALLINT,
        PRIMARY KEY (kind, asked_key)
    )",
    "CREATE INDEX suggestion_log_open ON suggestion_log (asked_at) WHERE decided_month IS NULL",
    "CREATE INDEX suggestion_log_month ON suggestion_log (decided_month, kind) WHERE decided_month IS NOT NULL",
    "INSERT INTO suggestion_training (number, claimed_until) VALUES (1, 0)",
];
