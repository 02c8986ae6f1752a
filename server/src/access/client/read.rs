//! Reads clients and credentials: one, a page, and the changes since a revision.
//!
//! These queries take no scope: only administrators and the client cache, which authenticates every caller, use them.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::rows::{client, client_of, credential, credential_of, revision};
use super::{Client, Credential};
use crate::platform::Fault;

/// The key of the only row.
pub(super) const REVISION: i16 = 1;

/// The revision of the last change that has been committed.
///
/// # Errors
/// Refusals of the database.
pub async fn revision(db: &impl ConnectionTrait) -> Result<i64, Fault> {
    let row = revision::Entity::find_by_id(REVISION).one(db).await?;
    Ok(row.ok_or_else(|| Fault::internal("the clients' revision is missing"))?.revision)
}

/// The clients that have changed since a revision.
///
/// # Errors
/// Refusals of the database, or a row that can't be read.
pub async fn clients_since(db: &impl ConnectionTrait, revision: i64) -> Result<Vec<Client>, Fault> {
    let changed = client::Entity::find().filter(client::Column::Revision.gt(revision)).all(db).await?;
    changed.into_iter().map(client_of).collect()
}

/// The credentials that have changed since a revision.
///
/// # Errors
/// Refusals of the database, or a row that can't be read.
pub async fn credentials_since(db: &impl ConnectionTrait, revision: i64) -> Result<Vec<Credential>, Fault> {
    let changed =
        credential::Entity::find().filter(credential::Column::Revision.gt(revision)).all(db).await?;
    changed.into_iter().map(credential_of).collect()
}

/// A client by its name.
///
/// # Errors
/// Refusals of the database, or a row that can't be read.
pub async fn find(db: &impl ConnectionTrait, principal: &str) -> Result<Option<Client>, Fault> {
    client::Entity::find_by_id(principal).one(db).await?.map(client_of).transpose()
}

/// A credential by its id.
///
/// # Errors
/// Refusals of the database, or a row that can't be read.
pub async fn find_credential(db: &impl ConnectionTrait, id: &str) -> Result<Option<Credential>, Fault> {
    credential::Entity::find_by_id(id).one(db).await?.map(credential_of).transpose()
}

/// A client's credentials, the oldest first, at most `limit`.
///
/// # Errors
/// Refusals of the database, or a row that can't be read.
pub async fn credentials_of(
    db: &impl ConnectionTrait,
    principal: &str,
    limit: u64,
) -> Result<Vec<Credential>, Fault> {
    let rows = credential::Entity::find()
        .filter(credential::Column::Principal.eq(principal))
        .order_by_asc(credential::Column::IssuedAt)
        .order_by_asc(credential::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(credential_of).collect()
}

/// A filter of clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientFilter {
    /// Only clients that are, or are not, revoked.
    pub is_revoked: Option<bool>,
    /// Only clients that act for this unit.
    pub unit: Option<String>,
}

/// Clients by name, after a name, at most `limit`.
///
/// # Errors
/// Refusals of the database, or a row that can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &ClientFilter,
    behind: Option<&str>,
    limit: u64,
) -> Result<Vec<Client>, Fault> {
    let mut query = client::Entity::find().order_by_asc(client::Column::Principal).limit(limit);
    match filter.is_revoked {
        Some(true) => query = query.filter(client::Column::RevokedAt.is_not_null()),
        Some(false) => query = query.filter(client::Column::RevokedAt.is_null()),
        None => {}
    }
    if let Some(unit) = &filter.unit {
        query = query.filter(client::Column::Unit.eq(unit.as_str()));
    }
    if let Some(behind) = behind {
        query = query.filter(client::Column::Principal.gt(behind));
    }
    query.all(db).await?.into_iter().map(client_of).collect()
}
