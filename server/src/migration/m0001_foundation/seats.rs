//! Seats, skills and shifts; where each call stands; three-way calls; and companies that are to be called back.

pub(super) const STATEMENTS: &[&str] = &[
    // Its one row is locked by each decision about seats, and counts them. So revisions become visible in their order.
    "CREATE TABLE seat_revision (
        id SMALLINT PRIMARY KEY,
        revision BIGINT NOT NULL
    )",
    "INSERT INTO seat_revision (id, revision) VALUES (1, 0)",
    "CREATE TABLE skill (
        code VARCHAR(64) PRIMARY KEY,
        name VARCHAR(100) NOT NULL,
        name_en VARCHAR(200) NOT NULL,
        is_active BOOLEAN NOT NULL,
        version INTEGER NOT NULL
    )",
    "INSERT INTO skill (code, name, name_en, is_active, version)
        VALUES ('enterprise', '企业服务', 'Enterprise service', TRUE, 1)",
    // The days are bits, Monday the lowest; the ends are minutes of the day.
    "CREATE TABLE shift (
        code VARCHAR(64) PRIMARY KEY,
        name VARCHAR(100) NOT NULL,
        weekdays SMALLINT NOT NULL,
        opens_at SMALLINT NOT NULL,
        closes_at SMALLINT NOT NULL,
        is_active BOOLEAN NOT NULL,
        version INTEGER NOT NULL
    )",
    "CREATE TABLE seat (
        code VARCHAR(64) PRIMARY KEY,
        name VARCHAR(100) NOT NULL,
        skills TEXT NOT NULL,
        is_training BOOLEAN NOT NULL,
        is_active BOOLEAN NOT NULL,
        version INTEGER NOT NULL,
        principal VARCHAR(128),
        status SMALLINT NOT NULL,
        break_reason SMALLINT NOT NULL,
        since BIGINT NOT NULL,
        heartbeat_at BIGINT NOT NULL,
        revision BIGINT NOT NULL
    )",
    // An agent sits at one seat.
    "CREATE UNIQUE INDEX seat_agent ON seat (principal) WHERE principal IS NOT NULL",
    "CREATE INDEX seat_heartbeat ON seat (heartbeat_at) WHERE principal IS NOT NULL",
    "CREATE INDEX seat_change ON seat (revision, code)",
    // The skills of the seats, for the search for the seat that has been ready longest.
    "CREATE TABLE seat_skill (
        skill VARCHAR(64) NOT NULL REFERENCES skill (code),
        seat VARCHAR(64) NOT NULL REFERENCES seat (code),
        PRIMARY KEY (skill, seat)
    )",
    "CREATE INDEX seat_skill_seat ON seat_skill (seat)",
    // What each seat did, by the hour since 1970.
    "CREATE TABLE seat_rollup (
        hour BIGINT NOT NULL,
        seat VARCHAR(64) NOT NULL REFERENCES seat (code),
        measure SMALLINT NOT NULL,
        amount BIGINT NOT NULL,
        PRIMARY KEY (hour, seat, measure)
    )",
    // A call has one row, so it is at one seat at most.
    "CREATE TABLE seat_call (
        call_id VARCHAR(36) PRIMARY KEY REFERENCES call (call_id),
        skill VARCHAR(64) NOT NULL REFERENCES skill (code),
        state SMALLINT NOT NULL,
        arrival BIGINT NOT NULL,
        queued_at BIGINT NOT NULL,
        seat VARCHAR(64) REFERENCES seat (code),
        offered_at BIGINT,
        expires_at BIGINT,
        answered_at BIGINT,
        ended_at BIGINT,
        last_seat VARCHAR(64),
        first_offer BIGINT,
        is_training BOOLEAN NOT NULL,
        revision BIGINT NOT NULL,
        CHECK ((seat IS NOT NULL) = (state IN (2, 3)))
    )",
    // A seat has one call at most.
    "CREATE UNIQUE INDEX seat_call_seat ON seat_call (seat) WHERE seat IS NOT NULL",
    "CREATE UNIQUE INDEX seat_call_arrival ON seat_call (arrival, call_id)",
    "CREATE INDEX seat_call_waiting ON seat_call (skill, arrival) WHERE state = 1",
    "CREATE INDEX seat_call_queued ON seat_call (queued_at) WHERE state = 1",
    "CREATE INDEX seat_call_expiry ON seat_call (expires_at) WHERE state = 2",
    "CREATE INDEX seat_call_change ON seat_call (revision, call_id)",
    "CREATE TABLE three_way_call (
        call_id VARCHAR(36) NOT NULL REFERENCES call (call_id),
        sequence INTEGER NOT NULL,
        unit VARCHAR(64) NOT NULL REFERENCES unit (code),
        policy_number VARCHAR(32) NOT NULL,
        principal VARCHAR(128) NOT NULL,
        began_at BIGINT NOT NULL,
        outcome SMALLINT NOT NULL,
        ended_at BIGINT,
        PRIMARY KEY (call_id, sequence)
    )",
    // The number to call is with the numbers of the call.
    "CREATE TABLE call_back (
        call_id VARCHAR(36) PRIMARY KEY REFERENCES call (call_id),
        skill VARCHAR(64) NOT NULL REFERENCES skill (code),
        cause SMALLINT NOT NULL,
        created_at BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        state SMALLINT NOT NULL,
        attempts INTEGER NOT NULL,
        attempted_at BIGINT,
        ticket_number BIGINT
    )",
    "CREATE INDEX call_back_due ON call_back (state, due_at, call_id)",
];
