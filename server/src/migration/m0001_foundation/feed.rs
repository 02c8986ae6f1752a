//! The feed: a position for each event of a ticket and each digest, dense, in an order in which no later commit gets an
//! earlier position. Triggers write it, so that no writer of events can forget it.
//!
//! SQLite has one writer, which takes positions in its own transaction. On PostgreSQL a transaction that takes its
//! position before it commits could commit after a higher position was read. So writers only queue entries, and a
//! sequencer numbers what it can see (`feed/sequencer.rs`).

/// Tables of both databases.
pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE feed (
        position BIGINT PRIMARY KEY,
        ticket_number BIGINT,
        unit VARCHAR(64),
        sequence BIGINT NOT NULL
    )",
    "CREATE TABLE ticket_departure (
        unit VARCHAR(64) NOT NULL,
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        sequence INTEGER NOT NULL,
        PRIMARY KEY (unit, ticket_number, sequence)
    )",
    "CREATE INDEX ticket_departure_event ON ticket_departure (ticket_number, sequence)",
    // Tickets with a damaged row, which a follower of the feed goes on without.
    "CREATE TABLE feed_set_aside (
        follower SMALLINT NOT NULL,
        ticket_number BIGINT NOT NULL,
        PRIMARY KEY (follower, ticket_number)
    )",
];

/// The triggers of SQLite.
pub(super) const SQLITE: &[&str] = &[
    "CREATE TRIGGER ticket_event_feed AFTER INSERT ON ticket_event
     BEGIN INSERT INTO feed (ticket_number, sequence) VALUES (NEW.ticket_number, NEW.sequence); END",
    "CREATE TRIGGER digest_feed AFTER INSERT ON digest
     BEGIN INSERT INTO feed (unit, sequence) VALUES (NEW.unit, NEW.sequence); END",
];

/// The queue of PostgreSQL and its triggers. An id is taken under the lock of the ticket, or of the unit's digests. So
/// the entries of one ticket are in the order of their ids. Most of the queue is empty space, which vacuum must keep
/// small.
pub(super) const POSTGRES: &[&str] = &[
    "CREATE TABLE feed_pending (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        ticket_number BIGINT,
        unit VARCHAR(64),
        sequence BIGINT NOT NULL,
        written_at BIGINT NOT NULL DEFAULT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000) AS BIGINT)
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)",
    "CREATE FUNCTION feed_events() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
         INSERT INTO feed_pending (ticket_number, sequence)
         SELECT added.ticket_number, added.sequence FROM added ORDER BY added.ticket_number, added.sequence;
         RETURN NULL;
     END $$",
    "CREATE TRIGGER ticket_event_feed AFTER INSERT ON ticket_event
     REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION feed_events()",
    "CREATE FUNCTION feed_digests() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
         INSERT INTO feed_pending (unit, sequence)
         SELECT added.unit, added.sequence FROM added ORDER BY added.unit, added.sequence;
         RETURN NULL;
     END $$",
    "CREATE TRIGGER digest_feed AFTER INSERT ON digest
     REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION feed_digests()",
];
