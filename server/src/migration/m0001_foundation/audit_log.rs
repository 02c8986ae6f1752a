//! The audit log: audit records, the heads of chains that the next checkpoint will cover, checkpoints with the heads
//! under them, and restores.
//!
//! In the tables of heads, `ticket_number` is 0 for the chain of a subject of audit records, and `subject` is empty for
//! the chain of a ticket.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE audit_record (
        subject VARCHAR(200) NOT NULL,
        sequence INTEGER NOT NULL,
        recorded_at BIGINT NOT NULL,
        principal VARCHAR(128) NOT NULL,
        unit VARCHAR(64),
        method VARCHAR(64) NOT NULL,
        details TEXT NOT NULL,
        hash BYTES NOT NULL,
        PRIMARY KEY (subject, sequence)
    )",
    "CREATE INDEX audit_record_time ON audit_record (recorded_at, subject, sequence)",
    "CREATE TABLE pending_head (
        ticket_number BIGINT NOT NULL,
        subject VARCHAR(200) NOT NULL,
        sequence INTEGER NOT NULL,
        hash BYTES NOT NULL,
        PRIMARY KEY (ticket_number, subject, sequence)
    )",
    "CREATE TABLE checkpoint (
        number BIGINT PRIMARY KEY,
        previous_hash BYTES NOT NULL,
        signed_at BIGINT NOT NULL,
        head_count INTEGER NOT NULL,
        root BYTES NOT NULL,
        public_key BYTES NOT NULL,
        hash BYTES NOT NULL,
        signature BYTES NOT NULL
    )",
    "CREATE TABLE checkpoint_entry (
        checkpoint_number BIGINT NOT NULL REFERENCES checkpoint (number),
        ticket_number BIGINT NOT NULL,
        subject VARCHAR(200) NOT NULL,
        sequence INTEGER NOT NULL,
        hash BYTES NOT NULL,
        PRIMARY KEY (checkpoint_number, ticket_number, subject)
    )",
    "CREATE INDEX checkpoint_entry_chain ON checkpoint_entry (ticket_number, subject, checkpoint_number)",
    "CREATE TABLE restore_entry (
        number BIGINT PRIMARY KEY,
        restored_at BIGINT NOT NULL,
        last_checkpoint BIGINT NOT NULL,
        last_hash BYTES NOT NULL,
        abandoned_checkpoint BIGINT NOT NULL,
        abandoned_hash BYTES NOT NULL,
        restored_by VARCHAR(128) NOT NULL,
        reason TEXT NOT NULL,
        skipped_numbers TEXT NOT NULL,
        public_key BYTES NOT NULL,
        hash BYTES NOT NULL,
        signature BYTES NOT NULL
    )",
];
