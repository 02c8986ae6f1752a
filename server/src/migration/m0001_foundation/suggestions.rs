//! Models of suggestions. `kind` is 1 for topics and 2 for units. A model's bytes and what it was learnt from are known
//! by their hashes.
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
    "INSERT INTO suggestion_training (number, claimed_until) VALUES (1, 0)",
];
