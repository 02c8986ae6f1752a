//! The assessment: facts, where they are counted, and rollups, which follow the feed and can be made again from the
//! events. Beside them what people decide: exclusions, schemes and publications.
//!
//! `unit` and `owner` are empty for the hotline itself and for tickets without a topic. A month is a number like
//! 201910.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE assessment_state (
        id SMALLINT PRIMARY KEY,
        position BIGINT NOT NULL
    )",
    "CREATE TABLE assessment_fact (
        ticket_number BIGINT NOT NULL,
        cycle INTEGER NOT NULL,
        unit VARCHAR(64) NOT NULL,
        is_recheck_due BOOLEAN NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (ticket_number, cycle)
    )",
    "CREATE INDEX assessment_fact_recheck ON assessment_fact (ticket_number) WHERE is_recheck_due",
    // Which tickets a unit has in a month.
    "CREATE TABLE assessment_case (
        unit VARCHAR(64) NOT NULL,
        month INTEGER NOT NULL,
        ticket_number BIGINT NOT NULL,
        PRIMARY KEY (unit, month, ticket_number)
    )",
    "CREATE INDEX assessment_case_month ON assessment_case (month, ticket_number, unit)",
    // `kind` is 1 for rows by unit, and 2 for rows by topic and district.
    "CREATE TABLE assessment_rollup (
        kind SMALLINT NOT NULL,
        month INTEGER NOT NULL,
        owner VARCHAR(64) NOT NULL,
        district VARCHAR(6) NOT NULL,
        counted_by SMALLINT NOT NULL,
        properties BIGINT NOT NULL,
        cases BIGINT NOT NULL,
        PRIMARY KEY (kind, month, owner, district, counted_by, properties)
    )",
    "CREATE INDEX assessment_rollup_empty ON assessment_rollup (cases) WHERE cases = 0",
    "CREATE TABLE assessment_exclusion (
        number INTEGER PRIMARY KEY,
        revision INTEGER NOT NULL,
        ticket_number BIGINT NOT NULL,
        cycle INTEGER NOT NULL,
        unit VARCHAR(64) NOT NULL,
        month INTEGER NOT NULL,
        state SMALLINT NOT NULL,
        is_objection BOOLEAN NOT NULL,
        document TEXT NOT NULL
    )",
    "CREATE INDEX assessment_exclusion_ticket ON assessment_exclusion (ticket_number, cycle)",
    "CREATE INDEX assessment_exclusion_unit ON assessment_exclusion (unit, number)",
    // `company` is a key of the company's blind index; empty if it has none.
    "CREATE TABLE follow_up_lease (
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        company BYTES NOT NULL,
        principal VARCHAR(128) NOT NULL,
        leased_until BIGINT NOT NULL,
        PRIMARY KEY (ticket_number, company)
    )",
    "CREATE INDEX follow_up_lease_end ON follow_up_lease (leased_until)",
    "CREATE TABLE assessment_scheme (
        number INTEGER PRIMARY KEY,
        revision INTEGER NOT NULL,
        from_month INTEGER NOT NULL,
        state SMALLINT NOT NULL,
        text TEXT NOT NULL,
        document TEXT NOT NULL
    )",
    // What was published never changes: a correction is another number of the same month.
    "CREATE TABLE assessment_publication (
        month INTEGER NOT NULL,
        number INTEGER NOT NULL,
        manifest BYTES NOT NULL,
        sha256 VARCHAR(64) NOT NULL,
        PRIMARY KEY (month, number)
    )",
    "CREATE TABLE assessment_publication_state (
        month INTEGER NOT NULL,
        number INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        state SMALLINT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (month, number),
        FOREIGN KEY (month, number) REFERENCES assessment_publication (month, number)
    )",
    "CREATE TABLE assessment_ranking (
        month INTEGER NOT NULL,
        number INTEGER NOT NULL,
        unit_group SMALLINT NOT NULL,
        document BYTES NOT NULL,
        sha256 VARCHAR(64) NOT NULL,
        PRIMARY KEY (month, number, unit_group),
        FOREIGN KEY (month, number) REFERENCES assessment_publication (month, number)
    )",
];
