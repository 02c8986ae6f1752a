//! `AddSupplement` (补充材料): what the company brought later, recorded by an agent, by a unit, or by telephony for the
//! call that it took in itself. It answers an open question.

use hotline_proto::v1::Role;

use super::{Change, ClosedLoop, DecisionContext, FreeText, Verb};
use crate::access::Permit;
use crate::ledger;
use crate::platform::Fault;
use crate::ticket::{Command, Event, Supplement, Ticket};

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AddSupplement {
    pub content: String,
}

impl Verb for AddSupplement {
    const COMMAND: Command = Command::AddSupplement;

    const ALWAYS_SCREENED: bool = true;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("content", &self.content)]
    }

    /// Telephony reads no tickets, so only those that it took in itself are there for it.
    fn is_there_for(&self, permit: &Permit, ticket: &Ticket) -> bool {
        !permit.has_only(Role::Telephony) || ticket.taken_in_by == permit.principal()
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        Ok(vec![Event::SupplementAdded(Supplement {
            unit: ctx.permit.unit().map(|_| ctx.working_unit(ticket)).transpose()?,
            content: self.content.clone(),
            is_answer: ticket.open_question.is_some(),
        })])
    }
}

impl ClosedLoop {
    /// Adds a supplement. Answers the ticket; to telephony as it was taken in, because telephony reads no tickets.
    ///
    /// # Errors
    /// Those of [`ClosedLoop::change`].
    pub async fn add_supplement(
        &self,
        permit: &Permit,
        change: Change<AddSupplement>,
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
    use super::super::fixture::*;
    use super::*;

    #[test]
    fn a_supplement_that_nobody_asked_for_changes_no_field() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let came = AddSupplement { content: "副本一份".to_owned() };
        for (who, unit) in [(AGENT, None), (ASSIST_UNIT, Some(code(ASSIST)))] {
            let content = came.content.clone();
            let expected = Event::SupplementAdded(Supplement { unit, content, is_answer: false });
            assert_eq!(desk.ask(who, &came, &ticket), Ok(vec![expected]));
            let after = desk.run(who, &came, &ticket);
            assert_eq!(after, Ticket { version: after.version, updated_at: desk.now, ..ticket.clone() });
        }
    }
}
