//! Tickets inserted by SQL, a hundred thousand in a few seconds, the same rows on both databases. Every value that a
//! filter names is frequent, and some are rare: of those, only the last 10,000 tickets have any, however many tickets
//! there are.

/// A day in microseconds.
pub(crate) const DAY: i64 = 86_400_000_000;

/// Which tickets to insert.
#[derive(Debug, Clone)]
pub(crate) struct BulkTickets {
    /// How many in all.
    pub(crate) tickets: u32,
    /// How many of them, the last ones, are open.
    pub(crate) open: u32,
    /// How many are taken in on a day.
    pub(crate) per_day: u32,
    /// The year of the first day, in two digits. A month has 28 days here, so that a number is arithmetic.
    pub(crate) year: u32,
    /// The first instant of the first day, in microseconds since 1970.
    pub(crate) begin: i64,
    /// The document of each ticket. `NUMBER` in it stands for its number.
    pub(crate) document: String,
}

/// The tickets of the places from `FIRST` to `LAST`.
const TICKETS: &str = "INSERT INTO ticket (number, version, state, category, topic, district, lead_unit, rung, ladder_rung,
     received_at, updated_at, due_at, is_open, queue, is_confidential, content, document, head_sequence, head_hash)
 WITH RECURSIVE series (i) AS
     (SELECT CAST(FIRST AS BIGINT) UNION ALL SELECT i + 1 FROM series WHERE i < LAST),
 days (i, day, is_open, is_late) AS (SELECT i, i / PER_DAY, i > COUNT - OPEN, i > COUNT - 10000 FROM series),
 states (i, day, is_open, is_late, p, state) AS (SELECT i, day, is_open, is_late,
     ((YEAR + day / 336) * 10000 + (day / 28 % 12 + 1) * 100 + day % 28 + 1) * 1000000 + i % PER_DAY, CASE
     WHEN is_open THEN CASE i % 9 WHEN 0 THEN 'RECEIVED' WHEN 1 THEN 'PLANNING' WHEN 2 THEN 'DISPATCHED'
         WHEN 3 THEN 'RETURNED' ELSE 'HANDLING' END
     WHEN i % 200 = 0 THEN 'WITHDRAWN' WHEN i % 500 = 1 THEN 'MERGED' WHEN i % 1000 = 2 THEN 'DECLINED'
     WHEN i % 50 = 3 THEN 'ANSWERED' WHEN i % 30 = 4 THEN 'COMPLETED' ELSE 'CLOSED' END FROM days),
 numbers (i, day, is_open, is_late, state, number) AS
     (SELECT i, day, is_open, is_late, state, p * 10 + DAMM FROM states)
 SELECT number, 3, state,
     CASE WHEN is_late AND i % 4999 = 7 THEN 3 WHEN i % 3 = 0 THEN 1 ELSE 2 END,
     CASE WHEN is_late AND i % 4999 = 11 THEN 'rare' WHEN i % 7 > 0 THEN 'topic-' || i % 50 END,
     CASE WHEN is_late AND i % 4999 = 13 THEN '110119' WHEN i % 5 > 0 THEN CAST(110101 + i % 16 AS VARCHAR(6)) END,
     CASE WHEN state NOT IN ('RECEIVED', 'PLANNING', 'DECLINED', 'ANSWERED') THEN 'unit-' || i % 300 END,
     CASE WHEN is_late AND i % 4999 = 17 THEN 4 WHEN i % 40 = 5 THEN 2 WHEN i % 20 = 5 THEN 1 ELSE 0 END,
     CASE WHEN is_late AND i % 4999 = 17 THEN 4 WHEN i % 40 = 5 THEN 2 WHEN i % 20 = 5 THEN 1 ELSE 0 END,
     BEGIN + day * DAY + i % PER_DAY * (DAY / PER_DAY),
     BEGIN + day * DAY + i % PER_DAY * (DAY / PER_DAY), BEGIN + (day + 1 + i % 9) * DAY + 36000000000 + i % 7,
     is_open,
     CASE WHEN is_open AND i % 97 = 0 THEN 2 WHEN is_open AND i % 101 = 0 THEN 4 + i % 3 WHEN is_open AND i % 3 = 0 THEN 3
         WHEN is_late AND state = 'CLOSED' AND i % 499 = 6 THEN 1 ELSE 0 END, FALSE, '', replace('DOCUMENT', 'NUMBER', CAST(number AS VARCHAR(13))), 3,
     CAST('0' AS BYTES)
 FROM numbers";
