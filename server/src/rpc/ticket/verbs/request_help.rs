//! `RequestHelp`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::request_help::RequestHelp;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::RequestHelpRequest {
    type Command = RequestHelp;

    fn decode(&self, fields: &mut Fields) -> RequestHelp {
        let reason = fields.text("reason", &self.reason, 0..=NOTE_CHARS_MAX, Lines::Many);
        let answer = fields.text("answer", &self.answer, 0..=NOTE_CHARS_MAX, Lines::Many);
        match (self.reason.is_empty(), self.answer.is_empty()) {
            (true, true) => fields.wrong("reason", "is required, or answer"),
            (false, false) => fields.wrong("answer", "stands alone, without a reason"),
            _ => {}
        }
        if self.answer.is_empty() { RequestHelp::Ask { reason } } else { RequestHelp::Answer { answer } }
    }
}
