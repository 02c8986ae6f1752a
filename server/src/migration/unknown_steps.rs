//! Databases that another build has migrated: a development build before 0.1.0, whose schema no release can read, or a
//! newer release.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// The table with the names of the applied steps, if there are any.
const TABLE: &str = "seaql_migrations";

/// Refuses a database with applied steps of other names.
pub(super) async fn refuse(db: &impl ConnectionTrait, known: &[String]) -> Result<(), DbErr> {
    let mut unknown = taken(db).await?;
    unknown.retain(|name| !known.contains(name));
    if unknown.is_empty() {
        return Ok(());
    }
    Err(DbErr::Custom(format!(
        "this database was made by a development build before 0.1.0, or by a newer release: it has taken the migration steps \
         {}, which this build does not have. Nothing was changed. A database of a development build cannot be converted; \
         start with an empty one",
        unknown.join(", ")
    )))
}

/// The names of the applied steps, in order.
async fn taken(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let listed = match backend {
        DbBackend::Postgres => format!(
            "SELECT COUNT(*) FROM pg_class WHERE relname = '{TABLE}' AND relkind = 'r' \
             AND relnamespace = current_schema()::regnamespace"
        ),
        _ => format!("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '{TABLE}'"),
    };
    let row = db.query_one_raw(Statement::from_string(backend, listed)).await?;
    let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
    if count == 0 {
        return Ok(Vec::new());
    }
    let names = format!("SELECT version FROM {TABLE} ORDER BY version");
    let rows = db.query_all_raw(Statement::from_string(backend, names)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
