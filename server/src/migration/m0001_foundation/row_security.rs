//! Row-level security on PostgreSQL: a connection whose scope is one unit reads that unit's tickets and nothing else,
//! whatever its queries forget.
//!
//! A connection reaches everything if `hotline.scope` is `all`. With the scope `unit` it reaches the tickets of
//! `hotline.unit`; with the scope `claims`, of each ticket in `hotline.claims` what the unit beside it may see. In
//! both it reaches the rows of the tickets in `hotline.tickets`, which it may change. The policies hold for owners too:
//! development and tests meet the same policies as a server in service.
//!
//! The tables that lists read look up by subqueries in the policy itself: a function call for each row took most of
//! the time of a unit's list. `OFFSET 0` keeps the planner from reading all tickets of a unit into a hash table. So
//! each row is one lookup in an index. What a policy reads is under the policies of the tables that it reads.

/// The conditions of the policies, as functions. They read tables for units only, and cost the queries of staff and of
/// the runner nothing. They run as the connected role, so the policies of the tables that they read hold for them too.
const FUNCTIONS: &[&str] = &[
    // The unit whose rights decide about a ticket: the connection's, or the one that claims the ticket.
    "CREATE FUNCTION scope_unit(number bigint) RETURNS varchar LANGUAGE plpgsql STABLE AS $$
     BEGIN
         IF current_setting('hotline.scope', true) = 'claims' THEN
             RETURN NULLIF(current_setting('hotline.claims', true), '')::jsonb ->> number::text;
         END IF;
         RETURN current_setting('hotline.unit', true);
     END $$",
    // Whether a ticket's unit is this one, or stands under it, or under a unit that took over from it.
    "CREATE FUNCTION scope_is_under(number bigint, above varchar) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
     DECLARE
         theirs CONSTANT varchar := scope_unit(number);
         barred varchar := above;
         here varchar;
     BEGIN
         IF theirs IS NULL THEN RETURN false; END IF;
         FOR step IN 0..100 LOOP
             here := theirs;
             FOR level IN 0..100 LOOP
                 IF here = barred THEN RETURN true; END IF;
                 SELECT unit.parent INTO here FROM unit WHERE unit.code = here;
                 EXIT WHEN here IS NULL;
             END LOOP;
             IF here IS NOT NULL THEN RETURN true; END IF;
             SELECT unit.successor INTO barred FROM unit WHERE unit.code = barred;
             IF barred IS NULL THEN RETURN false; END IF;
         END LOOP;
         RETURN true;
     END $$",
    // Whether the unit has a ticket, with a relation up to this one.
    "CREATE FUNCTION scope_has(number bigint, relation_max smallint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
     BEGIN
         RETURN EXISTS (SELECT 1 FROM ticket_unit AS theirs WHERE theirs.ticket_number = number
             AND theirs.unit = scope_unit(number) AND theirs.relation <= relation_max);
     END $$",
];

