//! Staff of units on duty at the platform, which tickets have their advice, clerks who are absent, and texts that staff
//! and units start from.

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
    // Without a unit it is the hotline's. Without a topic it is for all of them.
    "CREATE TABLE text_template (
        code VARCHAR(64) PRIMARY KEY,
        kind VARCHAR(16) NOT NULL,
        name VARCHAR(100) NOT NULL,
        name_en VARCHAR(200) NOT NULL,
        text TEXT NOT NULL,
        text_en TEXT NOT NULL,
        topic VARCHAR(64) REFERENCES topic (code),
        unit VARCHAR(64) REFERENCES unit (code),
        from_at BIGINT NOT NULL,
        until_at BIGINT,
        revision INTEGER NOT NULL,
        put_at BIGINT NOT NULL
    )",
    // A unit reads its own and those of the hotline, of a directory that has those of all units.
    "CREATE INDEX text_template_unit ON text_template (unit, code)",
    // The advice itself is in the ticket and its events.
    "CREATE TABLE dispatch_advice (
        advised_at BIGINT NOT NULL,
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        unit VARCHAR(64) NOT NULL REFERENCES unit (code),
        PRIMARY KEY (advised_at, ticket_number, unit)
    )",
];
