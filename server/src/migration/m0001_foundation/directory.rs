//! The directory: units, the transfers of their work, topics, and which unit is responsible for which topic and
//! district.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE unit (
        code VARCHAR(64) PRIMARY KEY,
        name VARCHAR(100) NOT NULL,
        name_en VARCHAR(200) NOT NULL,
        unit_group SMALLINT NOT NULL,
        parent VARCHAR(64) REFERENCES unit (code),
        district VARCHAR(6),
        is_active BOOLEAN NOT NULL,
        successor VARCHAR(64) REFERENCES unit (code),
        policy_number VARCHAR(32),
        version INTEGER NOT NULL
    )",
    "CREATE INDEX unit_parent ON unit (parent)",
    "CREATE INDEX unit_successor ON unit (successor) WHERE successor IS NOT NULL",
    // A transfer that runs is claimed by the order of the first index; the second keeps a unit from having two.
    "CREATE TABLE unit_transfer (
        number INTEGER PRIMARY KEY,
        from_unit VARCHAR(64) NOT NULL REFERENCES unit (code),
        to_unit VARCHAR(64) REFERENCES unit (code),
        reason TEXT NOT NULL,
        principal VARCHAR(128) NOT NULL,
        via VARCHAR(128),
        started_at BIGINT NOT NULL,
        total INTEGER NOT NULL,
        moved INTEGER NOT NULL,
        sent_to_desk INTEGER NOT NULL,
        released INTEGER NOT NULL,
        last_ticket BIGINT NOT NULL,
        claim_after BIGINT NOT NULL,
        done_at BIGINT
    )",
    "CREATE INDEX unit_transfer_claim ON unit_transfer (claim_after, number) WHERE done_at IS NULL",
    "CREATE UNIQUE INDEX unit_transfer_running ON unit_transfer (from_unit) WHERE done_at IS NULL",
    // Texts are compared with its name and its words. Those that are shipped have the words of their place in the tree.
    "CREATE TABLE topic (
        code VARCHAR(64) PRIMARY KEY,
        name VARCHAR(100) NOT NULL,
        name_en VARCHAR(200) NOT NULL,
        words TEXT NOT NULL,
        effective_from BIGINT,
        effective_until BIGINT,
        successor VARCHAR(64) REFERENCES topic (code),
        version INTEGER NOT NULL
    )",
    "CREATE INDEX topic_successor ON topic (successor) WHERE successor IS NOT NULL",
    // Words that say what a unit answers for. Texts are compared with them.
    "CREATE TABLE unit_duty (
        unit VARCHAR(64) PRIMARY KEY REFERENCES unit (code),
        words TEXT NOT NULL
    )",
    "CREATE TABLE catalogue_entry (
        topic VARCHAR(64) NOT NULL,
        district VARCHAR(6) NOT NULL,
        effective_from BIGINT NOT NULL,
        effective_until BIGINT,
        unit VARCHAR(64) NOT NULL REFERENCES unit (code),
        PRIMARY KEY (topic, district, effective_from)
    )",
];
