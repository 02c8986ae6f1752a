//! Every policy that a ticket was ever taken in under. A ticket keeps its policy, so one that is still needed must be
//! found again after the configuration has changed: documents are stored by version and never changed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::Policy;
use crate::platform::{Clock, Fault, Store};

/// The table of policy documents.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "policy_document")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: String,
        pub first_used_at: i64,
        pub document: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The policy in force, and every earlier one by its version.
#[derive(Debug, Clone)]
pub struct PolicyBook {
    current: Arc<Policy>,
    current_version: Arc<str>,
    known: Arc<RwLock<HashMap<String, Arc<Policy>>>>,
}

impl PolicyBook {
    /// Opens the book with a policy in force, and stores its document where it is new.
    ///
    /// # Errors
    /// What the database refuses with.
    pub async fn open(store: &Store, clock: &Clock, current: Policy) -> Result<Self, Fault> {
        let version = current.version();
        let document = serde_json::to_string(&current).map_err(|error| Fault::internal(error.to_string()))?;
        let stored = version.clone();
        store
            .work(clock, move |work| {
                let document = row::ActiveModel {
                    version: Set(stored.clone()),
                    first_used_at: Set(work.now().timestamp_micros()),
                    document: Set(document.clone()),
                };
                Box::pin(async move {
                    // The first document of a version is the document of that version.
                    row::Entity::insert(document)
                        .on_conflict_do_nothing()
                        .exec_without_returning(&work.tx)
                        .await?;
                    Ok(())
                })
            })
            .await?;
        let current = Arc::new(current);
        let known = HashMap::from([(version.clone(), Arc::clone(&current))]);
        Ok(Self { current, current_version: version.into(), known: Arc::new(RwLock::new(known)) })
    }

    /// The policy in force.
    #[must_use]
    pub fn current(&self) -> &Policy {
        &self.current
    }

    /// Its version.
    #[must_use]
    pub fn current_version(&self) -> &str {
        &self.current_version
    }

    /// The policy of a version, as a ticket names it.
    ///
    /// # Errors
    /// What the database refuses with; a fault of ours where the document is missing or can't be read.
    pub async fn of(&self, db: &impl ConnectionTrait, version: &str) -> Result<Arc<Policy>, Fault> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(version).cloned();
        if let Some(policy) = known {
            return Ok(policy);
        }
        let found = row::Entity::find_by_id(version).one(db).await?;
        let found = found.ok_or_else(|| Fault::internal(format!("no policy document {version}")))?;
        let policy: Policy = serde_json::from_str(&found.document)
            .map_err(|error| Fault::internal(format!("policy document {version}: {error}")))?;
        let policy = Arc::new(policy);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(version.to_owned(), Arc::clone(&policy));
        Ok(policy)
    }
}