/// The units of the tickets: each lead unit, an assisting one for every tenth ticket, and one that is informed of
/// every fifth. Then the accused units, the encrypted identities of every fourth ticket, and what a unit took in.
const PARTS: [&str; 6] = [
    "INSERT INTO ticket_unit (unit, ticket_number, relation, is_open, due_at)
     SELECT lead_unit, number, 1, is_open, due_at FROM ticket WHERE lead_unit LIKE 'unit-%'",
    "INSERT INTO ticket_unit (unit, ticket_number, relation, is_open, due_at)
     SELECT 'unit-' || (number / 10 + 151) % 300, number, 2, is_open, due_at FROM ticket
     WHERE lead_unit LIKE 'unit-%' AND number / 10 % 10 = 3 ON CONFLICT DO NOTHING",
    "INSERT INTO ticket_unit (unit, ticket_number, relation, is_open, due_at)
     SELECT 'informed', number, 3, is_open, due_at FROM ticket
     WHERE lead_unit LIKE 'unit-%' AND number / 10 % 5 = 1",
    "INSERT INTO ticket_accused (ticket_number, unit)
     SELECT number, 'unit-' || number / 10 % 300 FROM ticket WHERE head_hash = CAST('0' AS BYTES) AND number / 10 % 50 = 3",
    "INSERT INTO encrypted_identity (ticket_number, is_confidential, key_version, wrapped_key, phone_index)
     SELECT number, number / 10 % 20 = 4, 1, CAST('0' AS BYTES), CAST(CAST(number % 50000 AS VARCHAR(9)) AS BYTES)
     FROM ticket WHERE head_hash = CAST('0' AS BYTES) AND number / 10 % 4 = 0",
    "INSERT INTO own_intake (unit, ticket_number, received_at, state)
     SELECT 'unit-' || number / 10 % 3, number, received_at, state FROM ticket
     WHERE head_hash = CAST('0' AS BYTES) AND number / 100 % 10 = 5",
];
/// Tickets that one statement inserts.
const CHUNK: u32 = 50_000;
/// The rows of Damm's quasigroup, one after the other, as `ticket/number.rs` has them.
const DAMM: &str =
    "0317598642709215486342068713591750983426612304597836742095815869720134894536201794386172052581436790";

/// The check digit of a payload of 12 digits, in SQL.
fn damm_of(payload: &str) -> String {
    let mut interim = "0".to_owned();
    for place in (0..12).rev() {
        let digit = format!("{payload} / {} % 10", 10_i64.pow(place));
        interim =
            format!("CAST(substr('{DAMM}', CAST(({interim}) * 10 + {digit} + 1 AS INTEGER), 1) AS BIGINT)");
    }
    interim
}

impl BulkTickets {
    /// The statements that insert them, one after the other.
    pub(crate) fn statements(&self, is_sqlite: bool) -> Vec<String> {
        let mut statements = Vec::new();
        let mut first = 1;
        while first <= self.tickets {
            let last = self.tickets.min(first + CHUNK - 1);
            let sql = TICKETS.replace("FIRST", &first.to_string()).replace("LAST", &last.to_string());
            let document = self.document.replace('\'', "''");
            statements.push(self.filled_in(&sql, is_sqlite).replace("DOCUMENT", &document));
            first = last + 1;
        }
        statements.extend(PARTS.iter().map(|sql| self.filled_in(sql, is_sqlite)));
        statements
    }

    fn filled_in(&self, sql: &str, is_sqlite: bool) -> String {
        let names = [
            ("PER_DAY", self.per_day.to_string()),
            ("COUNT", self.tickets.to_string()),
            ("OPEN", self.open.to_string()),
            ("BEGIN", self.begin.to_string()),
            ("YEAR", self.year.to_string()),
            ("DAMM", damm_of("p")),
            ("DAY", DAY.to_string()),
            ("BYTES", if is_sqlite { "BLOB" } else { "BYTEA" }.to_owned()),
        ];
        names.into_iter().fold(sql.to_owned(), |sql, (name, value)| sql.replace(name, &value))
    }
}
