//! The triggers that refuse changes of rows in append-only tables, for every role.

use crate::migration::append_only::APPEND_ONLY;

/// The function of the triggers on PostgreSQL.
const POSTGRES_FUNCTION: &str = "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$";

/// The statements that make them.
pub(super) fn statements(is_postgres: bool) -> Vec<String> {
    if is_postgres {
        let triggers = APPEND_ONLY.iter().map(|table| {
            format!(
                "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
                 FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
            )
        });
        return std::iter::once(POSTGRES_FUNCTION.to_owned()).chain(triggers).collect();
    }
    let trigger = |table: &str, name: &str, what: &str| {
        format!(
            "CREATE TRIGGER {table}_{name} BEFORE {what} ON {table}
             BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    };
    let both = |table: &&str| [trigger(table, "no_update", "UPDATE"), trigger(table, "no_delete", "DELETE")];
    APPEND_ONLY.iter().flat_map(both).collect()
}
