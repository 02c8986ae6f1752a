//! `RecordRecheck`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::record_recheck::RecordRecheck;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::RecordRecheckRequest {
    type Command = RecordRecheck;

    fn decode(&self, fields: &mut Fields) -> RecordRecheck {
        let recheck = RecordRecheck {
            responded: fields.optional_choice("responded", self.responded),
            resolved: fields.optional_choice("resolved", self.resolved),
            satisfied: fields.optional_choice("satisfied", self.satisfied),
            comment: fields.text("comment", &self.comment, 0..=NOTE_CHARS_MAX, Lines::Many),
        };
        if self.responded == 0 && self.resolved == 0 && self.satisfied == 0 {
            fields.wrong("responded", "is required, or resolved, or satisfied");
        }
        recheck
    }
}
