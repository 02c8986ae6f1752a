//! Who called: sealed in a table of its own, written with the ticket, opened only for a reading that is recorded in the
//! same transaction ([`reads`]) or to compare a repeated request with the first.

pub mod approvals;
pub mod keys;
pub mod reads;
pub mod resealing;
mod rows;

use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, IntoColumnRef, Query, SimpleExpr};

use super::Rows;
use super::bulk::insert;
use crate::platform::{Fault, Work};
use crate::ticket::{CallerIdentity, TicketNumber};
use crate::vault::{Sealed, Vault, VaultFault};
pub(super) use rows::read;
use rows::sealed;

/// The names of the fields in the vault, in the order in which they are sealed.
const NAMES: [&str; 6] =
    ["enterprise_name", "social_credit_code", "contact_name", "contact_phone", "subject", "content"];
/// The fields that can be looked up.
const CODE: &str = NAMES[1];
const PHONE: &str = NAMES[3];

impl From<VaultFault> for Fault {
    fn from(fault: VaultFault) -> Self {
        match fault {
            VaultFault::Away(_) => Self::unavailable(fault.to_string()),
            VaultFault::KeyMissing(_) | VaultFault::NotGenuine => Self::internal(fault.to_string()),
        }
    }
}

/// Seals the identities of new tickets, where anybody was named, and keeps those of changed tickets as confidential as
/// their tickets are.
pub(super) async fn write(work: &Work, vault: &Vault, rows: &[Rows]) -> Result<(), Fault> {
    let mut new = Vec::new();
    for row in rows.iter().filter(|row| !row.identity.is_empty()) {
        new.push(seal(vault, row.after.number, row.after.is_confidential, &row.identity).await?);
    }
    insert(work, new).await?;
    for is_confidential in [true, false] {
        let changed = rows.iter().filter(|row| {
            row.after.is_confidential == is_confidential
                && row.before.as_ref().is_some_and(|before| before.is_confidential != is_confidential)
        });
        let changed: Vec<_> = changed.map(|row| row.after.number.as_i64()).collect();
        if !changed.is_empty() {
            sealed::Entity::update_many()
                .col_expr(sealed::Column::IsConfidential, is_confidential.into())
                .filter(sealed::Column::TicketNumber.is_in(changed))
                .exec(&work.tx)
                .await?;
        }
    }
    Ok(())
}

/// The row of an identity, sealed under the active key.
async fn seal(
    vault: &Vault,
    number: TicketNumber,
    is_confidential: bool,
    identity: &CallerIdentity,
) -> Result<sealed::ActiveModel, Fault> {
    let texts = [
        &identity.enterprise_name,
        &identity.social_credit_code,
        &identity.contact_name,
        &identity.contact_phone,
        &identity.subject,
        &identity.content,
    ];
    let fields: Vec<_> = NAMES.into_iter().zip(texts.map(|text| text.as_deref())).collect();
    let Sealed { key_version, wrapped_key, cells } = vault.seal(number.as_i64(), &fields).await?;
    let mut indexes = [None, None];
    for (index, (name, text)) in indexes.iter_mut().zip([(CODE, texts[1]), (PHONE, texts[3])]) {
        if let Some(text) = text {
            *index = Some(vault.index(key_version, name, text).await?);
        }
    }
    let mut cells = cells.into_iter();
    let mut cell = || cells.next().flatten();
    let [code_index, phone_index] = indexes;
    Ok(sealed::ActiveModel {
        ticket_number: Set(number.as_i64()),
        is_confidential: Set(is_confidential),
        key_version: Set(rows::version_number(key_version)),
        wrapped_key: Set(wrapped_key),
        enterprise_name: Set(cell()),
        social_credit_code: Set(cell()),
        contact_name: Set(cell()),
        contact_phone: Set(cell()),
        subject: Set(cell()),
        content: Set(cell()),
        code_index: Set(code_index),
        phone_index: Set(phone_index),
    })
}

/// Opens a row.
async fn unseal(vault: &Vault, row: sealed::Model) -> Result<CallerIdentity, Fault> {
    let sealed = Sealed {
        key_version: row.key_version.unsigned_abs(),
        wrapped_key: row.wrapped_key,
        cells: vec![
            row.enterprise_name,
            row.social_credit_code,
            row.contact_name,
            row.contact_phone,
            row.subject,
            row.content,
        ],
    };
    let opened = vault.open(row.ticket_number, &NAMES, &sealed).await.map_err(|fault| {
        let fault = Fault::from(fault);
        Fault { ours: format!("the identity of {}: {}", row.ticket_number, fault.ours), ..fault }
    })?;
    let mut texts = opened.into_iter().map(|text| text.map(|text| text.as_str().to_owned()));
    let mut text = || texts.next().flatten();
    Ok(CallerIdentity {
        enterprise_name: text(),
        social_credit_code: text(),
        contact_name: text(),
        contact_phone: text(),
        subject: text(),
        content: text(),
    })
}

/// Whether anybody was named. Opens nothing.
///
/// # Errors
/// Where the database refuses.
pub async fn is_known(db: &impl ConnectionTrait, number: TicketNumber) -> Result<bool, Fault> {
    let found: Option<i64> = sealed::Entity::find_by_id(number.as_i64())
        .select_only()
        .column(sealed::Column::TicketNumber)
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Who called, to compare a request with the first of its kind: nobody is shown it. Empty where nobody was named.
///
/// # Errors
/// Where the database refuses, or the vault can't open it.
pub async fn to_compare(
    db: &impl ConnectionTrait,
    vault: &Vault,
    number: TicketNumber,
) -> Result<CallerIdentity, Fault> {
    match sealed::Entity::find_by_id(number.as_i64()).one(db).await? {
        Some(row) => unseal(vault, row).await,
        None => Ok(CallerIdentity::default()),
    }
}

/// Whom to look for, in the vault's blind indexes. Confidential callers are not found by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookUp {
    codes: Option<Vec<Vec<u8>>>,
    phones: Option<Vec<Vec<u8>>>,
}

impl LookUp {
    /// Looks for a caller by a unified social credit code, a telephone number in its normal form, both, or not at all.
    ///
    /// # Errors
    /// Where the vault's keys do not answer.
    pub async fn of(vault: &Vault, code: Option<&str>, phone: Option<&str>) -> Result<Self, Fault> {
        let mut look_up = Self::default();
        if let Some(code) = code {
            look_up.codes = Some(vault.indexes(CODE, code).await?);
        }
        if let Some(phone) = phone {
            look_up.phones = Some(vault.indexes(PHONE, phone).await?);
        }
        Ok(look_up)
    }

    /// Whether nobody is looked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The condition that the caller of the ticket in this column is the one looked for.
    pub(super) fn condition<C: IntoColumnRef>(&self, number: C) -> Option<SimpleExpr> {
        if self.is_empty() {
            return None;
        }
        let mut theirs = Query::select();
        theirs
            .column(sealed::Column::TicketNumber)
            .from(sealed::Entity)
            .and_where(sealed::Column::IsConfidential.eq(false))
            .and_where(Expr::col((sealed::Entity, sealed::Column::TicketNumber)).equals(number));
        if let Some(codes) = &self.codes {
            theirs.and_where(sealed::Column::CodeIndex.is_in(codes.iter().cloned()));
        }
        if let Some(phones) = &self.phones {
            theirs.and_where(sealed::Column::PhoneIndex.is_in(phones.iter().cloned()));
        }
        Some(Expr::exists(theirs))
    }
}
