//! Digests: the notices of fired rungs, and the digests that they are gathered into.
//!
//! A partial index holds only notices without a digest, so that the search for one costs the same however many were
//! gathered before. The other index holds the rest, so that no planner can use it for pending notices.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE digest_unit (
        unit VARCHAR(64) PRIMARY KEY,
        last_sequence BIGINT NOT NULL
    )",
    "CREATE TABLE digest (
        unit VARCHAR(64) NOT NULL REFERENCES digest_unit (unit),
        sequence BIGINT NOT NULL,
        rung SMALLINT NOT NULL,
        gathered_at BIGINT NOT NULL,
        ticket_count INTEGER NOT NULL,
        PRIMARY KEY (unit, sequence)
    )",
    "CREATE INDEX digest_unit_rung ON digest (unit, rung, sequence)",
    "CREATE INDEX digest_time ON digest (gathered_at, unit, sequence)",
    "CREATE INDEX digest_rung_time ON digest (rung, gathered_at, unit, sequence)",
    "CREATE TABLE digest_ticket (
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        cycle INTEGER NOT NULL,
        rung SMALLINT NOT NULL,
        unit VARCHAR(64) NOT NULL,
        due_at BIGINT,
        fired_at BIGINT NOT NULL,
        digest_sequence BIGINT,
        round INTEGER NOT NULL,
        PRIMARY KEY (ticket_number, cycle, round, rung),
        FOREIGN KEY (unit, digest_sequence) REFERENCES digest (unit, sequence)
    )",
    "CREATE INDEX digest_ticket_pending ON digest_ticket (unit, rung, ticket_number, cycle)
        WHERE digest_sequence IS NULL",
    "CREATE INDEX digest_ticket_digest ON digest_ticket (unit, digest_sequence, ticket_number, cycle)
        WHERE digest_sequence IS NOT NULL",
];
