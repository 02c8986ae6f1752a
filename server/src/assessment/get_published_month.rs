//! `GetPublishedMonth`: the bytes of a published month as they were stored.

use sea_orm::QueryOrder as _;
use sea_orm::entity::prelude::*;

use super::Assessment;
use super::publication::{self, Publication, publication_row, ranking_row};
use super::score::Month;
use crate::access::Permit;
use crate::desk::directory::{UnitGroup, units};
use crate::platform::Fault;

pub use super::month_documents::RankingDocument;

/// A published month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedMonth {
    /// The publication.
    pub publication: Publication,
    /// The manifest.
    pub manifest: Vec<u8>,
    /// The rankings; for a unit that of its group.
    pub rankings: Vec<RankingDocument>,
}

impl Assessment {
    /// A published month; the last number if `number` is 0.
    ///
    /// # Errors
    /// `MONTH_NOT_PUBLISHED`; if the database refuses.
    pub async fn get_published_month(
        &self,
        permit: &Permit,
        month: Month,
        number: u32,
    ) -> Result<PublishedMonth, Fault> {
        let db = self.store.reader();
        let own_group = match permit.unit() {
            Some(unit) => units::find(db, unit).await?.map(|unit| unit.group),
            None => None,
        };
        let one = publication::published(db, month, number).await?;
        let key = (month.number(), i32::try_from(one.number).unwrap_or(i32::MAX));
        let manifest = publication_row::Entity::find_by_id(key).one(db).await?;
        let manifest = manifest.ok_or_else(|| Fault::internal("a publication without its bytes"))?.manifest;
        let rows = ranking_row::Entity::find()
            .filter(ranking_row::Column::Month.eq(key.0))
            .filter(ranking_row::Column::Number.eq(key.1))
            .order_by_asc(ranking_row::Column::UnitGroup);
        let mut rankings = Vec::new();
        for row in rows.all(db).await? {
            let group = UnitGroup::of_stored(row.unit_group)
                .ok_or_else(|| Fault::internal(format!("no group {}", row.unit_group)))?;
            if permit.unit().is_none() || own_group == Some(group) {
                rankings.push(RankingDocument { group, document: row.document, sha256: row.sha256 });
            }
        }
        Ok(PublishedMonth { publication: one, manifest, rankings })
    }
}
