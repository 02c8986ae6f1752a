//! Searches for tickets by their caller, without decrypting anything.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, IntoColumnRef, Query, SimpleExpr};

use super::encrypted_row::{CODE, PHONE};
use super::rows::encrypted_identity;
use super::vault::Vault;
use crate::platform::Fault;

/// A search for a caller by the vault's blind indexes. It does not find confidential callers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookUp {
    codes: Option<Vec<Vec<u8>>>,
    phones: Option<Vec<Vec<u8>>>,
}

impl LookUp {
    /// Searches for a caller by the keys of a code, a telephone number, both, or none. Any key of a number finds its
    /// caller.
    ///
    /// # Errors
    /// If the vault's keys do not answer.
    pub async fn of(
        vault: &Vault,
        codes: Option<&[String]>,
        phones: Option<&[String]>,
    ) -> Result<Self, Fault> {
        Ok(Self { codes: indexes(vault, CODE, codes).await?, phones: indexes(vault, PHONE, phones).await? })
    }

    /// Whether there is nothing to search for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The blind indexes that are looked for: two columns with the values that one of them must have, one for each key.
    pub(crate) fn indexes(&self) -> impl Iterator<Item = ([&'static str; 2], &[Vec<u8>])> {
        let all = [
            (["phone_index", "main_phone_index"], &self.phones),
            (["code_index", "certificate_index"], &self.codes),
        ];
        all.into_iter().filter_map(|(columns, values)| values.as_deref().map(|values| (columns, values)))
    }

    /// The condition that the ticket in this column has this caller.
    pub(crate) fn condition<C: IntoColumnRef>(&self, number: C) -> Option<SimpleExpr> {
        use encrypted_identity::Column::{CertificateIndex, CodeIndex, MainPhoneIndex, PhoneIndex};
        if self.is_empty() {
            return None;
        }
        let mut theirs = Query::select();
        theirs
            .column(encrypted_identity::Column::TicketNumber)
            .from(encrypted_identity::Entity)
            .and_where(encrypted_identity::Column::IsConfidential.eq(false));
        if let Some(codes) = &self.codes {
            theirs.and_where(either([CodeIndex, CertificateIndex], codes));
        }
        if let Some(phones) = &self.phones {
            theirs.and_where(either([PhoneIndex, MainPhoneIndex], phones));
        }
        Some(Expr::col(number).in_subquery(theirs))
    }
}

pub(super) async fn indexes(
    vault: &Vault,
    field: &str,
    keys: Option<&[String]>,
) -> Result<Option<Vec<Vec<u8>>>, Fault> {
    let Some(keys) = keys else { return Ok(None) };
    let mut all = Vec::new();
    for key in keys {
        all.extend(vault.indexes(field, key).await?);
    }
    Ok(Some(all))
}

/// One of the columns holds one of the indexes.
fn either([first, second]: [encrypted_identity::Column; 2], indexes: &[Vec<u8>]) -> SimpleExpr {
    first.is_in(indexes.iter().cloned()).or(second.is_in(indexes.iter().cloned()))
}