/// Abbreviations of the policies. `ALL` and `TICKETS` are in brackets, so that PostgreSQL evaluates them once a
/// query. `UNIT` is evaluated for each row, which costs less than a larger plan.
///
/// `ALL` is a `CASE` so that the planner estimates row counts correctly. For a comparison of a setting with a text it
/// assumes one row of 200. It would then read and sort every due timer instead of taking the first hundred from their
/// index. For a `CASE` it assumes every second row.
const NAMES: [(&str, &str); 9] = [
    (
        "IS_ACCUSED",
        "EXISTS (SELECT 1 FROM ticket_accused AS named WHERE named.ticket_number = ticket_unit.ticket_number OFFSET 0)",
    ),
    (
        "HAS_THE_TICKET",
        "EXISTS (SELECT 1 FROM ticket_unit AS theirs WHERE theirs.unit = COALESCE(NULLIF(UNIT, ''), scope_unit(ticket.number)) \
         AND theirs.ticket_number = ticket.number OFFSET 0)",
    ),
    (
        "HAS_ITS_TICKET",
        "EXISTS (SELECT 1 FROM ticket_unit AS theirs WHERE theirs.unit = COALESCE(NULLIF(UNIT, ''), scope_unit(ticket_event.ticket_number)) \
         AND theirs.ticket_number = ticket_event.ticket_number OFFSET 0)",
    ),
    // A digest of the unit, or an entry about a ticket that the unit has, or that left it then.
    (
        "IN_FEED_OF_UNIT",
        "EXISTS (SELECT 1 FROM ticket_unit AS theirs WHERE theirs.unit = UNIT \
         AND theirs.ticket_number = feed.ticket_number OFFSET 0) \
         OR EXISTS (SELECT 1 FROM ticket_departure AS gone WHERE gone.unit = UNIT \
         AND gone.ticket_number = feed.ticket_number AND gone.sequence = feed.sequence OFFSET 0)",
    ),
    ("ALL", "(CASE WHEN (SELECT current_setting('hotline.scope', true)) = 'all' THEN TRUE ELSE FALSE END)"),
    ("TICKETS", "ANY ((SELECT NULLIF(current_setting('hotline.tickets', true), '')::bigint[])::bigint[])"),
    ("UNIT", "current_setting('hotline.unit', true)"),
    ("HANDLES", "scope_has(ticket_number, 2::smallint)"),
    ("HAS", "scope_has(ticket_number, 3::smallint)"),
];

