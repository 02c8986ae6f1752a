//! `RecordContactAttempt`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::SHORT_NOTE_CHARS_MAX;
use crate::closed_loop::record_contact_attempt::RecordContactAttempt;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::RecordContactAttemptRequest {
    type Command = RecordContactAttempt;

    fn decode(&self, fields: &mut Fields) -> RecordContactAttempt {
        let note = fields.text("note", &self.note, 0..=SHORT_NOTE_CHARS_MAX, Lines::Many);
        RecordContactAttempt { note }
    }
}
