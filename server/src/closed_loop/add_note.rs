//! `AddNote` (备注): a note of staff for staff, or of a unit for that unit. It changes nothing on the ticket, and stands
//! in its events.

use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Note, Ticket};

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AddNote {
    pub note: String,
}

impl Verb for AddNote {
    const COMMAND: Command = Command::AddNote;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.note)]
    }

    fn decide(&self, _ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let (unit, note) = (ctx.permit.unit().cloned(), self.note.clone());
        Ok(vec![Event::NoteAdded(Note { unit, note })])
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;

    #[test]
    fn a_note_belongs_to_its_side_and_changes_no_field() {
        let desk = Desk::open();
        let add = AddNote { note: "已联系规划部门".to_owned() };
        for ticket in [desk.in_handling(), desk.completed()] {
            for (who, unit) in
                [(AGENT, None), (LEAD_UNIT, Some(code(LEAD))), (INFORM_UNIT, Some(code(INFORM)))]
            {
                let expected = Event::NoteAdded(Note { unit, note: add.note.clone() });
                assert_eq!(desk.ask(who, &add, &ticket), Ok(vec![expected]));
                let after = desk.run(who, &add, &ticket);
                assert_eq!(after, Ticket { version: after.version, updated_at: desk.now, ..ticket.clone() });
            }
        }
    }
}
