//! `DispatchTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::{NOTE_CHARS_MAX, UNITS_MAX, named_units};
use crate::closed_loop::dispatch_ticket::DispatchTicket;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::DispatchTicketRequest {
    type Command = DispatchTicket;

    fn decode(&self, fields: &mut Fields) -> DispatchTicket {
        let lead_unit = fields.unit("lead_unit", &self.lead_unit);
        let assist_units = fields.units("assist_units", &self.assist_units, UNITS_MAX);
        let inform_units = fields.units("inform_units", &self.inform_units, UNITS_MAX);
        fields.distinct(named_units(&lead_unit, &assist_units, &inform_units));
        let note = fields.text("note", &self.note, 0..=NOTE_CHARS_MAX, Lines::Many);
        let reason = fields.text("reason", &self.reason, 0..=NOTE_CHARS_MAX, Lines::Many);
        DispatchTicket { lead_unit, assist_units, inform_units, note, reason }
    }
}
