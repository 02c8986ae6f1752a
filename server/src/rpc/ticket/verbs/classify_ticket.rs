//! `ClassifyTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::{NOTE_CHARS_MAX, accused_units};
use crate::closed_loop::classify_ticket::ClassifyTicket;
use crate::rpc::fields::{Fields, Lines};
use crate::ticket::{Category, Complexity, Responsibility};

impl Decode for pb::ClassifyTicketRequest {
    type Command = ClassifyTicket;

    fn decode(&self, fields: &mut Fields) -> ClassifyTicket {
        let category = fields.choice("category", self.category, Category::ComplaintReport);
        ClassifyTicket {
            category,
            complexity: fields.choice("complexity", self.complexity, Complexity::General),
            has_several_units: self.several_units,
            responsibility: fields
                .optional_choice("responsibility", self.responsibility)
                .unwrap_or(Responsibility::Clear),
            topic: fields.topic("topic", &self.topic),
            district: fields.district("district", &self.district),
            accused_units: accused_units(category, &self.accused_units, fields),
            note: fields.text("note", &self.note, 0..=NOTE_CHARS_MAX, Lines::Many),
        }
    }
}
