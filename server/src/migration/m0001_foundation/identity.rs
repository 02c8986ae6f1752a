//! Identities: who called, encrypted field by field; the registered keys; the keys of attachments; the access log, and
//! the approvals.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE vault_key (
        version INTEGER PRIMARY KEY,
        proof BYTES NOT NULL,
        first_seen_at BIGINT NOT NULL
    )",
    "CREATE TABLE encrypted_identity (
        ticket_number BIGINT PRIMARY KEY REFERENCES ticket (number),
        is_confidential BOOLEAN NOT NULL,
        key_version INTEGER NOT NULL REFERENCES vault_key (version),
        wrapped_key BYTES NOT NULL,
        enterprise_name BYTES,
        social_credit_code BYTES,
        contact_name BYTES,
        contact_phone BYTES,
        subject BYTES,
        content BYTES,
        given_code BYTES,
        given_phone BYTES,
        certificate BYTES,
        email BYTES,
        code_index BYTES,
        certificate_index BYTES,
        phone_index BYTES,
        main_phone_index BYTES
    )",
    "CREATE INDEX encrypted_identity_code ON encrypted_identity (code_index, ticket_number)
        WHERE code_index IS NOT NULL",
    "CREATE INDEX encrypted_identity_phone ON encrypted_identity (phone_index, ticket_number)
        WHERE phone_index IS NOT NULL",
    // Few callers have one.
    "CREATE INDEX encrypted_identity_certificate ON encrypted_identity (certificate_index, ticket_number)
        WHERE certificate_index IS NOT NULL",
    "CREATE INDEX encrypted_identity_main_phone ON encrypted_identity (main_phone_index, ticket_number)
        WHERE main_phone_index IS NOT NULL",
    "CREATE INDEX encrypted_identity_key ON encrypted_identity (key_version, ticket_number)",
    "CREATE TABLE attachment_file (
        id VARCHAR(36) PRIMARY KEY,
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        file VARCHAR(32) NOT NULL,
        key_version INTEGER NOT NULL REFERENCES vault_key (version),
        wrapped_key BYTES NOT NULL,
        state SMALLINT NOT NULL,
        scan_at BIGINT NOT NULL
    )",
    "CREATE INDEX attachment_file_scan ON attachment_file (state, scan_at, id)",
    "CREATE INDEX attachment_file_name ON attachment_file (file)",
    "CREATE INDEX attachment_file_key ON attachment_file (key_version, id)",
    "CREATE TABLE reveal_approval (
        id VARCHAR(36) PRIMARY KEY,
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        principal VARCHAR(128) NOT NULL,
        purpose SMALLINT NOT NULL,
        approved_by VARCHAR(128) NOT NULL,
        note TEXT NOT NULL,
        approved_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        used_for VARCHAR(36)
    )",
    "CREATE INDEX reveal_approval_ticket ON reveal_approval (ticket_number, principal, expires_at)",
    "CREATE TABLE identity_access (
        id VARCHAR(36) PRIMARY KEY,
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        accessed_at BIGINT NOT NULL,
        principal VARCHAR(128) NOT NULL,
        unit VARCHAR(64),
        occasion SMALLINT NOT NULL,
        purpose SMALLINT,
        note TEXT NOT NULL,
        approved_by VARCHAR(128)
    )",
    "CREATE INDEX identity_access_time ON identity_access (accessed_at, id)",
    "CREATE INDEX identity_access_ticket ON identity_access (ticket_number, accessed_at, id)",
    "CREATE INDEX identity_access_principal ON identity_access (principal, accessed_at, id)",
];
