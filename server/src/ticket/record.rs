//! The present ticket: the fold of its events, and nothing else.

use serde::{Deserialize, Serialize};

use super::{
    Answer, Attachment, CallId, Channel, Closing, CompanyQuestion, Cycle, Decline, Dispatch, DispatchAdvice,
    Ending, HandlingPlan, HelpRequest, InsideAssignment, Instant, Relation, RepeatCall, Responsibility,
    Source, TicketReturn, UnitCode,
};
use super::{Category, Complexity, State, TextMark, TicketNumber, Tier};

/// One request of a company, from the call to the closed ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields under the same names")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Ticket {
    pub number: TicketNumber,
    /// The number of its events; the etag is made from it.
    pub version: u32,
    pub state: State,
    pub category: Category,
    pub complexity: Complexity,
    pub has_several_units: bool,
    pub responsibility: Responsibility,
    pub topic: Option<String>,
    pub district: Option<String>,
    pub industry: Option<String>,
    pub subject: String,
    /// Kept in a separate column, so that lists need not read it.
    #[serde(skip)]
    pub content: String,
    pub channel: Channel,
    pub source: Option<Source>,
    pub call_began_at: Option<Instant>,
    /// The call that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    pub is_confidential: bool,
    /// The caller's choice; `None` if the category decides.
    pub chosen_confidential: Option<bool>,
    pub accused_units: Vec<UnitCode>,
    pub received_at: Instant,
    pub updated_at: Instant,
    pub cycle: Cycle,
    pub plan: Option<HandlingPlan>,
    /// Whether the plan names an accused unit, while other units have the ticket and have read the plan. Such a plan is
    /// no longer valid. It stays visible to them, because its removal would show them who is complained about.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_plan_void: bool,
    /// What units on duty advised, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<DispatchAdvice>,
    pub dispatch: Option<Dispatch>,
    /// The version that the present dispatch left the ticket in; `None` if no unit has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatched_version: Option<u32>,
    pub returns: Vec<TicketReturn>,
    pub answer: Option<Answer>,
    pub decline: Option<Decline>,
    pub closing: Option<Closing>,
    pub merged_into: Option<TicketNumber>,
    /// The repeats that are merged into it, directly or through others.
    pub repeats: Vec<TicketNumber>,
    /// Those whose companies wait for a call about the result of the present cycle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeats_to_call: Vec<TicketNumber>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeat_calls: Vec<RepeatCall>,
    /// The closed ticket that it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<TicketNumber>,
    pub withdrawal_note: Option<String>,
    /// How it left the loop, while it is declined, withdrawn or merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
    /// The places where text was taken out at intake, until an agent has redacted the texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text_marks: Vec<TextMark>,
    /// Texts from which something was taken out while units had the ticket. These units go on reading what they have
    /// read, because the difference would show what is the caller's own. The next dispatch puts these in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_texts: Option<PendingTexts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_question: Option<CompanyQuestion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help_request: Option<HelpRequest>,
    /// At most one for each unit that has the ticket.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inside_assignments: Vec<InsideAssignment>,
    /// The tickets about the same cause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub linked_tickets: Vec<TicketNumber>,
    /// The files on it, in the order in which they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The principal that took it in.
    pub taken_in_by: String,
    /// The unit that took it in at its own counter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intake_unit: Option<UnitCode>,
    /// Whether it is for practice: its call was answered at a training seat. It is counted nowhere.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_training: bool,
    /// Whether it is a complaint-report, or ever was.
    #[serde(default, skip_serializing_if = "is_false")]
    pub was_complaint_report: bool,
}

/// Texts that wait for the next dispatch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingTexts {
    /// The subject, if it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The content, if it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// The sequence of an event as numbered for a unit: the intake is 1, the present dispatch 2, and so on without gaps.
/// The unit may not read the events in between, nor know their number.
#[must_use]
pub const fn unit_sequence(sequence: u32, dispatched_version: u32) -> u32 {
    if sequence < dispatched_version { 1 } else { sequence - dispatched_version + 2 }
}

