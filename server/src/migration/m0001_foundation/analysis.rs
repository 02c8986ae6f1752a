//! The analysis: one row for each ticket, which follows the feed. Yes and no are 1 and 0, so that they can be added up.
//! Texts are empty where a ticket has none.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE analysis_ticket (
        ticket_number BIGINT PRIMARY KEY,
        received_day INTEGER NOT NULL,
        received_week INTEGER NOT NULL,
        received_hour SMALLINT NOT NULL,
        received_at BIGINT NOT NULL,
        completed_day INTEGER,
        completed_week INTEGER,
        completed_hour SMALLINT,
        due_at BIGINT NOT NULL,
        topic VARCHAR(64) NOT NULL,
        topic_branch VARCHAR(64) NOT NULL,
        district VARCHAR(6) NOT NULL,
        industry TEXT NOT NULL,
        unit VARCHAR(64) NOT NULL,
        channel SMALLINT NOT NULL,
        category SMALLINT NOT NULL,
        state SMALLINT NOT NULL,
        rung SMALLINT NOT NULL,
        is_open SMALLINT NOT NULL,
        is_completed SMALLINT NOT NULL,
        is_on_time SMALLINT NOT NULL,
        is_answered SMALLINT NOT NULL,
        is_carried_over SMALLINT NOT NULL,
        returns INTEGER NOT NULL,
        dispatches INTEGER NOT NULL,
        cycles INTEGER NOT NULL,
        responded SMALLINT NOT NULL,
        resolved SMALLINT NOT NULL,
        satisfied SMALLINT NOT NULL,
        handling_class SMALLINT,
        document TEXT NOT NULL
    )",
    "CREATE INDEX analysis_ticket_day ON analysis_ticket (received_day, ticket_number)",
    "CREATE INDEX analysis_ticket_completed ON analysis_ticket (completed_day) WHERE completed_day IS NOT NULL",
    "CREATE INDEX analysis_ticket_open ON analysis_ticket (received_day) WHERE is_open = 1",
    // What tickets of a period show about a policy, and what its unit answered. The document has no text that names
    // anybody.
    "CREATE TABLE policy_issue (
        number INTEGER PRIMARY KEY,
        unit VARCHAR(64) NOT NULL REFERENCES unit (code),
        last_day INTEGER NOT NULL,
        is_answered BOOLEAN NOT NULL,
        document TEXT NOT NULL
    )",
    "CREATE INDEX policy_issue_unit ON policy_issue (unit, number)",
];
