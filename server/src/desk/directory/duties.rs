//! The table of the duties of units: words that say what a unit answers for. They ship with the directory, and texts
//! are compared with them as long as no ticket is closed.

use sea_orm::{ConnectionTrait, Statement};

use crate::platform::Fault;

pub(super) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "unit_duty")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit: String,
        pub words: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The codes of active units with their words, by code, at most `limit`. The name stands in for missing duties.
///
/// # Errors
/// If the database refuses.
pub async fn words(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<(String, String)>, Fault> {
    let sql = format!(
        "SELECT unit.code, COALESCE(unit_duty.words, unit.name) FROM unit LEFT JOIN unit_duty \
         ON unit_duty.unit = unit.code WHERE unit.is_active ORDER BY unit.code LIMIT {limit}"
    );
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}
