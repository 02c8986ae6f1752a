//! `RequestHelp`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::request_help::RequestHelp;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::RequestHelpRequest {
    type Command = RequestHelp;

    fn decode(&self, fields: &mut Fields) -> RequestHelp {
        if self.answer.is_empty() {
            let reason = fields.text("reason", &self.reason, 1..=NOTE_CHARS_MAX, Lines::Many);
            return RequestHelp::Ask { reason };
        }
        if !self.reason.is_empty() {
            fields.wrong("answer", "stands alone, without a reason");
        }
        RequestHelp::Answer { answer: fields.text("answer", &self.answer, 1..=NOTE_CHARS_MAX, Lines::Many) }
    }
}
