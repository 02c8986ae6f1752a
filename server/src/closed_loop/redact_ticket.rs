//! `RedactTicket`: an agent rewrites the subject and the content so that they do not identify the caller, or confirms
//! that they do not. The original texts stay in the vault.
//!
//! If text was taken out of a confidential ticket at intake, the ticket is held until then, because a program cannot
//! find everything. An agent may redact any open ticket, held or not.

use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Ticket};

/// The new texts that units read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactTicket {
    /// The subject; `None` to keep the present one.
    pub subject: Option<String>,
    /// The content; `None` to keep the present one.
    pub content: Option<String>,
    /// What was done, or why the present texts are harmless.
    pub note: String,
    /// Whether the numbers in the new texts identify nobody, as the note explains.
    pub keeps_numbers: bool,
}

impl Verb for RedactTicket {
    const COMMAND: Command = Command::RedactTicket;

    const ALWAYS_SCREENED: bool = true;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        let texts = [("subject", &self.subject), ("content", &self.content)];
        let texts = texts.into_iter().filter_map(|(field, text)| {
            let text = text.as_deref()?;
            Some(FreeText { allows_numbers: self.keeps_numbers, ..FreeText::of(field, text) })
        });
        texts.chain([FreeText::of("note", &self.note)]).collect()
    }

    fn decide(&self, _ticket: &Ticket, _ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        Ok(vec![Event::TicketRedacted {
            subject: self.subject.clone(),
            content: self.content.clone(),
            note: self.note.clone(),
        }])
    }
}

#[cfg(test)]
mod tests {
    use hotline_proto::v1::ErrorReason;

    use super::super::classify_ticket::ClassifyTicket;
    use super::super::create_ticket::CreateTicket;
    use super::super::fixture::*;
    use super::*;
    use crate::ticket::{CallerIdentity, Category};

    fn confirm() -> RedactTicket {
        RedactTicket { subject: None, content: None, note: "已核".to_owned(), keeps_numbers: false }
    }

    fn with_a_name() -> CreateTicket {
        let identity =
            CallerIdentity { contact_name: Some("欧阳示例".to_owned()), ..CallerIdentity::default() };
        CreateTicket { content: "请找欧阳示例，电话13800138000".to_owned(), identity, ..appeal() }
    }

    #[test]
    fn a_confidential_ticket_is_held_until_an_agent_has_worked_on_it() {
        let desk = Desk::open();
        let hidden = CreateTicket { chosen_confidential: Some(true), ..with_a_name() };
        let held = desk.taken_in(&hidden);
        assert_eq!((held.content.as_str(), held.is_held()), ("请找某某，电话[电话]", true));
        let fault = desk.ask(DISPATCHER, &to_units(), &held).expect_err("it is held");
        assert_eq!(fault.reason, ErrorReason::TextHeld);
        let marks = fault.metadata.get("marks").map(String::as_str);
        assert_eq!(marks, Some("content:contact_name:3,content:phone:8"));
        let confirmed = desk.run(AGENT, &confirm(), &held);
        assert_eq!((confirmed.content, confirmed.text_marks), (held.content.clone(), Vec::new()));
        let content = Some("请联系来电人".to_owned());
        let written = desk.run(AGENT, &RedactTicket { content, ..confirm() }, &held);
        assert_eq!((written.content.as_str(), written.is_held()), ("请联系来电人", false));
        assert_eq!(written.subject, held.subject);
        desk.run(DISPATCHER, &to_units(), &written);
    }

    #[test]
    fn a_ticket_that_becomes_confidential_is_held_then() {
        let desk = Desk::open();
        let open = desk.taken_in(&with_a_name());
        assert!(!open.is_held());
        desk.run(DISPATCHER, &to_units(), &open);
        let complaint = ClassifyTicket { category: Category::ComplaintReport, ..as_appeal() };
        let held = desk.run(AGENT, &complaint, &open);
        assert!(held.is_held());
        assert_eq!(desk.refusal(DISPATCHER, &to_units(), &held), ErrorReason::TextHeld);
    }
}
