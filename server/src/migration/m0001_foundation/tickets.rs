//! Tickets with their events, units, accused units, timers and effects; blocks of ticket numbers.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE ticket (
        number BIGINT PRIMARY KEY,
        version INTEGER NOT NULL,
        state VARCHAR(16) NOT NULL,
        category SMALLINT NOT NULL,
        topic VARCHAR(64),
        district VARCHAR(6),
        lead_unit VARCHAR(64),
        rung SMALLINT NOT NULL,
        ladder_rung SMALLINT NOT NULL,
        received_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        is_open BOOLEAN NOT NULL,
        queue SMALLINT NOT NULL,
        is_confidential BOOLEAN NOT NULL,
        source_owner VARCHAR(64),
        source_system VARCHAR(64),
        source_reference VARCHAR(128),
        source_call VARCHAR(36),
        call_id VARCHAR(36),
        content TEXT NOT NULL,
        document TEXT NOT NULL,
        head_sequence INTEGER NOT NULL,
        head_hash BYTES NOT NULL
    )",
    // The owner comes last, so that staff find a reference of any owner by it.
    // A call's id is a part of its natural key, because ids of exchanges recur; it is empty for every other source.
    "CREATE UNIQUE INDEX ticket_source ON ticket (source_reference, source_system, source_owner, source_call)",
    "CREATE UNIQUE INDEX ticket_source_call ON ticket (source_call, source_owner) WHERE source_call <> ''",
    "CREATE INDEX ticket_call ON ticket (call_id, number) WHERE call_id IS NOT NULL",
    // The open ones apart, for the list of those that have not changed for long.
    "CREATE INDEX ticket_updated ON ticket (is_open, updated_at, number)",
    // A list reads these indexes in its order, one branch for each state and value (`ledger/list/branches.rs`). Their
    // names end in the order. They are partial if many tickets have no value, so that intake does not write to them.
    "CREATE INDEX ticket_category_newest ON ticket (category, state, number, due_at, received_at)",
    "CREATE INDEX ticket_category_due ON ticket (category, state, due_at, number, received_at)",
    "CREATE INDEX ticket_district_newest ON ticket (district, state, number, due_at, received_at)
        WHERE district IS NOT NULL",
    "CREATE INDEX ticket_district_due ON ticket (district, state, due_at, number, received_at)
        WHERE district IS NOT NULL",
    "CREATE INDEX ticket_topic_newest ON ticket (topic, state, number, due_at, received_at)
        WHERE topic IS NOT NULL",
    "CREATE INDEX ticket_topic_due ON ticket (topic, state, due_at, number, received_at)
        WHERE topic IS NOT NULL",
    "CREATE INDEX ticket_rung_newest ON ticket (rung, state, number, due_at, received_at) WHERE rung > 0",
    "CREATE INDEX ticket_rung_due ON ticket (rung, state, due_at, number, received_at) WHERE rung > 0",
    // By limit, `ticket_unit_due` serves the lists of a lead unit.
    "CREATE INDEX ticket_lead_newest ON ticket (lead_unit, state, number, due_at, received_at)
        WHERE lead_unit IS NOT NULL",
    // A few tickets wait at a time for something besides their limit (`ledger/rows/queue.rs`): each list of them is a
    // part of this index.
    "CREATE INDEX ticket_queue ON ticket (queue, number) WHERE queue > 0",
    "CREATE TABLE ticket_event (
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        sequence INTEGER NOT NULL,
        occurred_at BIGINT NOT NULL,
        principal VARCHAR(128) NOT NULL,
        unit VARCHAR(64),
        payload TEXT NOT NULL,
        hash BYTES NOT NULL,
        PRIMARY KEY (ticket_number, sequence)
    )",
    "CREATE TABLE ticket_unit (
        unit VARCHAR(64) NOT NULL,
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        relation SMALLINT NOT NULL,
        is_open BOOLEAN NOT NULL,
        due_at BIGINT NOT NULL,
        assigned_to VARCHAR(128),
        has_help_open BOOLEAN NOT NULL DEFAULT FALSE,
        PRIMARY KEY (unit, ticket_number)
    )",
    "CREATE INDEX ticket_unit_ticket ON ticket_unit (ticket_number)",
    "CREATE INDEX ticket_unit_due ON ticket_unit (unit, due_at, ticket_number, relation)",
    "CREATE INDEX ticket_unit_open_newest ON ticket_unit (unit, ticket_number) WHERE is_open",
    "CREATE INDEX ticket_unit_open_due ON ticket_unit (unit, due_at, ticket_number) WHERE is_open",
    "CREATE INDEX ticket_unit_help ON ticket_unit (ticket_number) WHERE has_help_open",
    // What a unit took in at its own counter. It has what the unit may know of a ticket that is not in its scope, so
    // that the unit's list reads no other table. The state is NULL where it is withheld.
    "CREATE TABLE own_intake (
        unit VARCHAR(64) NOT NULL,
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        received_at BIGINT NOT NULL,
        source_system VARCHAR(64),
        source_reference VARCHAR(128),
        state VARCHAR(16),
        PRIMARY KEY (unit, ticket_number)
    )",
    "CREATE TABLE ticket_accused (
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        unit VARCHAR(64) NOT NULL,
        PRIMARY KEY (ticket_number, unit)
    )",
    "CREATE TABLE ticket_timer (
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        cycle INTEGER NOT NULL,
        rung SMALLINT NOT NULL,
        due_at BIGINT NOT NULL,
        tries INTEGER NOT NULL,
        claim_after BIGINT NOT NULL,
        PRIMARY KEY (ticket_number, cycle, rung)
    )",
    "CREATE INDEX ticket_timer_claim ON ticket_timer (claim_after, ticket_number)",
    "CREATE TABLE rung_effect (
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        cycle INTEGER NOT NULL,
        rung SMALLINT NOT NULL,
        fired_at BIGINT NOT NULL,
        round INTEGER NOT NULL,
        PRIMARY KEY (ticket_number, cycle, round, rung)
    )",
    "CREATE TABLE number_block (
        day INTEGER PRIMARY KEY,
        next_sequence INTEGER NOT NULL
    )",
];
