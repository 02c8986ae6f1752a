//! Tables of servers about the database and about requests: the kind of deployment, the id of the database, and request
//! records for idempotency. Health writes heartbeats and reads them back on another connection.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE deployment (
        id SMALLINT PRIMARY KEY,
        is_simulated BOOLEAN NOT NULL
    )",
    "CREATE TABLE database_identity (
        id SMALLINT PRIMARY KEY,
        database_id VARCHAR(36) NOT NULL,
        created_at BIGINT NOT NULL
    )",
    "CREATE TABLE request_record (
        principal VARCHAR(128) NOT NULL,
        request_id VARCHAR(36) NOT NULL,
        fingerprint VARCHAR(64) NOT NULL,
        ticket_number BIGINT,
        ticket_version INTEGER,
        answer BYTES,
        recorded_at BIGINT NOT NULL,
        PRIMARY KEY (principal, request_id)
    )",
    "CREATE INDEX request_record_age ON request_record (recorded_at)",
    "CREATE TABLE heartbeat (
        server VARCHAR(36) PRIMARY KEY,
        beat BIGINT NOT NULL,
        written_at BIGINT NOT NULL
    )",
];
