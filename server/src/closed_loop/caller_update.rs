//! What an update of the caller does to a ticket and to the identity behind it.
//!
//! The texts of the ticket are screened for the given values alone. They were screened for the values on record before.
//! So what happens depends on the ticket and the request, and never on who called: no answer tells a right guess.

use crate::ticket::pii::{self, MaskedText};
use crate::ticket::{CallerIdentity, CallerUpdate, CallerUpdated, TextField, TextMark, Ticket, UpdatedTexts};

/// The event of an update. Pure.
pub(super) fn event(ticket: &Ticket, update: &CallerUpdate) -> CallerUpdated {
    CallerUpdated {
        fields: update.fields.clone(),
        industry: update.industry.clone(),
        texts: updated_texts(ticket, &update.given),
    }
}

/// The identity after an update, with the original texts if something is taken out of them for the first time. Pure.
pub(super) fn identity_after(
    mut caller: CallerIdentity,
    ticket: &Ticket,
    update: &CallerUpdate,
    event: &CallerUpdated,
) -> CallerIdentity {
    update.put_into(&mut caller);
    if let Some(texts) = &event.texts {
        if texts.subject.is_some() {
            caller.subject.get_or_insert_with(|| ticket.staff_subject().to_owned());
        }
        if texts.content.is_some() {
            caller.content.get_or_insert_with(|| ticket.staff_content().to_owned());
        }
    }
    caller
}

fn updated_texts(ticket: &Ticket, given: &CallerIdentity) -> Option<UpdatedTexts> {
    let subject = pii::mask_own(ticket.staff_subject(), given);
    let content = pii::mask_own(ticket.staff_content(), given);
    if subject.marks.is_empty() && content.marks.is_empty() {
        return None;
    }
    let mut text_marks = marks_after(ticket, TextField::Subject, ticket.staff_subject(), &subject);
    text_marks.extend(marks_after(ticket, TextField::Content, ticket.staff_content(), &content));
    let changed = |masked: MaskedText| (!masked.marks.is_empty()).then_some(masked.text);
    Some(UpdatedTexts { subject: changed(subject), content: changed(content), text_marks })
}

/// The marks of a text after more of it was taken out: the earlier ones where they stand now, and the new ones.
fn marks_after(ticket: &Ticket, field: TextField, text: &str, masked: &MaskedText) -> Vec<TextMark> {
    let earlier = ticket.text_marks.iter().filter(|mark| mark.field == field);
    let moved = earlier.map(|mark| {
        let offset = usize::try_from(mark.position.saturating_sub(1)).unwrap_or(usize::MAX);
        let place = text.char_indices().nth(offset).map_or(text.len(), |(place, _)| place);
        let position = masked.position_of(text, place);
        TextMark { position, ..*mark }
    });
    let mut marks: Vec<_> = moved.chain(masked.text_marks(field)).collect();
    marks.sort_by_key(|mark| mark.position);
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closed_loop::create_ticket::CreateTicket;
    use crate::closed_loop::fixture::*;
    use crate::ticket::pii::MarkKind;

    fn named(name: &str) -> CallerUpdate {
        let given = CallerIdentity { contact_name: Some(name.to_owned()), ..CallerIdentity::default() };
        CallerUpdate::of_given(given, None)
    }

    fn with_a_name() -> CreateTicket {
        CreateTicket {
            content: "我是欧阳示例，电话13800138000，请找欧阳示例。".to_owned(), ..appeal()
        }
    }

    #[test]
    fn earlier_marks_are_where_they_stand_now() {
        let ticket = Desk::open().taken_in(&with_a_name());
        assert_eq!(ticket.content, "我是欧阳示例，电话[电话]，请找欧阳示例。");
        let updated = event(&ticket, &named("欧阳示例"));
        let texts = updated.texts.expect("the content names the caller");
        assert_eq!(texts.subject, None);
        assert_eq!(texts.content.as_deref(), Some("我是某某，电话[电话]，请找某某。"));
        let marks: Vec<_> = texts.text_marks.iter().map(|mark| (mark.kind, mark.position)).collect();
        assert_eq!(marks, [(MarkKind::ContactName, 3), (MarkKind::Phone, 8), (MarkKind::ContactName, 15)]);
    }

    #[test]
    fn the_original_text_is_kept_once() {
        let ticket = Desk::open().taken_in(&with_a_name());
        let update = named("欧阳示例");
        let first = identity_after(CallerIdentity::default(), &ticket, &update, &event(&ticket, &update));
        assert_eq!(first.contact_name.as_deref(), Some("欧阳示例"));
        assert_eq!((first.subject, first.content.as_ref()), (None, Some(&ticket.content)));
        let original = CallerIdentity { content: Some("原文".to_owned()), ..CallerIdentity::default() };
        let second = identity_after(original, &ticket, &update, &event(&ticket, &update));
        assert_eq!(second.content.as_deref(), Some("原文"), "that of the intake");
    }

    #[test]
    fn a_name_that_the_texts_do_not_have_changes_no_text() {
        let ticket = Desk::open().taken_in(&with_a_name());
        assert_eq!(event(&ticket, &named("司马另例")).texts, None);
    }
}
