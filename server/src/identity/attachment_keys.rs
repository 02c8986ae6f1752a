//! `attachment_file`: the wrapped key of each attachment, and whether its scan has ended. The bytes are outside the
//! database, encrypted under the key.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{DbBackend, QueryOrder as _, QuerySelect as _};

use super::rows::version_number;
use super::vault::{Vault, WrappedKey};
use crate::platform::{Fault, Work};
use crate::ticket::{Instant, TicketNumber};

/// The state of a row that waits for a scan.
const WAITING: i16 = 0;
/// The state of a row whose file may be read.
const CLEAN: i16 = 1;
/// The state of a row whose file is to be removed.
const REFUSED: i16 = 2;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    /// The file of an attachment.
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "attachment_file")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub ticket_number: i64,
        /// The name of the file, which each attempt of an upload chooses anew.
        pub file: String,
        pub key_version: i32,
        pub wrapped_key: Vec<u8>,
        pub state: i16,
        /// When the scan may be tried next, in microseconds since 1970.
        pub scan_at: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A file outside the database, with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its name: 32 hexadecimal digits.
    pub name: String,
    /// The wrapped key.
    pub key: WrappedKey,
}

/// An attachment that waits for its scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingScan {
    /// Its ticket.
    pub ticket: TicketNumber,
    /// Its id.
    pub id: String,
    /// Its file.
    pub file: StoredFile,
}

/// The row of a new attachment.
pub(crate) fn new_row(ticket: TicketNumber, id: &str, file: &StoredFile, now: Instant) -> row::ActiveModel {
    row::ActiveModel {
        id: Set(id.to_owned()),
        ticket_number: Set(ticket.as_i64()),
        file: Set(file.name.clone()),
        key_version: Set(version_number(file.key.version)),
        wrapped_key: Set(file.key.wrapped.clone()),
        state: Set(WAITING),
        scan_at: Set(now.timestamp_micros()),
    }
}

fn file_of(row: row::Model) -> StoredFile {
    let key = WrappedKey { version: row.key_version.unsigned_abs(), wrapped: row.wrapped_key };
    StoredFile { name: row.file, key }
}

/// The file of an attachment. Without a scope: the reader has found the attachment on a ticket in its scope.
///
/// # Errors
/// If the database refuses.
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<StoredFile>, Fault> {
    Ok(row::Entity::find_by_id(id.to_owned()).one(db).await?.map(file_of))
}

/// Takes the next attachments that wait for a scan. Another server takes them again at `again_at`, unless the scan has
/// ended by then.
///
/// # Errors
/// If the database refuses.
pub async fn take_waiting(work: &Work, limit: u64, again_at: Instant) -> Result<Vec<WaitingScan>, Fault> {
    let mut waiting = row::Entity::find()
        .filter(row::Column::State.eq(WAITING))
        .filter(row::Column::ScanAt.lte(work.now().timestamp_micros()))
        .order_by_asc(row::Column::ScanAt)
        .order_by_asc(row::Column::Id)
        .limit(limit);
    if work.tx.get_database_backend() == DbBackend::Postgres {
        waiting = waiting.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let rows = waiting.all(&work.tx).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    row::Entity::update_many()
        .col_expr(row::Column::ScanAt, Expr::value(again_at.timestamp_micros()))
        .filter(row::Column::Id.is_in(ids))
        .exec(&work.tx)
        .await?;
    let waiting = rows.into_iter().map(|row| {
        let ticket = TicketNumber::from_i64(row.ticket_number)
            .map_err(|error| Fault::internal(format!("an attachment's ticket: {error}")))?;
        Ok(WaitingScan { ticket, id: row.id.clone(), file: file_of(row) })
    });
    waiting.collect()
}

/// How many attachments wait for a scan.
///
/// # Errors
/// If the database refuses.
pub async fn count_waiting(db: &impl ConnectionTrait) -> Result<u64, Fault> {
    Ok(row::Entity::find().filter(row::Column::State.eq(WAITING)).count(db).await?)
}

/// Ends the scan of an attachment.
///
/// # Errors
/// If the database refuses.
pub async fn end_scan(work: &Work, id: &str, is_clean: bool) -> Result<(), Fault> {
    row::Entity::update_many()
        .col_expr(row::Column::State, Expr::value(if is_clean { CLEAN } else { REFUSED }))
        .filter(row::Column::Id.eq(id))
        .exec(&work.tx)
        .await?;
    Ok(())
}

/// Those of some files that are kept: that have a row, and were not refused.
///
/// # Errors
/// If the database refuses.
pub async fn kept_among(db: &impl ConnectionTrait, names: Vec<String>) -> Result<Vec<String>, Fault> {
    let kept = row::Entity::find()
        .select_only()
        .column(row::Column::File)
        .filter(row::Column::File.is_in(names))
        .filter(row::Column::State.ne(REFUSED));
    Ok(kept.into_tuple().all(db).await?)
}

/// The attachments whose files must be there, in the order of these names, at most `limit`: id, ticket and file. They
/// come after one name, and up to another one if there is one.
///
/// # Errors
/// If the database refuses.
pub async fn files_between(
    db: &impl ConnectionTrait,
    after: &str,
    last: Option<&str>,
    limit: u64,
) -> Result<Vec<(String, i64, String)>, Fault> {
    let mut files = row::Entity::find()
        .select_only()
        .columns([row::Column::Id, row::Column::TicketNumber, row::Column::File])
        .filter(row::Column::File.gt(after))
        .filter(row::Column::State.ne(REFUSED));
    if let Some(last) = last {
        files = files.filter(row::Column::File.lte(last));
    }
    Ok(files.order_by_asc(row::Column::File).limit(limit).into_tuple().all(db).await?)
}

/// The rows whose keys are not wrapped by the active version.
pub(super) fn old(vault: &Vault) -> [Select<row::Entity>; 2] {
    use row::Column::{Id, KeyVersion};
    let active = version_number(vault.keys().active());
    [KeyVersion.lt(active), KeyVersion.gt(active)]
        .map(|others| row::Entity::find().filter(others).order_by_asc(KeyVersion).order_by_asc(Id))
}

/// Wraps a row's key by the active version.
pub(super) async fn rewrap(work: &Work, vault: &Vault, row: row::Model) -> Result<(), Fault> {
    let id = row.id.clone();
    let StoredFile { name, key } = file_of(row);
    let key = vault.rewrap(&name, &key).await?;
    row::Entity::update_many()
        .col_expr(row::Column::KeyVersion, Expr::value(version_number(key.version)))
        .col_expr(row::Column::WrappedKey, Expr::value(key.wrapped))
        .filter(row::Column::Id.eq(id))
        .exec(&work.tx)
        .await?;
    Ok(())
}
