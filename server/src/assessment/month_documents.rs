//! The documents of a month: the ranking of each group as canonical JSON, and the manifest with their digests.

use sea_orm::ConnectionTrait;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::month_counts;
use super::score::{Month, Place, Scheme, report};
use crate::deadline::in_force;
use crate::desk::directory::UnitGroup;
use crate::platform::Fault;

/// The ranking of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankingDocument {
    /// The group.
    pub group: UnitGroup,
    /// Its canonical JSON.
    pub document: Vec<u8>,
    /// The SHA-256 of that.
    pub sha256: String,
}

/// The documents of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MonthDocuments {
    /// The scheme that counted it.
    pub(super) scheme_number: u32,
    /// The calendar at the end of the month.
    pub(super) calendar_version: String,
    /// The canonical JSON of the manifest.
    pub(super) manifest: Vec<u8>,
    /// The rankings.
    pub(super) rankings: Vec<RankingDocument>,
}

#[derive(Serialize)]
struct Manifest<'a> {
    month: Month,
    number: u32,
    scheme: u32,
    scheme_sha256: String,
    calendar: &'a str,
    rankings: Vec<ManifestEntry<'a>>,
}

#[derive(Serialize)]
struct ManifestEntry<'a> {
    group: &'static str,
    sha256: &'a str,
}

/// The name of a group in documents.
const fn name(group: UnitGroup) -> &'static str {
    match group {
        UnitGroup::Department => "department",
        UnitGroup::District => "district",
        UnitGroup::PublicServiceEnterprise => "public_service_enterprise",
        UnitGroup::Coordinator => "coordinator",
    }
}

/// The SHA-256 of some bytes, in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|error| Fault::internal(format!("a document of a month: {error}")))
}

fn ranking(
    scheme: &Scheme,
    month: Month,
    group: UnitGroup,
    places: &[Place],
) -> Result<RankingDocument, Fault> {
    let document = report(scheme, month, name(group), places)
        .map_err(|error| Fault::internal(format!("the ranking of a group: {error}")))?
        .into_bytes();
    Ok(RankingDocument { group, sha256: sha256(&document), document })
}

/// Counts a month. The caller has the turn of the follower, so that all groups are counted from the same state.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    month: Month,
    number: u32,
) -> Result<MonthDocuments, Fault> {
    let (_, calendar_version) = in_force::versions(db, month.next().begins_at()).await?;
    let counts = month_counts::read(db, month, None).await?;
    let numbered = &counts.scheme;
    let mut rankings = Vec::new();
    for group in month_counts::GROUPS {
        let members = counts.members(group);
        if !members.is_empty() {
            let places = counts.rank(&numbered.scheme, &members);
            rankings.push(ranking(&numbered.scheme, month, group, &places)?);
        }
    }
    let entry = |one: &RankingDocument| (name(one.group), one.sha256.clone());
    let entries: Vec<_> = rankings.iter().map(entry).collect();
    let manifest = json(&Manifest {
        month,
        number,
        scheme: numbered.number,
        scheme_sha256: sha256(&json(&numbered.scheme)?),
        calendar: &calendar_version,
        rankings: entries.iter().map(|(group, sha256)| ManifestEntry { group, sha256 }).collect(),
    })?;
    Ok(MonthDocuments { scheme_number: numbered.number, manifest, rankings, calendar_version })
}
