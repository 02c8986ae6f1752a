//! The tables of the feed.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use crate::platform::Fault;

/// `feed`: the entries by position. An entry is an event of a ticket, or a digest of a unit.
pub(super) mod feed {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "feed")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub ticket_number: Option<i64>,
        pub unit: Option<String>,
        pub sequence: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The first and the last position; 0 and 0 in an empty feed. They say nothing about any ticket, so they need no scope.
pub(super) async fn ends(db: &impl ConnectionTrait) -> Result<(i64, i64), Fault> {
    let position = feed::Column::Position;
    let one = || feed::Entity::find().select_only().column(position).limit(1);
    let first: Option<i64> = one().order_by_asc(position).into_tuple().one(db).await?;
    Ok((first.unwrap_or(0), last(db).await?))
}

/// The last position; 0 in an empty feed.
pub(super) async fn last(db: &impl ConnectionTrait) -> Result<i64, Fault> {
    let position = feed::Column::Position;
    let last = feed::Entity::find().select_only().column(position).order_by_desc(position).limit(1);
    let last: Option<i64> = last.into_tuple().one(db).await?;
    Ok(last.unwrap_or(0))
}
