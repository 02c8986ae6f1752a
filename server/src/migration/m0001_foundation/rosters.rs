//! Staff of units on duty at the platform, and which tickets have their advice.

pub(super) const STATEMENTS: &[&str] = &[
    // The topics are codes with spaces between them. The days are bits, Monday the lowest; the ends are minutes.
    "CREATE TABLE roster (
        code VARCHAR(64) PRIMARY KEY,
        name VARCHAR(100) NOT NULL,
        unit VARCHAR(64) NOT NULL REFERENCES unit (code),
        topics TEXT NOT NULL,
        weekdays SMALLINT NOT NULL,
        opens_at SMALLINT NOT NULL,
        closes_at SMALLINT NOT NULL,
        is_active BOOLEAN NOT NULL,
        version INTEGER NOT NULL
    )",
    "CREATE INDEX roster_unit ON roster (unit, code)",
    // The advice itself is in the ticket and its events.
    "CREATE TABLE dispatch_advice (
        advised_at BIGINT NOT NULL,
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        unit VARCHAR(64) NOT NULL REFERENCES unit (code),
        PRIMARY KEY (advised_at, ticket_number, unit)
    )",
];
