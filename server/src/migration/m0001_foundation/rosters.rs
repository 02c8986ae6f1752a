//! Staff of units on duty at the platform, which tickets have their advice, and clerks who are absent.

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
    // A clerk of a unit who is not there, and who stands in.
    "CREATE TABLE unit_absence (
        unit VARCHAR(64) NOT NULL REFERENCES unit (code),
        clerk VARCHAR(128) NOT NULL,
        substitute VARCHAR(128) NOT NULL,
        from_at BIGINT NOT NULL,
        until_at BIGINT NOT NULL,
        set_by VARCHAR(128) NOT NULL,
        set_at BIGINT NOT NULL,
        PRIMARY KEY (unit, clerk)
    )",
    // The advice itself is in the ticket and its events.
    "CREATE TABLE dispatch_advice (
        advised_at BIGINT NOT NULL,
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        unit VARCHAR(64) NOT NULL REFERENCES unit (code),
        PRIMARY KEY (advised_at, ticket_number, unit)
    )",
];
