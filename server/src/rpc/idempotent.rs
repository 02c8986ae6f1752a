//! The key under which a request's answer is recorded, so that a repeat gets the same answer.

use prost::Message;

use super::fields::Fields;
use super::request_id::with_canonical_id;
use crate::access::Permit;
use crate::platform::idempotency::{RequestKey, fingerprint};
use crate::ticket::UnitCode;

/// The key of a request. It includes the caller's unit, so that a principal that moved to another unit does not get
/// answers of the first.
pub(super) fn request_key(
    permit: &Permit,
    request_id: &str,
    request: &impl Message,
    fields: &mut Fields,
) -> RequestKey {
    let id = fields.request_id(request_id);
    let request = with_canonical_id(request.encode_to_vec(), request_id, &id.to_string());
    let unit = permit.unit().map(UnitCode::as_str);
    let fingerprint = fingerprint(permit.method().path, unit, &request);
    RequestKey { principal: permit.principal().to_owned(), request_id: id, fingerprint }
}
