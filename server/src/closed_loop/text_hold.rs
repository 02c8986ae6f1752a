//! Holding a ticket back from units as long as its texts say who somebody is: `TEXT_HELD`, and the check of texts that
//! an earlier release took in without screening.

use hotline_proto::v1::ErrorReason;

use crate::platform::Fault;
use crate::ticket::pii::{self, PiiMatch};
use crate::ticket::{CallerIdentity, TextField, TextMark, Ticket};

/// Refuses to send a ticket whose texts nobody has looked through and that say who somebody is.
///
/// # Errors
/// `TEXT_HELD`.
pub(super) fn check_unscreened(ticket: &Ticket, caller: &CallerIdentity) -> Result<(), Fault> {
    let texts = [(TextField::Subject, &ticket.subject), (TextField::Content, &ticket.content)];
    let found = |(field, text): (TextField, &String)| {
        let mark = move |PiiMatch { kind, place, .. }: PiiMatch| TextMark {
            field,
            kind,
            position: u32::try_from(place.start + 1).unwrap_or(u32::MAX),
        };
        pii::find(text, caller).into_iter().map(mark)
    };
    let marks: Vec<_> = texts.into_iter().flat_map(found).collect();
    if marks.is_empty() {
        return Ok(());
    }
    Err(with_marks(Fault::new(ErrorReason::TextHeld), ticket, &marks))
}

/// A refusal with the places where something stood.
pub(super) fn with_marks(fault: Fault, ticket: &Ticket, marks: &[TextMark]) -> Fault {
    let places: Vec<_> = marks
        .iter()
        .map(|mark| format!("{}:{}:{}", mark.field.name(), mark.kind.name(), mark.position))
        .collect();
    fault.with("ticket_number", ticket.number.to_string()).with("marks", places.join(","))
}
