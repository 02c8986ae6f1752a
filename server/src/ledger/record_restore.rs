//! The changes of a restored database, made once: ticket numbers and digest sequences are skipped, and the audit log
//! gets a signed entry.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{digests, numbers};
use crate::audit_log::restores::{self, RestoreRequest};
use crate::audit_log::{RestoreEntry, SigningKey, lock};
use crate::platform::bulk_sql::json_rows;
use crate::platform::{Fault, Work};

/// Records a restore, after which the database can be served again. `issued` gives the highest sequence of each day in
/// the exported checkpoints.
///
/// # Errors
/// If the database cannot be reached.
pub async fn record_restore(
    work: &Work,
    key: &SigningKey,
    request: &RestoreRequest,
    issued: &BTreeMap<NaiveDate, u32>,
) -> Result<RestoreEntry, Fault> {
    lock::wait(work).await?;
    let skipped = numbers::skip(work, issued).await?;
    digests::skip(work).await?;
    restores::record(work, key, request, json_rows(&skipped)?).await
}
