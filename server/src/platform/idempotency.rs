//! Request records: the answers to callers' request ids. A record is written in the transaction of its command, so
//! either both exist or neither.
//!
//! A record names the changed row and the version that the command left it in. The answer is made again from that
//! version, so there is no second copy. Commands that change nothing with versions store their answer, which is small.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QuerySelect as _};
use sha2::{Digest as _, Sha256};

use super::writes::Writes;
use super::{Fault, Work, failpoint};

/// The shortest time that a record is kept; the contract promises 24 hours.
pub const RECORD_KEPT: TimeDelta = TimeDelta::hours(72);

/// The table of request records.
pub mod row {
    use sea_orm::entity::prelude::*;

    /// The answer to one request id of one caller.
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "request_record")]
    pub struct Model {
        /// The caller.
        #[sea_orm(primary_key, auto_increment = false)]
        pub principal: String,
        /// The caller's UUID, in lower case with hyphens.
        #[sea_orm(primary_key, auto_increment = false)]
        pub request_id: String,
        /// SHA-256 over the method, the unit and the request, in hexadecimal.
        pub fingerprint: String,
        /// The key of the changed row.
        pub ticket_number: Option<i64>,
        /// The version that the command left it in.
        pub ticket_version: Option<i32>,
        /// The stored answer of a command that changes nothing with versions.
        pub answer: Option<Vec<u8>>,
        /// When, in microseconds since 1970.
        pub recorded_at: i64,
    }

    /// None.
    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The parts of a request that identify its repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The caller.
    pub principal: String,
    /// The caller's UUID.
    pub request_id: Uuid,
    /// SHA-256 over the method, the unit and the request, in hexadecimal.
    pub fingerprint: String,
}

/// The fingerprint of a request: SHA-256 over its method, the unit that it is made for, and its bytes.
#[must_use]
pub fn fingerprint(method: &str, unit: Option<&str>, request: &[u8]) -> String {
    let unit = unit.unwrap_or_default();
    let digest = Sha256::new()
        .chain_update(method)
        .chain_update([0])
        .chain_update(unit)
        .chain_update([0])
        .chain_update(request)
        .finalize();
    hex::encode(digest)
}

/// The content of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredAnswer {
    /// The key of the changed row, and the version that it was left in.
    Version {
        /// The key of its row.
        subject: i64,
        /// The version.
        version: u32,
    },
    /// The bytes of an answer.
    Bytes(Vec<u8>),
}

/// The recorded answer to this request, if there is one.
///
/// # Errors
/// `REQUEST_ID_REUSED` if the id belongs to another request.
pub async fn find(db: &impl ConnectionTrait, key: &RequestKey) -> Result<Option<StoredAnswer>, Fault> {
    failpoint::reach("request.look_up").await?;
    let id = (key.principal.clone(), key.request_id.to_string());
    let Some(found) = row::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    if found.fingerprint != key.fingerprint {
        return Err(Fault::request_id_reused());
    }
    match (found.ticket_number, found.ticket_version, found.answer) {
        (Some(number), Some(version), _) => {
            Ok(Some(StoredAnswer::Version { subject: number, version: version.unsigned_abs() }))
        }
        (_, _, Some(bytes)) => Ok(Some(StoredAnswer::Bytes(bytes))),
        _ => Err(Fault::internal("a request record without an answer")),
    }
}

/// Records the answer to this request, in its transaction.
///
/// # Errors
/// A conflict if the same request is recorded at the same time.
pub async fn record(work: &Work, key: &RequestKey, answered: StoredAnswer) -> Result<(), Fault> {
    let mut writes = Writes::new(work);
    add(work, [(key, answered)], &mut writes).await?;
    writes.execute(work).await
}

/// Adds the records of requests to what a unit of work writes.
pub(crate) async fn add<'k>(
    work: &Work,
    answered: impl IntoIterator<Item = (&'k RequestKey, StoredAnswer)>,
    writes: &mut Writes,
) -> Result<(), Fault> {
    failpoint::reach("request.record").await?;
    let records = answered.into_iter().map(|(key, answered)| {
        let (ticket_number, ticket_version, answer) = match answered {
            StoredAnswer::Version { subject, version } => (Some(subject), i32::try_from(version).ok(), None),
            StoredAnswer::Bytes(bytes) => (None, None, Some(bytes)),
        };
        row::ActiveModel {
            principal: Set(key.principal.clone()),
            request_id: Set(key.request_id.to_string()),
            fingerprint: Set(key.fingerprint.clone()),
            ticket_number: Set(ticket_number),
            ticket_version: Set(ticket_version),
            answer: Set(answer),
            recorded_at: Set(work.now().timestamp_micros()),
        }
    });
    writes.insert(records.collect())
}

/// Deletes at most `limit` records that are older than [`RECORD_KEPT`]; returns how many.
///
/// # Errors
/// If the database refuses.
pub async fn forget_old(work: &Work, limit: u64, now: DateTime<Utc>) -> Result<u64, Fault> {
    let before = (now - RECORD_KEPT).timestamp_micros();
    let old =
        row::Entity::find().filter(row::Column::RecordedAt.lt(before)).limit(limit).all(&work.tx).await?;
    let mut forgotten = 0;
    for record in old {
        forgotten += row::Entity::delete_by_id((record.principal, record.request_id))
            .exec(&work.tx)
            .await?
            .rows_affected;
    }
    Ok(forgotten)
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn a_fingerprint_tells_method_unit_and_request_apart() {
        let first = fingerprint("/M", Some("unit"), b"request");
        // Computed by another program. A release that changes it would answer repeats with REQUEST_ID_REUSED.
        assert_eq!(first, "fafcaedc3d3f81a1ad0e8cd0c53d4033b40251384878ee1cb03dc71f76e08339");
        assert_eq!(fingerprint("/M", Some("unit"), b"request"), first);
        for other in [
            fingerprint("/N", Some("unit"), b"request"),
            fingerprint("/M", Some("other"), b"request"),
            fingerprint("/M", None, b"request"),
            fingerprint("/M", Some("unit"), b"requests"),
            fingerprint("/Mu", Some("nit"), b"request"),
            fingerprint("/M", Some("unitr"), b"equest"),
        ] {
            assert_ne!(other, first);
        }
    }
}
