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
    /// Searches for a caller by a unified social credit code, a telephone number in its normal form, both, or none.
    ///
    /// # Errors
    /// If the vault's keys do not answer.
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

    /// Whether there is nothing to search for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The blind indexes that are looked for: each column with the values that it may have, one for each key.
    pub(crate) fn indexes(&self) -> impl Iterator<Item = (&'static str, &[Vec<u8>])> {
        let all = [("phone_index", &self.phones), ("code_index", &self.codes)];
        all.into_iter().filter_map(|(column, values)| values.as_deref().map(|values| (column, values)))
    }

    /// The condition that the ticket in this column has this caller.
    pub(crate) fn condition<C: IntoColumnRef>(&self, number: C) -> Option<SimpleExpr> {
        if self.is_empty() {
            return None;
        }
        let mut theirs = Query::select();
        theirs
            .column(encrypted_identity::Column::TicketNumber)
            .from(encrypted_identity::Entity)
            .and_where(encrypted_identity::Column::IsConfidential.eq(false));
        if let Some(codes) = &self.codes {
            theirs.and_where(encrypted_identity::Column::CodeIndex.is_in(codes.iter().cloned()));
        }
        if let Some(phones) = &self.phones {
            theirs.and_where(encrypted_identity::Column::PhoneIndex.is_in(phones.iter().cloned()));
        }
        Some(Expr::col(number).in_subquery(theirs))
    }
}
