//! `RecordContactAttempt`: its request as a command, and its answer.

use hotline_proto::v1 as pb;

use super::limits::SHORT_NOTE_CHARS_MAX;
use super::{Decode, ticket_request};
use crate::closed_loop::record_contact_attempt::RecordContactAttempt;
use crate::rpc::fields::{Fields, Lines};

ticket_request!(RecordContactAttemptRequest -> RecordContactAttemptResponse);

impl Decode for pb::RecordContactAttemptRequest {
    type Command = RecordContactAttempt;

    fn decode(&self, fields: &mut Fields) -> RecordContactAttempt {
        let note = fields.text("note", &self.note, 0..=SHORT_NOTE_CHARS_MAX, Lines::Many);
        RecordContactAttempt { note }
    }
}
