//! The search index. It follows the feed, and every row can be made again from the tickets.
//!
//! The postings have no text. A term is a hash, and is looked up by equality with its block. Only the server's own
//! connections reach these tables: a unit's session reads none of them.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE search_index (
        id SMALLINT PRIMARY KEY,
        position BIGINT NOT NULL,
        documents BIGINT NOT NULL
    )",
    "CREATE TABLE search_document (
        ticket_number BIGINT PRIMARY KEY,
        block BIGINT NOT NULL,
        version INTEGER NOT NULL,
        fingerprint BIGINT NOT NULL
    )",
    // The ticket that was made of a text for which suggestions were asked.
    "CREATE INDEX search_document_fingerprint ON search_document (fingerprint)",
    "CREATE TABLE search_posting (
        term BIGINT NOT NULL,
        block BIGINT NOT NULL,
        documents INTEGER NOT NULL,
        entries BYTES NOT NULL,
        PRIMARY KEY (term, block)
    )",
];

/// The newest block changes with every pass of the indexer, so its old rows are cleaned up often.
pub(super) const POSTGRES: &[&str] = &[
    "ALTER TABLE search_posting SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000)",
];
