//! `AssignInside`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::{NAME_CHARS_MAX, SHORT_NOTE_CHARS_MAX};
use crate::closed_loop::assign_inside::AssignInside;
use crate::rpc::fields::{Fields, Lines, PRINCIPAL_CHARS_MAX};

impl Decode for pb::AssignInsideRequest {
    type Command = AssignInside;

    fn decode(&self, fields: &mut Fields) -> AssignInside {
        let assign = AssignInside {
            bureau: fields.optional("bureau", &self.bureau, NAME_CHARS_MAX),
            clerk: fields.optional("clerk", &self.clerk, PRINCIPAL_CHARS_MAX),
            inner_due_at: fields.time("inner_due_time", self.inner_due_time.as_ref()),
            note: fields.text("note", &self.note, 0..=SHORT_NOTE_CHARS_MAX, Lines::Many),
        };
        if self.bureau.is_empty() && self.clerk.is_empty() {
            fields.wrong("clerk", "is required, or bureau");
        }
        assign
    }
}
