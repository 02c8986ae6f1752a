//! What staff write on a confidential ticket is looked through before it stands there: whoever wrote it can mend it at
//! once, so it is refused and not held. A refusal names the field, the kind and the place, and never the text.

use hotline_proto::v1::ErrorReason;

use crate::platform::{Fault, Violations};
use crate::ticket::screen::{self, Found};
use crate::ticket::{CallerIdentity, TextField, TextMark, Ticket};

/// A text that staff write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writing<'a> {
    /// Its field in the request.
    pub field: &'static str,
    /// The text.
    pub text: &'a str,
    /// Whether numbers in it may stand: those of an office that the caller can turn to. The caller's own never may.
    pub takes_numbers: bool,
}

impl<'a> Writing<'a> {
    /// A text that units may come to read, or that nobody need name anybody in.
    #[must_use]
    pub const fn of(field: &'static str, text: &'a str) -> Self {
        Self { field, text, takes_numbers: false }
    }

    /// A text that is for the caller, and may name an office's numbers.
    #[must_use]
    pub const fn for_caller(field: &'static str, text: &'a str) -> Self {
        Self { field, text, takes_numbers: true }
    }
}

/// Refuses what says who somebody is.
///
/// # Errors
/// `INVALID_FIELDS`.
pub(super) fn check(writings: &[Writing<'_>], caller: &CallerIdentity) -> Result<(), Fault> {
    let mut wrong = Violations::default();
    for writing in writings {
        let found = screen::screen(writing.text, caller);
        for one in found.iter().filter(|one| one.is_own || !writing.takes_numbers) {
            let place = one.place.start + 1;
            let what = one.kind.says();
            wrong.add(writing.field, format!("names {what} at character {place} of a confidential ticket"));
        }
    }
    wrong.into_result(())
}

/// Refuses to send a ticket whose texts nobody has looked through and that say who somebody is.
///
/// # Errors
/// `TEXT_HELD`.
pub(super) fn check_unseen(ticket: &Ticket, caller: &CallerIdentity) -> Result<(), Fault> {
    let texts = [(TextField::Subject, &ticket.subject), (TextField::Content, &ticket.content)];
    let found = |(field, text): (TextField, &String)| {
        let mark = move |Found { kind, place, .. }: Found| TextMark {
            field,
            kind,
            position: u32::try_from(place.start + 1).unwrap_or(u32::MAX),
        };
        screen::screen(text, caller).into_iter().map(mark)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_own_is_refused_everywhere_and_numbers_where_units_read() {
        let caller =
            CallerIdentity { contact_name: Some("欧阳示例".to_owned()), ..CallerIdentity::default() };
        let [number, own, clean] = ["致电13800138000", "请联系欧阳示例", "请协同办理"];
        for (writing, expected) in [
            (
                Writing::of("note", number),
                Some("names a telephone number at character 3 of a confidential ticket"),
            ),
            (
                Writing::of("note", own),
                Some("names the caller's name at character 4 of a confidential ticket"),
            ),
            (Writing::of("note", clean), None),
            (Writing::for_caller("turn_to", number), None),
            (
                Writing::for_caller("turn_to", own),
                Some("names the caller's name at character 4 of a confidential ticket"),
            ),
        ] {
            let refused = check(&[writing], &caller).err();
            let said = refused.map(|fault| {
                assert_eq!(fault.reason, ErrorReason::InvalidFields);
                let [violation] = fault.violations.as_slice() else { panic!("{fault:?}") };
                assert_eq!(violation.field, writing.field);
                violation.description.clone()
            });
            assert_eq!(said.as_deref(), expected, "{writing:?}");
        }
    }
}
