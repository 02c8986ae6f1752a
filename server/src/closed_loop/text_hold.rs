//! Holds a ticket back from units while its texts identify somebody: `TEXT_HELD`.

use crate::platform::Fault;
use crate::ticket::{TextMark, Ticket};

/// Adds the places of removed text to a refusal.
pub(super) fn with_marks(fault: Fault, ticket: &Ticket, marks: &[TextMark]) -> Fault {
    let places: Vec<_> = marks
        .iter()
        .map(|mark| format!("{}:{}:{}", mark.field.name(), mark.kind.name(), mark.position))
        .collect();
    fault.with("ticket_number", ticket.number.to_string()).with("marks", places.join(","))
}
