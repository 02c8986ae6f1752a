//! The directory: units, topics, and which unit is responsible for which topic and district.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE unit (
        code VARCHAR(64) PRIMARY KEY,
        name VARCHAR(100) NOT NULL,
        name_en VARCHAR(200) NOT NULL,
        unit_group SMALLINT NOT NULL,
        parent VARCHAR(64) REFERENCES unit (code),
        district VARCHAR(6),
        is_active BOOLEAN NOT NULL,
        version INTEGER NOT NULL
    )",
    "CREATE INDEX unit_parent ON unit (parent)",
    "CREATE TABLE topic (
        code VARCHAR(64) PRIMARY KEY,
        name VARCHAR(100) NOT NULL,
        name_en VARCHAR(200) NOT NULL
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
