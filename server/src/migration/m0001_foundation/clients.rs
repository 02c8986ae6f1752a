//! Clients and their credentials, and the revision that shows every server that one of them has changed. Only the
//! digest of a token is stored. Changes lock the revision's row one after the other, so all changes up to a visible
//! revision are visible.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE access_revision (
        id SMALLINT PRIMARY KEY,
        revision BIGINT NOT NULL
    )",
    "INSERT INTO access_revision (id, revision) VALUES (1, 0)",
    "CREATE TABLE client (
        principal VARCHAR(128) PRIMARY KEY,
        kind SMALLINT NOT NULL,
        roles VARCHAR(128) NOT NULL,
        unit VARCHAR(64),
        note TEXT NOT NULL,
        created_by VARCHAR(128) NOT NULL,
        created_at BIGINT NOT NULL,
        revoked_by VARCHAR(128),
        revoked_at BIGINT,
        revoke_note TEXT,
        revision BIGINT NOT NULL
    )",
    "CREATE INDEX client_changed ON client (revision)",
    "CREATE TABLE client_credential (
        id VARCHAR(36) PRIMARY KEY,
        principal VARCHAR(128) NOT NULL REFERENCES client (principal),
        kind SMALLINT NOT NULL,
        proof TEXT NOT NULL,
        expires_at BIGINT,
        issued_by VARCHAR(128) NOT NULL,
        issued_at BIGINT NOT NULL,
        revoked_by VARCHAR(128),
        revoked_at BIGINT,
        revoke_note TEXT,
        revision BIGINT NOT NULL
    )",
    "CREATE UNIQUE INDEX client_credential_proof ON client_credential (kind, proof) WHERE revoked_at IS NULL",
    "CREATE INDEX client_credential_client ON client_credential (principal, issued_at, id)",
    "CREATE INDEX client_credential_changed ON client_credential (revision)",
];
