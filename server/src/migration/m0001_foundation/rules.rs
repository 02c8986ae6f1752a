//! The rules that change with time: policies and calendars by version, when each of them is in force, and the proposals
//! of administrators. `kind` is 1 for policies and 2 for calendars.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE policy_document (
        version VARCHAR(32) PRIMARY KEY,
        first_used_at BIGINT NOT NULL,
        document TEXT NOT NULL
    )",
    "CREATE TABLE calendar_document (
        version VARCHAR(64) PRIMARY KEY,
        first_used_at BIGINT NOT NULL,
        document TEXT NOT NULL
    )",
    "CREATE TABLE rule_in_force (
        kind SMALLINT NOT NULL,
        effective_from BIGINT NOT NULL,
        version VARCHAR(64) NOT NULL,
        proposal INTEGER,
        PRIMARY KEY (kind, effective_from)
    )",
    "CREATE TABLE rule_proposal (
        number INTEGER PRIMARY KEY,
        revision INTEGER NOT NULL,
        kind SMALLINT NOT NULL,
        version VARCHAR(64) NOT NULL,
        base_version VARCHAR(64) NOT NULL,
        effective_from BIGINT NOT NULL,
        state SMALLINT NOT NULL,
        document TEXT NOT NULL
    )",
    "CREATE INDEX rule_proposal_state ON rule_proposal (state, number)",
];