/// Table, condition of reads, and condition of writes.
const POLICIES: [(&str, &str, &str); 68] = [
    (
        "ticket_unit",
        "ALL OR ticket_number = TICKETS OR ((unit = UNIT OR (UNIT = '' AND unit = scope_unit(ticket_number))) \
         AND NOT IS_ACCUSED)",
        "ALL OR ticket_number = TICKETS",
    ),
    (
        "ticket_accused",
        "ALL OR ticket_number = TICKETS OR scope_is_under(ticket_number, unit)",
        "ALL OR ticket_number = TICKETS",
    ),
    ("ticket", "ALL OR number = TICKETS OR HAS_THE_TICKET", "ALL OR number = TICKETS"),
    ("ticket_event", "ALL OR ticket_number = TICKETS OR HAS_ITS_TICKET", "ALL OR ticket_number = TICKETS"),
    ("own_intake", "ALL OR ticket_number = TICKETS OR unit = UNIT", "ALL OR ticket_number = TICKETS"),
    ("ticket_timer", "ALL OR ticket_number = TICKETS", "ALL OR ticket_number = TICKETS"),
    ("rung_effect", "ALL OR ticket_number = TICKETS", "ALL OR ticket_number = TICKETS"),
    ("feed", "ALL OR unit = UNIT OR IN_FEED_OF_UNIT", "ALL"),
    ("feed_pending", "ALL", "ALL OR ticket_number = TICKETS"),
    ("ticket_departure", "ALL OR unit = UNIT", "ALL OR ticket_number = TICKETS"),
    ("article_citation", "ALL", "ALL"),
    ("knowledge_gap", "ALL OR unit = UNIT", "ALL"),
    ("digest", "ALL OR unit = UNIT", "ALL"),
    ("digest_unit", "ALL OR unit = UNIT", "ALL"),
    (
        "digest_ticket",
        "ALL OR ticket_number = TICKETS OR (unit = UNIT AND HAS)",
        "ALL OR ticket_number = TICKETS",
    ),
    // A unit that is only informed is never shown who called, nor is any unit if the ticket is confidential.
    (
        "encrypted_identity",
        "ALL OR ticket_number = TICKETS OR (NOT is_confidential AND HANDLES)",
        "ALL OR ticket_number = TICKETS",
    ),
    // Who reads an attachment has found it on a ticket before.
    ("attachment_file", "ALL OR ticket_number = TICKETS", "ALL OR ticket_number = TICKETS"),
    // An access by a unit is recorded, but the unit may not read the record.
    ("identity_access", "ALL", "ALL OR ticket_number = TICKETS OR HANDLES"),
    ("reveal_approval", "ALL", "ALL"),
    // An access to an identity leaves a pending head.
    ("pending_head", "ALL OR ticket_number = TICKETS", "ALL OR ticket_number = TICKETS OR HANDLES"),
    ("checkpoint", "ALL", "ALL"),
    ("checkpoint_entry", "ALL", "ALL"),
    ("audit_record", "ALL", "ALL"),
    ("restore_entry", "ALL", "ALL"),
    // Units are never told of calls.
    ("call", "ALL", "ALL"),
    ("call_key", "ALL", "ALL"),
    ("call_seat", "ALL", "ALL"),
    ("encrypted_call", "ALL", "ALL"),
    ("call_rollup", "ALL", "ALL"),
    // Nor of seats.
    ("seat_revision", "ALL", "ALL"),
    ("skill", "ALL", "ALL"),
    ("shift", "ALL", "ALL"),
    ("seat", "ALL", "ALL"),
    ("seat_skill", "ALL", "ALL"),
    ("seat_rollup", "ALL", "ALL"),
    ("seat_call", "ALL", "ALL"),
    ("three_way_call", "ALL", "ALL"),
    ("call_back", "ALL", "ALL"),
    // What a unit on duty reads is decided by its rosters.
    ("roster", "ALL", "ALL"),
    ("dispatch_advice", "ALL", "ALL"),
    ("unit_absence", "ALL OR unit = UNIT", "ALL"),
    ("text_template", "ALL OR unit IS NULL OR unit = UNIT", "ALL"),
    ("unit_transfer", "ALL", "ALL"),
    // What a unit may see of a search is decided by the tickets that it finds.
    ("feed_set_aside", "ALL", "ALL"),
    ("search_index", "ALL", "ALL"),
    ("search_document", "ALL", "ALL"),
    ("search_posting", "ALL", "ALL"),
    // The assessment is read by the server's own connections, which check whose lines they show.
    ("analysis_ticket", "ALL", "ALL"),
    ("policy_issue", "ALL OR unit = UNIT", "ALL"),
    ("assessment_state", "ALL", "ALL"),
    ("assessment_fact", "ALL", "ALL"),
    ("assessment_case", "ALL", "ALL"),
    ("assessment_rollup", "ALL", "ALL"),
    ("assessment_exclusion", "ALL", "ALL"),
    ("assessment_scheme", "ALL", "ALL"),
    ("assessment_publication", "ALL", "ALL"),
    ("assessment_publication_state", "ALL", "ALL"),
    ("assessment_ranking", "ALL", "ALL"),
    ("suggestion_log", "ALL", "ALL"),
    ("follow_up_lease", "ALL", "ALL"),
    // Units are not told what the company is told.
    ("message_state", "ALL", "ALL"),
    ("message_template", "ALL", "ALL"),
    ("message_choice", "ALL", "ALL"),
    ("company_message", "ALL", "ALL"),
    ("client", "ALL", "ALL"),
    ("client_credential", "ALL", "ALL"),
    ("heartbeat", "ALL", "ALL"),
    ("database_identity", "ALL", "ALL"),
];

/// The percentage of a page that new tickets fill. A ticket changes about six times. If a new version does not fit on
/// the page, all its indexes change too.
const FILL_FACTOR: &str = "ALTER TABLE ticket SET (fillfactor = 75)";

/// A policy's condition with the abbreviations expanded.
fn expanded(rule: &str) -> String {
    NAMES.iter().fold(rule.to_owned(), |rule, (name, what)| rule.replace(name, what))
}

/// The statements that create the policies.
pub(super) fn statements() -> Vec<String> {
    let policies = POLICIES.iter().flat_map(|(table, read, write)| {
        let (read, write) = (expanded(read), expanded(write));
        [
            format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"),
            format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY"),
            format!("CREATE POLICY unit_scope ON {table} USING ({read}) WITH CHECK ({write})"),
        ]
    });
    let functions = FUNCTIONS.iter().map(|function| (*function).to_owned());
    functions.chain(policies).chain([FILL_FACTOR.to_owned()]).collect()
}