impl Ticket {
    /// The etag for hotline staff: changes with every change of the ticket.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("v{}", self.version)
    }

    /// The etag for a unit. It changes with every change while the unit has the ticket, and does not show how much
    /// happened before the present dispatch.
    #[must_use]
    pub fn etag_for_unit(&self) -> String {
        match (&self.dispatch, self.dispatched_version) {
            (Some(dispatch), Some(since)) => {
                let sequence = unit_sequence(self.version, since);
                format!("d{:x}.{sequence}", dispatch.dispatched_at.timestamp_micros())
            }
            _ => self.etag(),
        }
    }

    /// The row of the deadline table of its classification. A limit that has passed keeps the row it was counted by.
    #[must_use]
    pub const fn tier(&self) -> Tier {
        Tier::of(self.category, self.complexity, self.has_several_units)
    }

    /// The limit by which lists order it. It is not before the intake, although the limit of a merged repeat may be: a
    /// list of a range of intake begins there.
    #[must_use]
    pub fn listed_due_at(&self) -> Instant {
        self.cycle.due_at().max(self.received_at)
    }

    /// Whether companies behind its repeats wait for a call, now that there is something to tell them.
    #[must_use]
    pub fn has_calls_due(&self) -> bool {
        let is_done = matches!(self.state, State::Answered | State::Completed | State::Closed);
        is_done && !self.repeats_to_call.is_empty()
    }

    /// Whether it must not be sent to any unit until an agent has redacted its texts.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.is_confidential && self.state.is_open() && !self.text_marks.is_empty()
    }

    /// The subject as staff and the next units read it.
    #[must_use]
    pub fn staff_subject(&self) -> &str {
        let pending = self.pending_texts.as_ref().and_then(|texts| texts.subject.as_ref());
        pending.unwrap_or(&self.subject)
    }

    /// The content as staff and the next units read it; empty if the ticket was read without its content.
    #[must_use]
    pub fn staff_content(&self) -> &str {
        let pending = self.pending_texts.as_ref().and_then(|texts| texts.content.as_ref());
        pending.filter(|_| !self.content.is_empty()).unwrap_or(&self.content)
    }

    /// Whether the state is withheld from every unit that took it in: the answer could show who is complained about.
    #[must_use]
    pub fn withholds_state(&self) -> bool {
        self.was_complaint_report || !self.accused_units.is_empty()
    }

    /// The unit that leads, if it was dispatched.
    #[must_use]
    pub fn lead_unit(&self) -> Option<&UnitCode> {
        self.dispatch.as_ref().map(|dispatch| &dispatch.lead_unit)
    }

    /// Every unit that has the ticket, the lead first.
    pub fn units(&self) -> impl Iterator<Item = &UnitCode> {
        self.dispatch.iter().flat_map(|dispatch| dispatch.units().map(|(unit, _)| unit))
    }

    /// The handling plan, if it is valid.
    #[must_use]
    pub fn plan_in_force(&self) -> Option<&HandlingPlan> {
        self.plan.as_ref().filter(|_| !self.is_plan_void)
    }

    /// Every unit that the handling plan names.
    pub fn planned_units(&self) -> impl Iterator<Item = &UnitCode> {
        self.plan_in_force()
            .into_iter()
            .flat_map(|plan| std::iter::once(&plan.lead_unit).chain(&plan.assist_units))
    }

    /// The relation of a unit to the ticket, if there is one.
    #[must_use]
    pub fn relation_of(&self, unit: &UnitCode) -> Option<Relation> {
        self.dispatch.as_ref().and_then(|dispatch| dispatch.relation_of(unit))
    }

    /// Whether it waits for a dispatch, and no unit has it.
    #[must_use]
    pub fn awaits_dispatch(&self) -> bool {
        matches!(self.state, State::Received | State::Planning | State::Returned) && self.dispatch.is_none()
    }

    /// The advice since it began to wait for a dispatch.
    pub fn present_advice(&self) -> impl Iterator<Item = &DispatchAdvice> {
        self.advice.iter().filter(|advice| advice.dispatched_to.is_none())
    }

    /// Its assignment inside a unit, if there is one.
    #[must_use]
    pub fn assignment_in(&self, unit: &UnitCode) -> Option<&InsideAssignment> {
        self.inside_assignments.iter().find(|one| one.unit == *unit)
    }

    /// The return that waits for a ruling.
    #[must_use]
    pub fn pending_return(&self) -> Option<&TicketReturn> {
        self.returns.last().filter(|last| last.ruling.is_none())
    }

    /// Whether a final ruling forbids further returns.
    #[must_use]
    pub fn has_final_ruling(&self) -> bool {
        self.returns.iter().any(|one| one.ruling.as_ref().is_some_and(|ruling| ruling.is_final))
    }
}
