//! `ReturnTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::{NOTE_CHARS_MAX, SHORT_NOTE_CHARS_MAX};
use crate::closed_loop::return_ticket::ReturnTicket;
use crate::rpc::fields::{Fields, Lines};
use crate::ticket::ReturnReason;

impl Decode for pb::ReturnTicketRequest {
    type Command = ReturnTicket;

    fn decode(&self, fields: &mut Fields) -> ReturnTicket {
        let reason = fields.choice("reason", self.reason, ReturnReason::Incomplete);
        let proposed_unit =
            (!self.proposed_unit.is_empty()).then(|| fields.unit("proposed_unit", &self.proposed_unit));
        let elsewhere = matches!(reason, ReturnReason::NotOurDuty | ReturnReason::NotOurPlace);
        if elsewhere && proposed_unit.is_none() {
            fields.wrong("proposed_unit", "is required where another unit is responsible");
        }
        ReturnTicket {
            reason,
            rule: fields.text("rule", &self.rule, 1..=SHORT_NOTE_CHARS_MAX, Lines::Many),
            proposed_unit,
            note: fields.text("note", &self.note, 0..=NOTE_CHARS_MAX, Lines::Many),
        }
    }
}
