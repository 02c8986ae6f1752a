//! Published months. The bytes of a manifest and of its rankings are stored when they are proposed, and never change. A
//! correction is the next number of the month.

use hotline_proto::v1::ErrorReason;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{QueryOrder as _, QuerySelect as _};
use serde::{Deserialize, Serialize};

use super::Step;
use super::month_documents::MonthDocuments;
use super::rows::month_of;
use super::score::Month;
use crate::platform::{Fault, Work};

pub(super) mod publication_row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "assessment_publication")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub manifest: Vec<u8>,
        pub sha256: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod state_row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "assessment_publication_state")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub revision: i32,
        pub state: i16,
        pub document: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod ranking_row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "assessment_ranking")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit_group: i16,
        pub document: Vec<u8>,
        pub sha256: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Where a publication is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicationState {
    /// Proposed.
    Proposed,
    /// Published.
    Published,
    /// Another proposal took its place.
    Replaced,
}

impl PublicationState {
    const fn stored(self) -> i16 {
        match self {
            Self::Proposed => 1,
            Self::Published => 2,
            Self::Replaced => 3,
        }
    }

    const fn of_stored(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Proposed),
            2 => Some(Self::Published),
            3 => Some(Self::Replaced),
            _ => None,
        }
    }
}

/// The history of a publication, stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicationHistory {
    /// The scheme that counted it.
    pub scheme_number: u32,
    /// The calendar at the end of the month.
    pub calendar_version: String,
    /// The SHA-256 of the manifest.
    pub sha256: String,
    /// Who proposed it.
    pub proposed: Step,
    /// Who approved it.
    pub approved: Option<Step>,
}

/// A publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The month.
    pub month: Month,
    /// Its number in the month, from 1.
    pub number: u32,
    /// 1 for a new one; the etag is made from it.
    pub revision: u32,
    /// Where it is.
    pub state: PublicationState,
    /// Its history.
    pub history: PublicationHistory,
}

impl Publication {
    /// The etag: changes with every change.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("v{}", self.revision)
    }
}

fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn publication_of(row: &state_row::Model) -> Result<Publication, Fault> {
    let broken = |what: &dyn std::fmt::Display| {
        Fault::internal(format!("publication {} of {}: {what}", row.number, row.month))
    };
    Ok(Publication {
        month: month_of(row.month)?,
        number: row.number.unsigned_abs(),
        revision: row.revision.unsigned_abs(),
        state: PublicationState::of_stored(row.state).ok_or_else(|| broken(&"unknown state"))?,
        history: serde_json::from_str(&row.document).map_err(|error| broken(&error))?,
    })
}

fn row_of(one: &Publication) -> Result<state_row::ActiveModel, Fault> {
    let document = serde_json::to_string(&one.history).map_err(|error| Fault::internal(error.to_string()))?;
    Ok(state_row::ActiveModel {
        month: Set(one.month.number()),
        number: Set(whole(one.number)),
        revision: Set(whole(one.revision)),
        state: Set(one.state.stored()),
        document: Set(document),
    })
}

/// The publications of a month, the first number first; locked until the unit of work ends.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn lock_month(work: &Work, month: Month) -> Result<Vec<Publication>, Fault> {
    let rows = state_row::Entity::find()
        .filter(state_row::Column::Month.eq(month.number()))
        .order_by_asc(state_row::Column::Number)
        .lock_exclusive()
        .all(&work.tx)
        .await?;
    rows.iter().map(publication_of).collect()
}

/// Adds a publication with its bytes.
///
/// # Errors
/// A conflict if another one takes the number at the same time; if the database refuses.
pub(super) async fn add(work: &Work, one: &Publication, documents: &MonthDocuments) -> Result<(), Fault> {
    let (month, number) = (one.month.number(), whole(one.number));
    let row = publication_row::ActiveModel {
        month: Set(month),
        number: Set(number),
        manifest: Set(documents.manifest.clone()),
        sha256: Set(one.history.sha256.clone()),
    };
    publication_row::Entity::insert(row).exec_without_returning(&work.tx).await?;
    for ranking in &documents.rankings {
        let row = ranking_row::ActiveModel {
            month: Set(month),
            number: Set(number),
            unit_group: Set(ranking.group.stored()),
            document: Set(ranking.document.clone()),
            sha256: Set(ranking.sha256.clone()),
        };
        ranking_row::Entity::insert(row).exec_without_returning(&work.tx).await?;
    }
    state_row::Entity::insert(row_of(one)?).exec_without_returning(&work.tx).await?;
    Ok(())
}

/// Stores where a publication is, as its next revision.
///
/// # Errors
/// If the database refuses.
pub(super) async fn update(work: &Work, mut one: Publication) -> Result<Publication, Fault> {
    one.revision += 1;
    let mut row = row_of(&one)?;
    row.month = Unchanged(one.month.number());
    row.number = Unchanged(whole(one.number));
    state_row::Entity::update(row).exec(&work.tx).await?;
    Ok(one)
}

/// Whether a month is published.
///
/// # Errors
/// If the database refuses.
pub(super) async fn is_published(db: &impl ConnectionTrait, month: Month) -> Result<bool, Fault> {
    Ok(last_published(db, month).await?.is_some())
}

/// The last publication of a month.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn last_published(
    db: &impl ConnectionTrait,
    month: Month,
) -> Result<Option<Publication>, Fault> {
    let published = state_row::Entity::find()
        .filter(state_row::Column::Month.eq(month.number()))
        .filter(state_row::Column::State.eq(PublicationState::Published.stored()))
        .order_by_desc(state_row::Column::Number);
    published.one(db).await?.as_ref().map(publication_of).transpose()
}

/// A published number of a month.
///
/// # Errors
/// `MONTH_NOT_PUBLISHED`.
pub(super) async fn published(
    db: &impl ConnectionTrait,
    month: Month,
    number: u32,
) -> Result<Publication, Fault> {
    let found = if number == 0 {
        last_published(db, month).await?
    } else {
        let row = state_row::Entity::find_by_id((month.number(), whole(number))).one(db).await?;
        row.as_ref().map(publication_of).transpose()?
    };
    found
        .filter(|one| one.state == PublicationState::Published)
        .ok_or_else(|| Fault::new(ErrorReason::MonthNotPublished).with("month", month.to_string()))
}

/// Publications by falling month and number, after one of them.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    is_published_only: bool,
    after: Option<(i32, i32)>,
    limit: u64,
) -> Result<Vec<Publication>, Fault> {
    use state_row::Column;
    let mut query =
        state_row::Entity::find().order_by_desc(Column::Month).order_by_desc(Column::Number).limit(limit);
    if is_published_only {
        query = query.filter(Column::State.eq(PublicationState::Published.stored()));
    }
    if let Some((month, number)) = after {
        let key = Expr::tuple([Expr::col(Column::Month), Expr::col(Column::Number)]);
        query = query.filter(key.lt(Expr::tuple([Expr::val(month), Expr::val(number)])));
    }
    query.all(db).await?.iter().map(publication_of).collect()
}
