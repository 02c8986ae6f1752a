//! Restores in the database, and what is done once to a database that was restored from a backup: the signed entry in the
//! chain of seals, the ticket numbers and digest sequences that are skipped, and the record in the audit.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _, Statement};
use serde_json::json;

use super::rows::json as text_of;
use super::seals::{self, row as seal_row};
use super::{audit, numbers};
use crate::platform::hashing::Link;
use crate::platform::{Fault, Work};
use crate::ticket::Actor;
use crate::timeline::signing_key::PublicKey;
use crate::timeline::{ChainEnd, Restore, RestoreEntry, SigningKey};

/// What the audit calls a restore.
pub const METHOD: &str = "RestoreDatabase";
/// Digest sequences of each unit that are skipped: more than a unit could have been given since any backup, so that a
/// reader that knows a later sequence than the backup misses no digest.
const DIGESTS_SKIPPED: i64 = 1_000_000;

/// `restore_entry`.
pub(super) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "restore_entry")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub restored_at: i64,
        pub last_seal: i64,
        pub last_hash: Vec<u8>,
        pub abandoned_seal: i64,
        pub abandoned_hash: Vec<u8>,
        pub restored_by: String,
        pub reason: String,
        pub skipped_numbers: String,
        pub public_key: Vec<u8>,
        pub hash: Vec<u8>,
        pub signature: Vec<u8>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl row::Model {
    /// The entry, as far as its cells have the right lengths.
    pub(super) fn read(&self) -> Option<RestoreEntry> {
        let end = |through, hash: &[u8]| Some(ChainEnd { through, link: Link::of(hash)? });
        let restore = Restore {
            number: self.number,
            restored_at: self.restored_at,
            last: end(self.last_seal, &self.last_hash)?,
            abandoned: end(self.abandoned_seal, &self.abandoned_hash)?,
            by: self.restored_by.clone(),
            reason: self.reason.clone(),
            skipped_numbers: self.skipped_numbers.clone(),
        };
        Some(RestoreEntry {
            restore,
            public_key: PublicKey::of(&self.public_key)?,
            hash: Link::of(&self.hash)?,
            signature: self.signature.clone(),
        })
    }
}

/// The rows of all restores, in the order of their numbers.
pub(super) async fn rows(db: &impl ConnectionTrait) -> Result<Vec<row::Model>, Fault> {
    Ok(row::Entity::find().order_by_asc(row::Column::Number).all(db).await?)
}

/// All restores, in the order of their numbers.
///
/// # Errors
/// Where the database can't be reached, or an entry can't be read.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<RestoreEntry>, Fault> {
    let read = |row: &row::Model| {
        row.read().ok_or_else(|| Fault::internal(format!("restore {} can't be read", row.number)))
    };
    rows(db).await?.iter().map(read).collect()
}

/// The end of the chain of seals and restores, and the instant of its last part.
///
/// # Errors
/// Where the database can't be reached, or a part can't be read.
pub async fn chain_end(db: &impl ConnectionTrait) -> Result<(ChainEnd, i64), Fault> {
    let last = seal_row::Entity::find().order_by_desc(seal_row::Column::Number).limit(1).one(db).await?;
    let (end, sealed_at) = match last {
        Some(last) => {
            let link = super::chain::link_of(&last.hash)?;
            (ChainEnd { through: last.number, link }, last.sealed_at)
        }
        None => (ChainEnd::NONE, i64::MIN),
    };
    let restores = all(db).await?;
    let restored_at = restores.iter().map(|entry| entry.restored_at).max().unwrap_or(i64::MIN);
    Ok((end.behind(&restores), sealed_at.max(restored_at)))
}

/// What is known of a restore before the database is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who restores.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The end of the chain that was shipped elsewhere.
    pub shipped: ChainEnd,
    /// The last restore that was shipped elsewhere; 0 for none.
    pub shipped_restore: i64,
    /// The highest sequence of each day that a shipped seal names a ticket of.
    pub given: BTreeMap<NaiveDate, u32>,
}

/// Does to a restored database what makes it go on: skips numbers, and adds the signed entry.
///
/// # Errors
/// Where the database can't be reached.
pub async fn record(work: &Work, key: &SigningKey, request: &Request) -> Result<RestoreEntry, Fault> {
    seals::lock(work).await?;
    let (last, _) = chain_end(&work.tx).await?;
    let abandoned = if request.shipped.through > last.through { request.shipped } else { last };
    let restores = all(&work.tx).await?;
    let known = restores.last().map_or(0, |entry| entry.number);
    let number = known.max(request.shipped_restore) + 1;
    let skipped = numbers::skip(work, &request.given).await?;
    skip_digests(work).await?;
    let restore = Restore {
        number,
        restored_at: work.now().timestamp_micros(),
        last,
        abandoned,
        by: request.by.clone(),
        reason: request.reason.clone(),
        skipped_numbers: text_of(&skipped)?,
    };
    let entry = RestoreEntry::make(work.hash_suite(), key, restore);
    insert(work, &entry).await?;
    // The reason may name people; it stays out of the record.
    let details = json!({
        "restore": number,
        "last_seal": last.through,
        "abandoned_seal": abandoned.through,
        "by": request.by,
    });
    audit::record(work, &Actor::system(), METHOD, audit::HOTLINE_SUBJECT, details).await?;
    Ok(entry)
}

async fn insert(work: &Work, entry: &RestoreEntry) -> Result<(), Fault> {
    let new = row::ActiveModel {
        number: Set(entry.number),
        restored_at: Set(entry.restored_at),
        last_seal: Set(entry.last.through),
        last_hash: Set(entry.last.link.as_bytes().to_vec()),
        abandoned_seal: Set(entry.abandoned.through),
        abandoned_hash: Set(entry.abandoned.link.as_bytes().to_vec()),
        restored_by: Set(entry.by.clone()),
        reason: Set(entry.reason.clone()),
        skipped_numbers: Set(entry.skipped_numbers.clone()),
        public_key: Set(entry.public_key.as_bytes().to_vec()),
        hash: Set(entry.hash.as_bytes().to_vec()),
        signature: Set(entry.signature.clone()),
    };
    row::Entity::insert(new).exec_without_returning(&work.tx).await?;
    Ok(())
}

/// Digests that were given up had sequences that their readers have seen.
async fn skip_digests(work: &Work) -> Result<(), Fault> {
    let backend = work.tx.get_database_backend();
    for sql in [
        "UPDATE digest_unit SET last_sequence = last_sequence + $1",
        "INSERT INTO digest_unit (unit, last_sequence) SELECT code, $1 FROM unit \
         WHERE code NOT IN (SELECT unit FROM digest_unit)",
    ] {
        let values: [sea_orm::Value; 1] = [DIGESTS_SKIPPED.into()];
        work.tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}
