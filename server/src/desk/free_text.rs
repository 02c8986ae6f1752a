//! Screens the free texts of staff about a confidential ticket, before they are stored. The author can correct a text
//! at once, so it is refused and not held. A refusal names the field and never the text.
//!
//! Text that looks like a number, a code or an address is refused by its form alone, with its place. The caller's own
//! data is refused without a place. Such a refusal confirms a right guess, so it is recorded with the principal and
//! counted. After a few of them the principal cannot write about the ticket for a day.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;
use serde_json::json;

use crate::audit_log::records;
use crate::identity;
use crate::identity::vault::Vault;
use crate::ledger::locked_ticket::LockedTicket;
use crate::platform::text::TextPosition;
use crate::platform::{Fault, Violations, Work};
use crate::ticket::pii;
use crate::ticket::{Actor, CallerIdentity};

/// Refusals of the caller's own data for a principal on one ticket within [`TRIES_WINDOW`].
pub const TRIES_MAX: u64 = 5;
/// How long a refusal counts.
pub const TRIES_WINDOW: TimeDelta = TimeDelta::hours(24);
/// The method name of such a refusal in the audit records.
pub const REFUSED_METHOD: &str = "TextRefused";

/// A text of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeText<'a> {
    /// Its field in the request.
    pub field: &'static str,
    /// The text.
    pub text: &'a str,
    /// Whether it may hold numbers: those of an office that the caller can turn to. The caller's own are never allowed.
    pub allows_numbers: bool,
    /// Whether it is a code, which can hold a short name by chance. It is compared only with the caller's numbers and
    /// codes.
    pub is_code: bool,
    /// Whether people read it who do not read the ticket. Then it is screened on every ticket.
    pub leaves_ticket: bool,
}

impl<'a> FreeText<'a> {
    /// A text that units may read later, or that need name nobody.
    #[must_use]
    pub const fn of(field: &'static str, text: &'a str) -> Self {
        Self { field, text, allows_numbers: false, is_code: false, leaves_ticket: false }
    }

    /// A text for the caller, which may give the numbers of an office.
    #[must_use]
    pub const fn for_caller(field: &'static str, text: &'a str) -> Self {
        Self { allows_numbers: true, ..Self::of(field, text) }
    }

    /// A text that people read who do not read the ticket.
    #[must_use]
    pub const fn leaving_ticket(field: &'static str, text: &'a str) -> Self {
        Self { leaves_ticket: true, ..Self::of(field, text) }
    }

    /// A code that staff choose. Its form leaves no room for words.
    #[must_use]
    pub const fn of_code(field: &'static str, text: &'a str) -> Self {
        Self { is_code: true, ..Self::of(field, text) }
    }
}

/// The caller's numbers and codes, without the names. Pure.
#[must_use]
pub fn without_names(caller: &CallerIdentity) -> CallerIdentity {
    CallerIdentity { enterprise_name: None, contact_name: None, ..caller.clone() }
}

