//! `EscalateTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::oversight::escalate_ticket::EscalateTicket;
use crate::rpc::fields::{Fields, Lines};
use crate::ticket::Rung;

impl Decode for pb::EscalateTicketRequest {
    type Command = EscalateTicket;

    fn decode(&self, fields: &mut Fields) -> EscalateTicket {
        let note = fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many);
        match pb::Escalation::try_from(self.escalation).unwrap_or_default() {
            pb::Escalation::Urge => EscalateTicket::Fire { rung: Rung::Urged, note },
            pb::Escalation::Supervise => EscalateTicket::Fire { rung: Rung::Supervised, note },
            pb::Escalation::Manual => EscalateTicket::Fire { rung: Rung::Manual, note },
            pb::Escalation::RecordManual => EscalateTicket::RecordManual { note },
            pb::Escalation::Unspecified => {
                fields.wrong("escalation", "is required, and one of the contract's values");
                EscalateTicket::RecordManual { note }
            }
        }
    }
}
