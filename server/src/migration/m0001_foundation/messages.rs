//! Messages to the company: how far they follow the feed, their templates, what companies chose, and the outbox.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE message_state (
        id SMALLINT PRIMARY KEY,
        position BIGINT NOT NULL
    )",
    "INSERT INTO message_state (id, position) VALUES (1, 0)",
    "CREATE TABLE message_template (
        event SMALLINT NOT NULL,
        language SMALLINT NOT NULL,
        version INTEGER NOT NULL,
        body TEXT NOT NULL,
        put_at BIGINT,
        PRIMARY KEY (event, language, version)
    )",
    "INSERT INTO message_template (event, language, version, body, put_at) VALUES
        (1, 1, 1, '您的诉求已受理，工单编号{ticket}，查询码{code}。凭编号和查询码可查询办理进度。', NULL),
        (1, 2, 1, 'Your request was received: ticket {ticket}, code {code}. Ask for its progress with both.', NULL),
        (2, 1, 1, '工单{ticket}已由{unit}签收办理。', NULL),
        (2, 2, 1, 'Ticket {ticket} was accepted by {unit}.', NULL),
        (3, 1, 1, '工单{ticket}暂未能办结，已挂账，承诺于{date}前办结。', NULL),
        (3, 2, 1, 'Ticket {ticket} needs more time. It is promised by {date}.', NULL),
        (4, 1, 1, '工单{ticket}已办结，热线将致电回访。', NULL),
        (4, 2, 1, 'Ticket {ticket} is complete. The hotline will call you about the result.', NULL),
        (5, 1, 1, '热线就工单{ticket}回访未能联系到您，稍后将再次致电。', NULL),
        (5, 2, 1, 'The hotline called you about ticket {ticket} and will call again.', NULL)",
    "CREATE TABLE message_choice (
        ticket_number BIGINT PRIMARY KEY REFERENCES ticket (number),
        channel SMALLINT NOT NULL,
        language SMALLINT NOT NULL
    )",
    // A message tells of one event of a ticket, so an event is never told twice. Its text is kept from the first
    // attempt on, without the code for the progress.
    "CREATE TABLE company_message (
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        sequence INTEGER NOT NULL,
        event SMALLINT NOT NULL,
        state SMALLINT NOT NULL,
        channel SMALLINT NOT NULL,
        language SMALLINT NOT NULL,
        template_version INTEGER NOT NULL,
        body TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        attempts INTEGER NOT NULL,
        ended_at BIGINT,
        PRIMARY KEY (ticket_number, sequence)
    )",
    "CREATE INDEX company_message_due ON company_message (state, due_at, ticket_number, sequence)",
];
