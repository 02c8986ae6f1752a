//! The table of models. The newest version of each kind is in use; a few older ones are kept.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder as _, QuerySelect as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::calibration::Calibration;
use super::learn::TrainedModel;
use super::model::Model;
use super::model_bytes::NotAModel;
use crate::audit_log::records;
use crate::platform::{Fault, Work};
use crate::ticket::Actor;

/// Versions of each kind that are kept.
const VERSIONS_MAX: i32 = 3;
/// How long a server may train before another one may begin. The bound on the work is much less.
const CLAIM: chrono::TimeDelta = chrono::TimeDelta::minutes(15);

/// What a model suggests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModelKind {
    /// The topic of a text.
    Topic,
    /// The unit that leads.
    Unit,
}

impl ModelKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Topic, Self::Unit];

    pub(super) const fn stored(self) -> i16 {
        match self {
            Self::Topic => 1,
            Self::Unit => 2,
        }
    }

    pub(super) fn of_stored(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.stored() == number)
    }

    /// Its name in versions.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Unit => "unit",
        }
    }
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "suggestion_model")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: i16,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub trained_at: i64,
        pub texts: i32,
        pub texts_hash: Vec<u8>,
        pub calibration: String,
        pub content_hash: Vec<u8>,
        pub content: Vec<u8>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `suggestion_training`: who may train.
mod training {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "suggestion_training")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i16,
        pub claimed_until: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A version of a model, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelVersion {
    /// The version, from 1.
    pub version: i32,
    /// The hash of the texts that it was learnt from.
    pub texts_hash: Vec<u8>,
}

/// The newest version of a kind, if there is one.
///
/// # Errors
/// If the database refuses.
pub async fn newest(db: &impl ConnectionTrait, kind: ModelKind) -> Result<Option<ModelVersion>, Fault> {
    use row::Column;
    let newest = row::Entity::find()
        .select_only()
        .columns([Column::Version, Column::TextsHash])
        .filter(Column::Kind.eq(kind.stored()))
        .order_by_desc(Column::Version);
    let newest: Option<(i32, Vec<u8>)> = newest.into_tuple().one(db).await?;
    Ok(newest.map(|(version, texts_hash)| ModelVersion { version, texts_hash }))
}

/// A model with its calibration.
///
/// # Errors
/// An internal error if its bytes are not those that were stored; if the database refuses.
pub async fn load(
    db: &impl ConnectionTrait,
    kind: ModelKind,
    version: i32,
) -> Result<Option<(Model, Calibration)>, Fault> {
    let found = row::Entity::find_by_id((kind.stored(), version)).one(db).await?;
    let Some(row) = found else { return Ok(None) };
    // Its bytes may be many.
    let read = tokio::task::spawn_blocking(move || read(&row)).await;
    let read = read.unwrap_or(Err("the task that reads it was cancelled"));
    let broken = |what| Fault::internal(format!("the model {}-{version}: {what}", kind.name()));
    read.map(Some).map_err(broken)
}

fn read(row: &row::Model) -> Result<(Model, Calibration), &'static str> {
    if Sha256::digest(&row.content).as_slice() != row.content_hash {
        return Err("its hash is another one");
    }
    let model = Model::from_bytes(&row.content).map_err(|NotAModel| "its bytes are not a model")?;
    let calibration = serde_json::from_str(&row.calibration).map_err(|_| "its calibration can't be read")?;
    Ok((model, calibration))
}

/// A new model and the hash of the texts that it was learnt from.
#[derive(Debug, Clone)]
pub struct NewModel {
    /// What it suggests.
    pub kind: ModelKind,
    /// The model, and how good it is.
    pub learned: TrainedModel,
    /// The hash of the texts.
    pub texts_hash: Vec<u8>,
}

/// Stores a model as the next version, with an audit record, and deletes the oldest; returns the version.
///
/// # Errors
/// If the database refuses.
pub async fn add(work: &Work, new: &NewModel) -> Result<i32, Fault> {
    let NewModel { kind, learned, texts_hash } = new;
    let version = newest(&work.tx, *kind).await?.map_or(0, |newest| newest.version) + 1;
    let content = learned.model.to_bytes();
    let content_hash = Sha256::digest(&content).to_vec();
    let calibration = serde_json::to_string(&learned.calibration)
        .map_err(|error| Fault::internal(format!("a calibration: {error}")))?;
    let texts = i32::try_from(learned.texts).unwrap_or(i32::MAX);
    let row = row::ActiveModel {
        kind: Set(kind.stored()),
        version: Set(version),
        trained_at: Set(work.now().timestamp_micros()),
        texts: Set(texts),
        texts_hash: Set(texts_hash.clone()),
        calibration: Set(calibration),
        content_hash: Set(content_hash.clone()),
        content: Set(content),
    };
    row::Entity::insert(row).exec_without_returning(&work.tx).await?;
    row::Entity::delete_many()
        .filter(row::Column::Kind.eq(kind.stored()))
        .filter(row::Column::Version.lte(version - VERSIONS_MAX))
        .exec(&work.tx)
        .await?;
    let subject = format!("suggestion_model/{}-{version}", kind.name());
    let details = json!({ "texts": texts, "sha256": hex::encode(&content_hash) });
    records::record(work, &Actor::system(), "TrainSuggestions", &subject, details).await?;
    Ok(version)
}

/// Claims the training; false if another server trains.
///
/// # Errors
/// If the database refuses.
pub async fn claim(work: &Work) -> Result<bool, Fault> {
    use training::Column;
    let now = work.now().timestamp_micros();
    let claimed = training::Entity::update_many()
        .col_expr(Column::ClaimedUntil, Expr::value((work.now() + CLAIM).timestamp_micros()))
        .filter(Column::ClaimedUntil.lte(now))
        .exec(&work.tx)
        .await?;
    Ok(claimed.rows_affected == 1)
}

/// Ends a claim.
///
/// # Errors
/// If the database refuses.
pub async fn release(work: &Work) -> Result<(), Fault> {
    let released =
        training::Entity::update_many().col_expr(training::Column::ClaimedUntil, Expr::value(0_i64));
    released.exec(&work.tx).await?;
    Ok(())
}
