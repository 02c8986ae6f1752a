//! `UpdateCaller`: an agent completes or corrects who called, or telephony does so for a call that it took in itself.
//!
//! Nothing is compared with the identity on record, except an industry: it stands on the ticket, so it must not name
//! the caller. The event names the fields that were given. The identity is encrypted again as a whole, with its
//! indexes.

use hotline_proto::v1::Role;

use super::{Change, ClosedLoop, DecisionContext, FreeText, Verb, caller_update};
use crate::access::Permit;
use crate::ledger;
use crate::platform::Fault;
use crate::ticket::{CallerUpdate, Command, Event, Ticket};

/// What is given about the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateCaller(pub CallerUpdate);

impl Verb for UpdateCaller {
    const COMMAND: Command = Command::UpdateCaller;

    const ALWAYS_SCREENED: bool = true;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        self.0.industry.iter().map(|industry| FreeText::of("industry", industry)).collect()
    }

    /// Telephony reads no tickets, so only those that it took in itself are there for it.
    fn is_there_for(&self, permit: &Permit, ticket: &Ticket) -> bool {
        !permit.has_only(Role::Telephony) || ticket.taken_in_by == permit.principal()
    }

    fn caller_update(&self) -> Option<&CallerUpdate> {
        Some(&self.0)
    }

    fn decide(&self, ticket: &Ticket, _ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        Ok(vec![Event::CallerUpdated(Box::new(caller_update::event(ticket, &self.0)))])
    }
}

impl ClosedLoop {
    /// Updates the caller. Answers the ticket; to telephony as it was taken in, because telephony reads no tickets.
    ///
    /// # Errors
    /// Those of [`ClosedLoop::change`].
    pub async fn update_caller(
        &self,
        permit: &Permit,
        change: Change<UpdateCaller>,
    ) -> Result<Ticket, Fault> {
        let ticket = self.change(permit.clone(), change).await?;
        if permit.has_only(Role::Telephony) {
            return ledger::read::at_version(self.store.reader(), ticket.number, 1).await;
        }
        Ok(ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::super::create_ticket::CreateTicket;
    use super::super::fixture::*;
    use super::super::redact_ticket::RedactTicket;
    use super::*;
    use crate::ticket::CallerIdentity;

    fn named(name: &str) -> UpdateCaller {
        let given = CallerIdentity { contact_name: Some(name.to_owned()), ..CallerIdentity::default() };
        UpdateCaller(CallerUpdate::of_given(given, None))
    }

    fn confidential() -> CreateTicket {
        CreateTicket { content: "请找欧阳示例".to_owned(), chosen_confidential: Some(true), ..appeal() }
    }

    fn confirm() -> RedactTicket {
        RedactTicket { subject: None, content: None, note: "已核".to_owned(), keeps_numbers: false }
    }

    #[test]
    fn a_text_that_names_the_caller_is_masked_and_held_before_a_unit_reads_it() {
        let desk = Desk::open();
        let ticket = desk.run(AGENT, &named("欧阳示例"), &desk.taken_in(&confidential()));
        assert_eq!((ticket.content.as_str(), ticket.is_held()), ("请找某某", true));
        assert_eq!(ticket.pending_texts, None);
        let redacted = desk.run(AGENT, &confirm(), &ticket);
        assert_eq!(desk.run(DISPATCHER, &to_units(), &redacted).content, "请找某某");
    }

    #[test]
    fn a_unit_goes_on_reading_what_it_has_read() {
        let desk = Desk::open();
        let dispatched = desk.run(DISPATCHER, &to_units(), &desk.taken_in(&confidential()));
        let updated = desk.run(AGENT, &named("欧阳示例"), &dispatched);
        assert_eq!(updated.content, "请找欧阳示例", "a change would show the unit who called");
        assert_eq!((updated.staff_content(), updated.is_held()), ("请找某某", true));
        let other = desk.run(AGENT, &named("请找"), &updated);
        assert_eq!(other.staff_content(), "某某某某", "the second update goes on from the first");
        let confirmed = desk.run(AGENT, &confirm(), &updated);
        assert_eq!((confirmed.content.as_str(), confirmed.is_held()), ("请找某某", false));
        assert_eq!(desk.run(DISPATCHER, &to_units(), &confirmed).content, "请找某某");
    }

    #[test]
    fn the_next_units_read_the_new_texts() {
        let desk = Desk::open();
        let open = CreateTicket { chosen_confidential: None, ..confidential() };
        let dispatched = desk.run(DISPATCHER, &to_units(), &desk.taken_in(&open));
        let updated = desk.run(AGENT, &named("欧阳示例"), &dispatched);
        assert_eq!(updated.content, "请找欧阳示例");
        assert_eq!(desk.run(DISPATCHER, &to_units(), &updated).content, "请找某某");
    }

    #[test]
    fn an_industry_is_replaced_and_removed() {
        let desk = Desk::open();
        let update = CallerUpdate::of_given(CallerIdentity::default(), Some("批发".to_owned()));
        let ticket = desk.run(AGENT, &UpdateCaller(update.clone()), &desk.received());
        assert_eq!(ticket.industry.as_deref(), Some("批发"));
        let removed = desk.run(AGENT, &UpdateCaller(CallerUpdate { industry: None, ..update }), &ticket);
        assert_eq!(removed.industry, None);
    }
}
