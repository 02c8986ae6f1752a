//! Fields that clients and credentials share.

use crate::access::client::Act;
use crate::rpc::fields::{Fields, Lines, PRINCIPAL_CHARS_MAX};
use crate::rpc::scalars::time;
use crate::ticket::Actor;

/// The longest note, in characters.
const NOTE_CHARS_MAX: usize = 500;

pub(super) fn principal(field: &str, value: &str, fields: &mut Fields) -> String {
    if value == Actor::SYSTEM {
        fields.wrong(field, "is the name under which the hotline acts by itself");
    }
    fields.text(field, value, 1..=PRINCIPAL_CHARS_MAX, Lines::One)
}

pub(super) fn note(value: &str, fields: &mut Fields) -> String {
    fields.text("note", value, 1..=NOTE_CHARS_MAX, Lines::Many)
}

/// Who revoked, when, and why; empty if nobody did.
pub(super) fn revoked(act: Option<&Act>) -> (String, Option<prost_types::Timestamp>, String) {
    act.map(|act| (act.by.clone(), Some(time(act.at)), act.note.clone())).unwrap_or_default()
}
