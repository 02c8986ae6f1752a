//! Telephone calls: their keys, what was reported of them, the seats that they reached, and the encrypted numbers of
//! their parties.

pub(super) const STATEMENTS: &[&str] = &[
    // Ids of exchanges recur. The occurrence is a part of the key, so that two servers do not make one call twice.
    "CREATE TABLE call_key (
        exchange_id VARCHAR(128) NOT NULL,
        system VARCHAR(64) NOT NULL,
        id_kind SMALLINT NOT NULL,
        occurrence INTEGER NOT NULL,
        began_at BIGINT NOT NULL,
        call_id VARCHAR(36) NOT NULL,
        PRIMARY KEY (exchange_id, system, id_kind, occurrence)
    )",
    "CREATE UNIQUE INDEX call_key_call ON call_key (call_id)",
    "CREATE TABLE call (
        call_id VARCHAR(36) PRIMARY KEY,
        system VARCHAR(64) NOT NULL,
        end_to_end_id VARCHAR(128),
        reference VARCHAR(128),
        began_at BIGINT NOT NULL,
        outcome SMALLINT NOT NULL,
        hand_over SMALLINT NOT NULL,
        document TEXT NOT NULL
    )",
    "CREATE INDEX call_newest ON call (began_at, call_id)",
    "CREATE INDEX call_outcome_newest ON call (outcome, began_at, call_id)",
    "CREATE INDEX call_hand_over_newest ON call (hand_over, began_at, call_id)",
    "CREATE INDEX call_end_to_end ON call (end_to_end_id) WHERE end_to_end_id IS NOT NULL",
    "CREATE INDEX call_reference ON call (reference) WHERE reference IS NOT NULL",
    // Whom it was offered to. The start is that of the call, so that a seat's calls are read in their order.
    "CREATE TABLE call_seat (
        seat VARCHAR(64) NOT NULL,
        call_id VARCHAR(36) NOT NULL REFERENCES call (call_id),
        began_at BIGINT NOT NULL,
        PRIMARY KEY (seat, call_id)
    )",
    "CREATE INDEX call_seat_newest ON call_seat (seat, began_at, call_id)",
    // Counts of calls by the hour in which they began. Each count is spread over some shards by the id of the call, so
    // that reports of several calls seldom wait for one row.
    "CREATE TABLE call_rollup (
        hour BIGINT NOT NULL,
        measure SMALLINT NOT NULL,
        shard SMALLINT NOT NULL,
        amount BIGINT NOT NULL,
        PRIMARY KEY (hour, measure, shard)
    )",
    "CREATE TABLE encrypted_call (
        call_id VARCHAR(36) PRIMARY KEY REFERENCES call (call_id),
        key_version INTEGER NOT NULL REFERENCES vault_key (version),
        wrapped_key BYTES NOT NULL,
        numbers BYTES NOT NULL,
        calling_index BYTES,
        main_calling_index BYTES
    )",
    "CREATE INDEX encrypted_call_calling ON encrypted_call (calling_index, call_id)
        WHERE calling_index IS NOT NULL",
    "CREATE INDEX encrypted_call_main ON encrypted_call (main_calling_index, call_id)
        WHERE main_calling_index IS NOT NULL",
    "CREATE INDEX encrypted_call_key ON encrypted_call (key_version, call_id)",
];