/// Refuses text with the form of a number, a code or an address, of any person. Pure, and independent of the caller.
///
/// # Errors
/// `INVALID_FIELDS`.
pub fn check_forms(texts: &[FreeText<'_>]) -> Result<(), Fault> {
    let mut wrong = Violations::default();
    for text in texts.iter().filter(|text| !text.allows_numbers) {
        for one in pii::find(text.text, &CallerIdentity::default()) {
            let place = TextPosition::at(text.text, one.place.start);
            let what = one.kind.description();
            wrong.add(text.field, format!("names {what} at {place}"));
        }
    }
    wrong.into_result(())
}

/// The fields whose texts hold the caller's own data. Pure.
fn fields_with_caller_data(texts: &[FreeText<'_>], caller: &CallerIdentity) -> Vec<&'static str> {
    let numbers = without_names(caller);
    let is_own = |text: &&FreeText<'_>| {
        let caller = if text.is_code { &numbers } else { caller };
        pii::find(text.text, caller).iter().any(|one| one.is_own)
    };
    texts.iter().filter(is_own).map(|text| text.field).collect()
}

/// A refusal of the caller's own data. It holds only the names of the fields.
fn identifies_caller(fields: &[&'static str]) -> Fault {
    let refusal = Fault::new(ErrorReason::InvalidFields);
    fields.iter().fold(refusal, |refusal, field| refusal.at(*field, "says who called"))
}

/// Screens the texts of a principal about a ticket, before anything is written. If a text holds the caller's own data,
/// it returns the refusal, which is recorded in this unit of work. The unit of work must be committed before the
/// refusal is returned to the caller. The ticket is locked, so that parallel calls have no more tries than sequential
/// ones.
///
/// # Errors
/// `INVALID_FIELDS` if a form is refused, `TEXT_TRIES_EXHAUSTED`. Nothing is recorded then.
pub async fn screen_texts(
    work: &Work,
    vault: &Vault,
    actor: &Actor,
    method: &str,
    ticket: &LockedTicket,
    texts: &[FreeText<'_>],
) -> Result<Option<Fault>, Fault> {
    if texts.iter().all(|text| text.text.is_empty()) {
        return Ok(None);
    }
    check_forms(texts)?;
    let number = ticket.number;
    let subject = format!("ticket/{number}");
    let since = work.now() - TRIES_WINDOW;
    if records::count(&work.tx, &subject, &actor.principal, REFUSED_METHOD, since).await? >= TRIES_MAX {
        return Err(Fault::new(ErrorReason::TextTriesExhausted).with("ticket_number", number.to_string()));
    }
    let caller = identity::decrypt_for_comparison(&work.tx, vault, number).await?;
    let fields = fields_with_caller_data(texts, &caller);
    if fields.is_empty() {
        return Ok(None);
    }
    let details = json!({ "method": method, "fields": fields });
    records::record(work, actor, REFUSED_METHOD, &subject, details).await?;
    Ok(Some(identifies_caller(&fields)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller() -> CallerIdentity {
        CallerIdentity {
            contact_name: Some("欧阳示例".to_owned()),
            contact_phone: Some("13800138000".to_owned()),
            ..CallerIdentity::default()
        }
    }

    #[test]
    fn a_form_is_refused_with_its_place_and_by_the_text_alone() {
        let [number, own, clean] = ["致电13800138000", "请联系欧阳示例", "请协同办理"];
        let lines = "请协同办理。\n致电\u{a0}+852 9123\u{2011}4567";
        for (text, expected) in [
            (FreeText::of("note", number), Some("names a telephone number at character 3")),
            (FreeText::of("note", lines), Some("names a telephone number at line 2, character 4")),
            (FreeText::of("note", "加V：lanque2019"), Some("names a chat account at character 4")),
            (FreeText::of("note", own), None),
            (FreeText::of("note", clean), None),
            (FreeText::for_caller("turn_to", number), None),
        ] {
            let refused = check_forms(&[text]).err();
            let said = refused.map(|fault| {
                assert_eq!(fault.reason, ErrorReason::InvalidFields);
                let [violation] = fault.violations.as_slice() else { panic!("{fault:?}") };
                assert_eq!(violation.field, text.field);
                violation.description.clone()
            });
            assert_eq!(said.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn the_callers_own_is_found_in_every_field() {
        let own = ["请联系欧阳示例", "致电138-0013-8000"];
        let texts = [FreeText::of("note", own[0]), FreeText::for_caller("turn_to", own[1])];
        assert_eq!(fields_with_caller_data(&texts, &caller()), ["note", "turn_to"]);
        assert_eq!(fields_with_caller_data(&texts, &CallerIdentity::default()), Vec::<&str>::new());
        assert_eq!(
            fields_with_caller_data(&[FreeText::of("note", "请协同办理")], &caller()),
            Vec::<&str>::new()
        );
        let short = CallerIdentity { contact_name: Some("Li".to_owned()), ..caller() };
        assert_eq!(fields_with_caller_data(&[FreeText::of("note", "li.change")], &short), ["note"]);
        assert_eq!(
            fields_with_caller_data(&[FreeText::of("note", "licence.change")], &short),
            Vec::<&str>::new()
        );
        assert_eq!(
            fields_with_caller_data(&[FreeText::of_code("topic", "li.change")], &short),
            Vec::<&str>::new()
        );
        assert_eq!(fields_with_caller_data(&[FreeText::of_code("topic", "13800138000")], &short), ["topic"]);
        let fault = identifies_caller(&["note"]);
        assert_eq!(fault.violations[0].description, "says who called", "neither what nor where");
    }
}
