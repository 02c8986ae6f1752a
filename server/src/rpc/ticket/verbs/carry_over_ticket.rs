//! `CarryOverTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::carry_over_ticket::CarryOverTicket;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::CarryOverTicketRequest {
    type Command = CarryOverTicket;

    fn decode(&self, fields: &mut Fields) -> CarryOverTicket {
        use pb::carry_over_ticket_request::Step;
        match &self.step {
            Some(Step::Ask(ask)) => CarryOverTicket::Ask {
                next_steps: fields.text("ask.next_steps", &ask.next_steps, 1..=NOTE_CHARS_MAX, Lines::Many),
                promised_at: fields.required_time("ask.promised_time", ask.promised_time.as_ref()),
                informed_at: fields.required_past_time("ask.inform_time", ask.inform_time.as_ref()),
            },
            Some(Step::Decision(decision)) => {
                let least = usize::from(!decision.granted);
                let note = fields.text("decision.note", &decision.note, least..=NOTE_CHARS_MAX, Lines::Many);
                CarryOverTicket::Decide { is_granted: decision.granted, note }
            }
            None => {
                fields.wrong("ask", "is required, or decision");
                CarryOverTicket::Decide { is_granted: false, note: String::new() }
            }
        }
    }
}
