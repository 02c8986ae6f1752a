//! `PlanTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::{TEXT_CHARS_MAX, UNITS_MAX, named_units};
use crate::closed_loop::plan_ticket::PlanTicket;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::PlanTicketRequest {
    type Command = PlanTicket;

    fn decode(&self, fields: &mut Fields) -> PlanTicket {
        let lead_unit = fields.unit("lead_unit", &self.lead_unit);
        let assist_units = fields.units("assist_units", &self.assist_units, UNITS_MAX);
        fields.distinct(named_units(&lead_unit, &assist_units, &[]));
        PlanTicket {
            text: fields.text("text", &self.text, 1..=TEXT_CHARS_MAX, Lines::Many),
            lead_unit,
            assist_units,
        }
    }
}
