//! Row-level security on PostgreSQL: a connection with the scope of one unit reads only that unit's tickets, even if a
//! query forgets its condition.
//!
//! A connection reads everything if `hotline.scope` is `all`. Otherwise it reads the tickets of `hotline.unit`, and the
//! rows of the one ticket that `hotline.ticket` names, which it may also change. The settings are read once a query.
//! The policies also hold for owners, so that development and tests have the same policies as a server in service.

/// The conditions of the policies, as functions. They read tables for units only, and cost the queries of staff and of
/// the runner nothing. They run as the connected role, so the policies of the tables that they read hold for them too.
const FUNCTIONS: &[&str] = &[
    // Whether the unit is this one, or a sub-unit of it.
    "CREATE FUNCTION scope_is_under(above varchar) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
     DECLARE here varchar := current_setting('hotline.unit', true);
     BEGIN
         FOR level IN 0..100 LOOP
             IF here = above THEN RETURN true; END IF;
             SELECT unit.parent INTO here FROM unit WHERE unit.code = here;
             IF here IS NULL THEN RETURN false; END IF;
         END LOOP;
         RETURN true;
     END $$",
    // Whether a ticket accuses the unit, or one above it.
    "CREATE FUNCTION scope_is_accused(number bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
     BEGIN
         RETURN EXISTS (SELECT 1 FROM ticket_accused AS accused
             WHERE accused.ticket_number = number AND scope_is_under(accused.unit));
     END $$",
    // Whether the unit has a ticket, with a relation up to this one.
    "CREATE FUNCTION scope_has(number bigint, relation_max smallint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
     BEGIN
         RETURN EXISTS (SELECT 1 FROM ticket_unit AS theirs WHERE theirs.ticket_number = number
             AND theirs.unit = current_setting('hotline.unit', true) AND theirs.relation <= relation_max);
     END $$",
];

/// Abbreviations of the policies; in brackets, so that PostgreSQL evaluates them once a query.
///
/// `ALL` is a `CASE` so that the planner estimates row counts correctly. For a comparison of a setting with a text it
/// assumes one row of 200. It would then read and sort every due timer instead of taking the first hundred from their
/// index. For a `CASE` it assumes every second row.
const NAMES: [(&str, &str); 5] = [
    ("ALL", "(CASE WHEN (SELECT current_setting('hotline.scope', true)) = 'all' THEN TRUE ELSE FALSE END)"),
    ("TICKET", "(SELECT NULLIF(current_setting('hotline.ticket', true), '')::bigint)"),
    ("UNIT", "(SELECT current_setting('hotline.unit', true))"),
    ("HANDLES", "scope_has(ticket_number, 2::smallint)"),
    ("HAS", "scope_has(ticket_number, 3::smallint)"),
];

/// Table, condition of reads, and condition of writes.
const POLICIES: [(&str, &str, &str); 21] = [
    (
        "ticket_unit",
        "ALL OR ticket_number = TICKET OR (unit = UNIT AND NOT scope_is_accused(ticket_number))",
        "ALL OR ticket_number = TICKET",
    ),
    (
        "ticket_accused",
        "ALL OR ticket_number = TICKET OR scope_is_under(unit)",
        "ALL OR ticket_number = TICKET",
    ),
    ("ticket", "ALL OR number = TICKET OR scope_has(number, 3::smallint)", "ALL OR number = TICKET"),
    ("ticket_event", "ALL OR ticket_number = TICKET OR HAS", "ALL OR ticket_number = TICKET"),
    ("ticket_timer", "ALL OR ticket_number = TICKET", "ALL OR ticket_number = TICKET"),
    ("rung_effect", "ALL OR ticket_number = TICKET", "ALL OR ticket_number = TICKET"),
    ("digest", "ALL OR unit = UNIT", "ALL"),
    ("digest_unit", "ALL OR unit = UNIT", "ALL"),
    (
        "digest_ticket",
        "ALL OR ticket_number = TICKET OR (unit = UNIT AND HAS)",
        "ALL OR ticket_number = TICKET",
    ),
    // A unit that is only informed is never shown who called, nor is any unit if the ticket is confidential.
    (
        "encrypted_identity",
        "ALL OR ticket_number = TICKET OR (NOT is_confidential AND HANDLES)",
        "ALL OR ticket_number = TICKET",
    ),
    // An access by a unit is recorded, but the unit may not read the record.
    ("identity_access", "ALL", "ALL OR ticket_number = TICKET OR HANDLES"),
    ("reveal_approval", "ALL", "ALL"),
    // An access to an identity leaves a pending head.
    ("pending_head", "ALL OR ticket_number = TICKET", "ALL OR ticket_number = TICKET OR HANDLES"),
    ("checkpoint", "ALL", "ALL"),
    ("checkpoint_entry", "ALL", "ALL"),
    ("audit_record", "ALL", "ALL"),
    ("restore_entry", "ALL", "ALL"),
    ("client", "ALL", "ALL"),
    ("client_credential", "ALL", "ALL"),
    ("heartbeat", "ALL", "ALL"),
    ("database_identity", "ALL", "ALL"),
];

/// The percentage of a page that new tickets fill. A ticket changes about six times. If a new version does not fit on
/// the page, all seven indexes change too.
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
