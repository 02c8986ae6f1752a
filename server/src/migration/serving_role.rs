//! The role that a server connects with on PostgreSQL. It owns nothing, cannot change the schema, has only the rights
//! on tables that the code needs, and can only add to append-only tables. The owner of the tables makes it with
//! `hotline-server migrate --serving-role`.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait as _};

use super::append_only::APPEND_ONLY;

/// The longest name of a role, in bytes; PostgreSQL cuts longer ones.
const NAME_BYTES_MAX: usize = 63;
/// Tables that no code deletes from.
const NEVER_DELETED: [&str; 41] = [
    "call",
    "call_key",
    "call_rollup",
    "call_seat",
    "encrypted_call",
    "seat_revision",
    "skill",
    "shift",
    "seat",
    "seat_call",
    "seat_rollup",
    "three_way_call",
    "call_back",
    "roster",
    "dispatch_advice",
    "ticket",
    "own_intake",
    "encrypted_identity",
    "attachment_file",
    "reveal_approval",
    "vault_key",
    "rung_effect",
    "digest",
    "digest_unit",
    "unit",
    "unit_transfer",
    "topic",
    "text_template",
    "policy_issue",
    "article",
    "article_state",
    "knowledge_gap",
    "suggestion_training",
    "policy_document",
    "calendar_document",
    "assessment_exclusion",
    "assessment_scheme",
    "assessment_publication_state",
    "message_state",
    "message_choice",
    "company_message",
];

/// The rights of a role on each table of the schema.
const TABLES: &str = "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = \
                      current_schema()::regnamespace ORDER BY relname";

async fn texts(db: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, DbErr> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

async fn holds(db: &impl ConnectionTrait, sql: &str) -> Result<bool, DbErr> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    row.map_or(Ok(false), |row| row.try_get_by_index(0))
}

/// Whether this connection may change the schema: it owns the tables, or there are none yet. SQLite has no roles.
///
/// # Errors
/// If the database refuses.
pub async fn may_migrate(db: &DatabaseConnection) -> Result<bool, DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(true);
    }
    let is_foreign = "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = 'ticket' AND relkind = 'r' \
                      AND relnamespace = current_schema()::regnamespace AND NOT pg_has_role(relowner, 'USAGE'))";
    holds(db, is_foreign).await.map(|is_foreign| !is_foreign)
}

/// The rights of the serving role on a table.
fn rights(table: &str) -> &'static str {
    if table == "seaql_migrations" {
        "SELECT"
    } else if APPEND_ONLY.contains(&table) {
        "SELECT, INSERT"
    } else if NEVER_DELETED.contains(&table) {
        "SELECT, INSERT, UPDATE"
    } else {
        "SELECT, INSERT, UPDATE, DELETE"
    }
}

/// Gives a role the rights that serving needs, and takes away all others. The owner runs it after each migration.
///
/// # Errors
/// If the database is not PostgreSQL, has no such role, or refuses.
pub async fn grant(db: &DatabaseConnection, role: &str) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Err(DbErr::Custom("SQLite has no roles; --serving-role is for PostgreSQL".to_owned()));
    }
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if role.is_empty() || role.len() > NAME_BYTES_MAX || !role.bytes().all(is_letter) {
        return Err(DbErr::Custom(format!("--serving-role {role:?}: lower-case letters, digits and _")));
    }
    let exists = format!("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}')");
    if !holds(db, &exists).await? {
        return Err(DbErr::Custom(format!("there is no role {role}; CREATE ROLE {role} LOGIN PASSWORD '…'")));
    }
    let all = db.begin().await?;
    let schema = texts(&all, "SELECT quote_ident(current_schema())").await?.pop().unwrap_or_default();
    for statement in [
        format!("REVOKE ALL ON SCHEMA {schema} FROM \"{role}\""),
        format!("GRANT USAGE ON SCHEMA {schema} TO \"{role}\""),
        format!("REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, \"{role}\""),
    ] {
        all.execute_unprepared(&statement).await?;
    }
    for table in texts(&all, TABLES).await? {
        let granted = format!("GRANT {} ON {schema}.\"{table}\" TO \"{role}\"", rights(&table));
        all.execute_unprepared(&granted).await?;
    }
    all.commit().await
}

/// What weakens row-level security on this connection, one sentence each; empty for a serving role, and for SQLite,
/// which has no row-level security.
///
/// # Errors
/// If the database refuses.
pub async fn weaknesses(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(Vec::new());
    }
    let mut weak = Vec::new();
    let bypasses = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
    if holds(db, bypasses).await? {
        weak.push(
            "row-level security does not hold for this role: a superuser, or one with BYPASSRLS".to_owned(),
        );
    }
    if may_migrate(db).await? {
        weak.push("the server serves as the owner of its tables; give it a serving role".to_owned());
    }
    let names = APPEND_ONLY.iter().map(|table| format!("'{table}'")).collect::<Vec<_>>().join(", ");
    let open = format!(
        "SELECT relname::text FROM pg_class WHERE relname IN ({names}) AND relkind = 'r' AND relnamespace = \
         current_schema()::regnamespace AND has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE') ORDER BY relname"
    );
    for table in texts(db, &open).await? {
        weak.push(format!("this role could change {table}, which is append-only"));
    }
    Ok(weak)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_append_only_can_be_changed() {
        for table in APPEND_ONLY {
            assert_eq!(rights(table), "SELECT, INSERT", "{table}");
        }
        assert_eq!(rights("ticket"), "SELECT, INSERT, UPDATE");
        assert_eq!(rights("ticket_unit"), "SELECT, INSERT, UPDATE, DELETE");
        assert_eq!(rights("seaql_migrations"), "SELECT");
    }
}
