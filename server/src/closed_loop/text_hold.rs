//! Holding a ticket back from units as long as its texts say who somebody is: `TEXT_HELD`.

use crate::platform::Fault;
use crate::ticket::{TextMark, Ticket};

/// A refusal with the places where something stood.
pub(super) fn with_marks(fault: Fault, ticket: &Ticket, marks: &[TextMark]) -> Fault {
    let places: Vec<_> = marks
        .iter()
        .map(|mark| format!("{}:{}:{}", mark.field.name(), mark.kind.name(), mark.position))
        .collect();
    fault.with("ticket_number", ticket.number.to_string()).with("marks", places.join(","))
}
