//! `encrypted_call`: the numbers of the parties of a call, encrypted, with blind indexes of the calling number. The
//! indexes are those of a caller's telephone number, so that one search finds both.

use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, IntoColumnRef, OnConflict, Query, SimpleExpr};

use super::call_numbers::CallNumbers;
use super::encrypted_row::PHONE;
use super::look_up::indexes;
use super::rows::version_number;
use super::vault::{EncryptedFields, Vault};
use crate::platform::{Fault, Work};
use crate::ticket::CallId;
use crate::ticket::codes::PhoneReading;
use crate::ticket::dated::Join as _;

/// The name of the field in the vault.
const NUMBERS: &str = "call_numbers";

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "encrypted_call")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub call_id: String,
        pub key_version: i32,
        pub wrapped_key: Vec<u8>,
        pub numbers: Vec<u8>,
        pub calling_index: Option<Vec<u8>>,
        pub main_calling_index: Option<Vec<u8>>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn unreadable(id: &CallId, error: &dyn std::fmt::Display) -> Fault {
    Fault::internal(format!("the numbers of call {id} can't be read or written: {error}"))
}

/// The row of a call's numbers, encrypted under the active key.
pub(super) async fn encrypt(
    vault: &Vault,
    id: &CallId,
    numbers: &CallNumbers,
) -> Result<row::ActiveModel, Fault> {
    let text = serde_json::to_string(numbers).map_err(|error| unreadable(id, &error))?;
    let encrypted = vault.encrypt(id.vault_owner(), &[(NUMBERS, Some(text.as_str()))]).await?;
    let EncryptedFields { key_version, wrapped_key, cells } = encrypted;
    let cell = cells.into_iter().next().flatten();
    let keys = numbers.calling.as_ref().map(|calling| PhoneReading::of(&calling.value).keys(&calling.value));
    let mut own = [None, None];
    for (index, key) in own.iter_mut().zip(keys.into_iter().flatten()) {
        if let Some(key) = key {
            *index = Some(vault.index(key_version, PHONE, &key).await?);
        }
    }
    let [calling_index, main_calling_index] = own;
    Ok(row::ActiveModel {
        call_id: Set(id.0.clone()),
        key_version: Set(version_number(key_version)),
        wrapped_key: Set(wrapped_key),
        numbers: Set(cell.ok_or_else(|| unreadable(id, &"no cell was encrypted"))?),
        calling_index: Set(calling_index),
        main_calling_index: Set(main_calling_index),
    })
}

/// Decrypts a row.
pub(super) async fn decrypt(vault: &Vault, row: row::Model) -> Result<CallNumbers, Fault> {
    let id = CallId(row.call_id);
    let encrypted = EncryptedFields {
        key_version: row.key_version.unsigned_abs(),
        wrapped_key: row.wrapped_key,
        cells: vec![Some(row.numbers)],
    };
    let texts = vault.decrypt(id.vault_owner(), &[NUMBERS], &encrypted).await?;
    let text = texts.into_iter().next().flatten().ok_or_else(|| unreadable(&id, &"an empty cell"))?;
    serde_json::from_str(text.as_str()).map_err(|error| unreadable(&id, &error))
}

/// The numbers of a call, to join them with what a later part says. Nobody is shown them.
///
/// # Errors
/// If the database refuses, or the vault can't decrypt them.
pub async fn decrypt_call_for_update(
    db: &impl ConnectionTrait,
    vault: &Vault,
    id: &CallId,
) -> Result<CallNumbers, Fault> {
    match row::Entity::find_by_id(id.0.as_str()).one(db).await? {
        Some(row) => decrypt(vault, row).await,
        None => Ok(CallNumbers::default()),
    }
}

/// Joins numbers with those that are known of a call, which is locked; returns whether they said something new.
///
/// # Errors
/// If the database refuses, or the vault's keys do not answer.
pub async fn join_call_numbers(
    work: &Work,
    vault: &Vault,
    id: &CallId,
    part: &CallNumbers,
) -> Result<bool, Fault> {
    if part.is_empty() {
        return Ok(false);
    }
    let before = decrypt_call_for_update(&work.tx, vault, id).await?;
    let mut after = before.clone();
    after.join(part);
    if after == before {
        return Ok(false);
    }
    put_call_numbers(work, vault, id, &after).await?;
    Ok(true)
}

/// The numbers of a call for a reader. The caller of this function records the reading in the same transaction.
///
/// # Errors
/// If the database refuses, or the vault can't decrypt them.
pub async fn disclose_call(work: &Work, vault: &Vault, id: &CallId) -> Result<CallNumbers, Fault> {
    decrypt_call_for_update(&work.tx, vault, id).await
}

/// Whether numbers of a call are known. Decrypts nothing.
///
/// # Errors
/// If the database refuses.
pub async fn has_call_numbers(db: &impl ConnectionTrait, id: &CallId) -> Result<bool, Fault> {
    let found: Option<String> = row::Entity::find_by_id(id.0.as_str())
        .select_only()
        .column(row::Column::CallId)
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Encrypts the numbers of a call, in place of those that were there.
///
/// # Errors
/// If the database refuses, or the vault's keys do not answer.
pub async fn put_call_numbers(
    work: &Work,
    vault: &Vault,
    id: &CallId,
    numbers: &CallNumbers,
) -> Result<(), Fault> {
    use row::Column::{CallId, CallingIndex, KeyVersion, MainCallingIndex, Numbers, WrappedKey};
    let replaced = OnConflict::column(CallId)
        .update_columns([KeyVersion, WrappedKey, Numbers, CallingIndex, MainCallingIndex])
        .to_owned();
    let row = encrypt(vault, id, numbers).await?;
    row::Entity::insert(row).on_conflict(replaced).exec_without_returning(&work.tx).await?;
    Ok(())
}

/// A search for calls by the calling number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLookUp(Vec<Vec<u8>>);

impl CallLookUp {
    /// Searches by the keys of a number.
    ///
    /// # Errors
    /// If the vault's keys do not answer.
    pub async fn of(vault: &Vault, phones: &[String]) -> Result<Self, Fault> {
        Ok(Self(indexes(vault, PHONE, Some(phones)).await?.unwrap_or_default()))
    }

    /// The condition that the call in this column came from the number.
    pub(crate) fn condition<C: IntoColumnRef>(&self, call_id: C) -> SimpleExpr {
        let own = row::Column::CallingIndex.is_in(self.0.iter().cloned());
        let main = row::Column::MainCallingIndex.is_in(self.0.iter().cloned());
        let mut theirs = Query::select();
        theirs.column(row::Column::CallId).from(row::Entity).and_where(own.or(main));
        Expr::col(call_id).in_subquery(theirs)
    }
}
