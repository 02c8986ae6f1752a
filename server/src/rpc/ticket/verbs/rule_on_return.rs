//! `RuleOnReturn`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::rule_on_return::RuleOnReturn;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::RuleOnReturnRequest {
    type Command = RuleOnReturn;

    fn decode(&self, fields: &mut Fields) -> RuleOnReturn {
        let ruling = pb::Ruling::try_from(self.ruling).unwrap_or_default();
        if ruling == pb::Ruling::Unspecified {
            fields.wrong("ruling", "is required, and one of the contract's values");
        }
        RuleOnReturn {
            is_accepted: ruling == pb::Ruling::Accept,
            note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many),
        }
    }
}
