//! `AddNote`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::add_note::AddNote;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::AddNoteRequest {
    type Command = AddNote;

    fn decode(&self, fields: &mut Fields) -> AddNote {
        AddNote { note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many) }
    }
}
