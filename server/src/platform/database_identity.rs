//! The use of a database: real tickets, or a simulation. It is set when the first server opens it, and never changed. A
//! simulated clock must not fire the rungs of real tickets, nor a real clock those of a simulation.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use crate::platform::{Clock, Fault, Store, Work, random};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "deployment")]
    pub(crate) struct Model {
        /// Always 1: there is one row.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i16,
        pub is_simulated: bool,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Claims a new database for this clock's kind; returns whether an existing one is of the same kind.
///
/// # Errors
/// Refusals of the database.
pub async fn fits(store: &Store, clock: &Clock) -> Result<bool, Fault> {
    let is_simulated = clock.is_simulated();
    let claim = async |work: &Work, is_simulated: &bool| {
        if let Some(found) = row::Entity::find_by_id(1_i16).one(&work.tx).await? {
            return Ok(found.is_simulated == *is_simulated);
        }
        let claim = row::ActiveModel { id: Set(1), is_simulated: Set(*is_simulated) };
        row::Entity::insert(claim).exec_without_returning(&work.tx).await?;
        Ok(true)
    };
    store.run(clock, is_simulated, claim).await
}

mod identity {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "database_identity")]
    pub(crate) struct Model {
        /// Always 1: there is one row.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i16,
        pub database_id: String,
        pub created_at: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The id of the database, if it has one.
///
/// # Errors
/// Refusals of the database.
pub async fn database_id(db: &impl ConnectionTrait) -> Result<Option<String>, Fault> {
    Ok(identity::Entity::find_by_id(1_i16).one(db).await?.map(|row| row.database_id))
}

/// The id of the database. If it has none, it gets this one, or a random one. It never changes, and copies keep it.
///
/// # Errors
/// Refusals of the database; if the operating system gives no randomness.
pub async fn give_database_id(store: &Store, clock: &Clock, wanted: Option<String>) -> Result<String, Fault> {
    let random = random::id().map_err(|error| Fault::internal(error.to_string()))?;
    let wanted = wanted.unwrap_or_else(|| random.to_string());
    let give = async |work: &Work, wanted: &String| {
        if let Some(found) = database_id(&work.tx).await? {
            return Ok(found);
        }
        let new = identity::ActiveModel {
            id: Set(1),
            database_id: Set(wanted.clone()),
            created_at: Set(work.now().timestamp_micros()),
        };
        identity::Entity::insert(new).exec_without_returning(&work.tx).await?;
        Ok(wanted.clone())
    };
    store.run(clock, wanted, give).await
}
