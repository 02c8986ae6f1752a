//! Reads the index. It says nothing about who may see a ticket, so it needs no scope, and no caller gets it as it is.

use std::collections::{BTreeMap, HashMap};

use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, QuerySelect as _};

use super::block::{self, BLOCK_DOCUMENTS, Entries};
use super::rows::{index, posting};
use crate::platform::Fault;
use crate::platform::bulk_sql::is_among;

/// Postings that are read together at most, so that a long query over a large index takes little memory.
const POSTINGS_MAX: usize = 2_048;

/// How far the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct IndexState {
    /// The position of the feed that it has reached.
    pub(super) position: i64,
    /// How many tickets are indexed.
    pub(super) documents: i64,
}

/// How far the index is; at the beginning if there is none yet.
///
/// # Errors
/// If the database refuses.
pub(super) async fn state(db: &impl ConnectionTrait) -> Result<IndexState, Fault> {
    let row = index::Entity::find_by_id(index::ID).one(db).await?;
    Ok(row.map(|row| IndexState { position: row.position, documents: row.documents }).unwrap_or_default())
}

/// The lists of a block: the place of a term in the query, and its entries.
pub(super) type BlockLists = Vec<(usize, Entries)>;

/// The keys of the terms of a query, with the place of each term in it.
pub(super) type TermKeys = HashMap<i64, usize>;

/// The ranges of blocks that are read together.
pub(super) fn ranges(documents: i64, keys: &TermKeys) -> Vec<std::ops::Range<i64>> {
    let blocks = (documents + BLOCK_DOCUMENTS - 1) / BLOCK_DOCUMENTS + 1;
    let step = i64::try_from(POSTINGS_MAX / keys.len().max(1)).unwrap_or(1).max(1);
    let starts = (0..).map(|at| at * step).take_while(|start| *start < blocks);
    starts.map(|start| start..start + step).collect()
}

/// The entries of some terms in a range of blocks, block by block.
///
/// # Errors
/// If the database refuses, or entries can't be read.
pub(super) async fn blocks(
    db: &impl ConnectionTrait,
    keys: &TermKeys,
    range: &std::ops::Range<i64>,
) -> Result<Vec<BlockLists>, Fault> {
    let rows = posting::Entity::find()
        .filter(is_among(db, posting::Column::Term, keys.keys().copied().collect()))
        .filter(posting::Column::Block.gte(range.start))
        .filter(posting::Column::Block.lt(range.end))
        .all(db)
        .await?;
    let mut blocks: BTreeMap<i64, BlockLists> = BTreeMap::new();
    for row in rows {
        let Some(place) = keys.get(&row.term) else { continue };
        blocks.entry(row.block).or_default().push((*place, block::decode(&row.entries)?));
    }
    Ok(blocks.into_values().collect())
}

#[derive(FromQueryResult)]
struct TermCount {
    term: i64,
    having: i64,
}

/// How many tickets have each term of a query, by its place.
///
/// # Errors
/// If the database refuses.
pub(super) async fn having(
    db: &impl ConnectionTrait,
    keys: &TermKeys,
    terms: usize,
) -> Result<Vec<u64>, Fault> {
    let counts = posting::Entity::find()
        .select_only()
        .column(posting::Column::Term)
        .column_as(posting::Column::Documents.sum(), "having")
        .filter(is_among(db, posting::Column::Term, keys.keys().copied().collect()))
        .group_by(posting::Column::Term)
        .into_model::<TermCount>()
        .all(db)
        .await?;
    let mut having = vec![0; terms];
    for count in counts {
        if let Some(place) = keys.get(&count.term) {
            having[*place] += count.having.max(0).unsigned_abs();
        }
    }
    Ok(having)
}
