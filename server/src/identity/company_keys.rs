//! The blind indexes by which two tickets of one company are known, without decrypting anything.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;

use super::rows::encrypted_identity::{Column, Entity};
use crate::platform::Fault;
use crate::platform::bulk_sql::is_among;

/// The index columns of a row.
type IndexRow = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

/// For each of some tickets the keys of its company: of its code, its certificate and its numbers. They say only which
/// tickets have the same one, and are shown to nobody.
///
/// # Errors
/// If the database refuses.
pub async fn company_keys(
    db: &impl ConnectionTrait,
    numbers: Vec<i64>,
) -> Result<BTreeMap<i64, BTreeSet<Vec<u8>>>, Fault> {
    if numbers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<IndexRow> = Entity::find()
        .select_only()
        .columns([
            Column::TicketNumber,
            Column::CodeIndex,
            Column::CertificateIndex,
            Column::PhoneIndex,
            Column::MainPhoneIndex,
        ])
        .filter(is_among(db, Column::TicketNumber, numbers))
        .into_tuple()
        .all(db)
        .await?;
    let keys = |(number, code, certificate, phone, main): IndexRow| {
        (number, [code, certificate, phone, main].into_iter().flatten().collect())
    };
    Ok(rows.into_iter().map(keys).collect())
}
