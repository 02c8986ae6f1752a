//! Tickets that a follower of the feed cannot read, because a row was damaged. One such ticket must not stop the
//! follower for all others. It is set aside: a row names it, the log says so once, a metric counts it, and the follower
//! tries it again until it can be read. What was stored about it stays as it was.

use std::collections::BTreeSet;

use hotline_proto::v1::ErrorReason;
use metrics::gauge;
use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;

use crate::platform::metrics::{FOLLOWER, TICKETS_SET_ASIDE};
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "feed_set_aside")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub follower: i16,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What follows the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedFollower {
    /// The facts of the assessment and the rows of the analysis.
    Assessment,
    /// The index of the search.
    Search,
}

/// A ticket that could not be read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedTicket {
    /// Its number.
    pub number: i64,
    /// Why, for the log.
    pub detail: String,
}

impl FeedFollower {
    const fn stored(self) -> i16 {
        match self {
            Self::Assessment => 1,
            Self::Search => 2,
        }
    }

    /// Its name in metrics and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assessment => "assessment",
            Self::Search => "search",
        }
    }

    /// The tickets that are set aside.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn set_aside(self, db: &impl ConnectionTrait) -> Result<BTreeSet<i64>, Fault> {
        let numbers = row::Entity::find()
            .select_only()
            .column(row::Column::TicketNumber)
            .filter(row::Column::Follower.eq(self.stored()));
        let numbers: Vec<i64> = numbers.into_tuple().all(db).await?;
        Ok(numbers.into_iter().collect())
    }

    /// Sets the metric.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn count(self, db: &impl ConnectionTrait) -> Result<u64, Fault> {
        let all = row::Entity::find().filter(row::Column::Follower.eq(self.stored()));
        let count = all.count(db).await?;
        gauge!(TICKETS_SET_ASIDE, FOLLOWER => self.name())
            .set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        Ok(count)
    }

    /// Notes which of some tickets could not be read; those that could are not set aside any more. Answers those that
    /// were not set aside before, for the log.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn note(
        self,
        work: &Work,
        tried: &[i64],
        damaged: Vec<DamagedTicket>,
    ) -> Result<Vec<DamagedTicket>, Fault> {
        let before = self.set_aside(&work.tx).await?;
        let is_damaged = |number: &i64| damaged.iter().any(|one| one.number == *number);
        let readable: Vec<i64> =
            tried.iter().copied().filter(|number| before.contains(number) && !is_damaged(number)).collect();
        if !readable.is_empty() {
            let rows = row::Entity::delete_many()
                .filter(row::Column::Follower.eq(self.stored()))
                .filter(row::Column::TicketNumber.is_in(readable));
            rows.exec(&work.tx).await?;
        }
        let new: Vec<_> = damaged.into_iter().filter(|one| !before.contains(&one.number)).collect();
        let rows = new
            .iter()
            .map(|one| row::ActiveModel { follower: Set(self.stored()), ticket_number: Set(one.number) });
        let mut writes = Writes::new(work);
        writes.insert_missing(rows.collect::<Vec<_>>())?;
        writes.execute(work).await?;
        Ok(new)
    }

    /// Logs tickets that were set aside just now. The transaction that noted them is committed.
    pub fn log(self, new: &[DamagedTicket]) {
        for one in new {
            tracing::error!(
                ticket = one.number,
                follower = self.name(),
                error = one.detail,
                "ticket cannot be read; the follower continues without it"
            );
        }
    }
}

/// Whether a fault says that rows can't be read, and not that the database is away.
#[must_use]
pub fn is_damage(fault: &Fault) -> bool {
    fault.reason == ErrorReason::Internal && !fault.is_conflict && !fault.is_outcome_unknown
}
