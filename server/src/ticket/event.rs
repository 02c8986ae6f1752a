//! The events of a ticket. They are kept for ever and never changed; a new field needs a serde default.
//!
//! No event holds who called. That is kept separately (`identity`), so that a ticket's events can be shown without it.

use serde::{Deserialize, Serialize};

use super::{
    Actor, Answer, AssistReport, Attachment, CallId, CallerReply, CallerUpdated, CarryOver, Channel,
    ClosingReason, CompanyQuestion, ContactAttempt, Deadline, Decline, Dispatch, DispatchAdvice,
    HandlingPlan, HelpAnswer, HelpRequest, HotlineReport, InsideAssignment, Instant, LinkedTicket, Note,
    RepeatLimit, ReturnRuling, Source, Supplement, Survey, TicketClassified, TicketReturn, UnitCode,
};
use super::{Category, Complexity, Rung, TextMark, TicketNumber};

/// An event with its place in the sequence of its ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// The ticket.
    pub ticket: TicketNumber,
    /// 1 for the first, without gaps; also the ticket's version.
    pub sequence: u32,
    /// The instant of the unit of work that recorded it; never before that of the previous event.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// What.
    pub event: Event,
}

impl EventRecord {
    /// The event as it is stored, with its actor's gateway.
    ///
    /// # Errors
    /// Never for an event that can be read again.
    pub fn payload(&self) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct StoredEvent<'a> {
            #[serde(flatten)]
            event: &'a Event,
            via: &'a str,
        }
        match &self.actor.via {
            None => serde_json::to_string(&self.event),
            Some(via) => serde_json::to_string(&StoredEvent { event: &self.event, via }),
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is documented under the same name in the contract")]
pub enum Event {
    TicketCreated(Box<TicketCreated>),
    TicketAnswered {
        answer: Answer,
    },
    TicketDeclined {
        decline: Decline,
    },
    TicketClassified(Box<TicketClassified>),
    TicketPlanned {
        plan: HandlingPlan,
    },
    TicketDispatched {
        dispatch: Dispatch,
        /// Why signed work moved; empty if it was not signed.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
        /// The transfer that sent it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transfer: Option<u32>,
    },
    TicketAccepted {
        unit: UnitCode,
    },
    TicketReturned {
        ticket_return: TicketReturn,
    },
    ReturnRuled {
        ruling: ReturnRuling,
    },
    CallerReplied {
        unit: UnitCode,
        reply: CallerReply,
    },
    HotlineReported {
        unit: UnitCode,
        report: HotlineReport,
    },
    AssistReported {
        report: AssistReport,
    },
    TicketCompleted {
        is_on_time: bool,
    },
    CarryOverAsked {
        carry_over: CarryOver,
    },
    CarryOverDecided {
        is_granted: bool,
        note: String,
        due_at: Instant,
    },
    RungFired {
        cycle: u32,
        #[serde(default, skip_serializing_if = "is_zero")]
        round: u32,
        rung: Rung,
        due_at: Option<Instant>,
        unit: Option<UnitCode>,
        note: String,
    },
    RungPassed {
        cycle: u32,
        #[serde(default, skip_serializing_if = "is_zero")]
        round: u32,
        rung: Rung,
        due_at: Instant,
    },
    SupervisionRecorded {
        note: String,
    },
    ContactAttempted {
        attempt: ContactAttempt,
    },
    SurveySubmitted {
        survey: Survey,
    },
    RecheckRecorded {
        recheck: Survey,
    },
    TicketClosed {
        reason: ClosingReason,
    },
    TicketReworked {
        cycle: u32,
        note: String,
        deadline: Deadline,
    },
    TicketWithdrawn {
        note: String,
    },
    TicketMerged {
        into: TicketNumber,
    },
    RepeatLinked(Box<RepeatLinked>),
    TicketRedacted {
        subject: Option<String>,
        content: Option<String>,
        note: String,
    },
    CallerUpdated(Box<CallerUpdated>),
    TicketSentToDesk {
        unit: UnitCode,
        transfer: Option<u32>,
    },
    UnitReplaced {
        unit: UnitCode,
        successor: Option<UnitCode>,
        transfer: Option<u32>,
    },
    TicketUnmerged {
        from: TicketNumber,
        note: String,
    },
    RepeatUnlinked {
        repeat: TicketNumber,
        linked: Vec<TicketNumber>,
    },
    TicketReinstated {
        note: String,
    },
    TicketReopened {
        note: String,
    },
    RepeatCalled {
        repeat: TicketNumber,
        is_reached: bool,
        is_last: bool,
        note: String,
    },
    DeadlineRecounted {
        deadline: Deadline,
        calendar_version: String,
    },
    DispatchAdvised {
        advice: DispatchAdvice,
    },
    NoteAdded(Note),
    AssignedInside(InsideAssignment),
    CompanyAsked(CompanyQuestion),
    SupplementAdded(Supplement),
    HelpRequested(HelpRequest),
    HelpAnswered(HelpAnswer),
    TicketsLinked(LinkedTicket),
    AttachmentAdded(Box<Attachment>),
    AttachmentScanned(Box<Attachment>),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Event {
    /// A dispatch of a ticket that nobody has signed for.
    #[must_use]
    pub const fn dispatched(dispatch: Dispatch) -> Self {
        Self::TicketDispatched { dispatch, reason: String::new(), transfer: None }
    }

    /// The event's name in the contract, for example `TicketDispatched`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TicketCreated(_) => "TicketCreated",
            Self::TicketAnswered { .. } => "TicketAnswered",
            Self::TicketDeclined { .. } => "TicketDeclined",
            Self::TicketClassified(_) => "TicketClassified",
            Self::TicketPlanned { .. } => "TicketPlanned",
            Self::TicketDispatched { .. } => "TicketDispatched",
            Self::TicketAccepted { .. } => "TicketAccepted",
            Self::TicketReturned { .. } => "TicketReturned",
            Self::ReturnRuled { .. } => "ReturnRuled",
            Self::CallerReplied { .. } => "CallerReplied",
            Self::HotlineReported { .. } => "HotlineReported",
            Self::AssistReported { .. } => "AssistReported",
            Self::TicketCompleted { .. } => "TicketCompleted",
            Self::CarryOverAsked { .. } => "CarryOverAsked",
            Self::CarryOverDecided { .. } => "CarryOverDecided",
            Self::RungFired { .. } => "RungFired",
            Self::RungPassed { .. } => "RungPassed",
            Self::SupervisionRecorded { .. } => "SupervisionRecorded",
            Self::ContactAttempted { .. } => "ContactAttempted",
            Self::SurveySubmitted { .. } => "SurveySubmitted",
            Self::RecheckRecorded { .. } => "RecheckRecorded",
            Self::TicketClosed { .. } => "TicketClosed",
            Self::TicketReworked { .. } => "TicketReworked",
            Self::TicketWithdrawn { .. } => "TicketWithdrawn",
            Self::TicketMerged { .. } => "TicketMerged",
            Self::RepeatLinked(_) => "RepeatLinked",
            Self::TicketRedacted { .. } => "TicketRedacted",
            Self::CallerUpdated(_) => "CallerUpdated",
            Self::TicketSentToDesk { .. } => "TicketSentToDesk",
            Self::UnitReplaced { .. } => "UnitReplaced",
            Self::TicketUnmerged { .. } => "TicketUnmerged",
            Self::RepeatUnlinked { .. } => "RepeatUnlinked",
            Self::TicketReinstated { .. } => "TicketReinstated",
            Self::TicketReopened { .. } => "TicketReopened",
            Self::RepeatCalled { .. } => "RepeatCalled",
            Self::DeadlineRecounted { .. } => "DeadlineRecounted",
            Self::DispatchAdvised { .. } => "DispatchAdvised",
            Self::NoteAdded(_) => "NoteAdded",
            Self::AssignedInside(_) => "AssignedInside",
            Self::CompanyAsked(_) => "CompanyAsked",
            Self::SupplementAdded(_) => "SupplementAdded",
            Self::HelpRequested(_) => "HelpRequested",
            Self::HelpAnswered(_) => "HelpAnswered",
            Self::TicketsLinked(_) => "TicketsLinked",
            Self::AttachmentAdded(_) => "AttachmentAdded",
            Self::AttachmentScanned(_) => "AttachmentScanned",
        }
    }
}

/// The request at intake, without who called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct TicketCreated {
    pub category: Category,
    pub complexity: Complexity,
    pub has_several_units: bool,
    pub topic: Option<String>,
    pub district: Option<String>,
    pub industry: Option<String>,
    pub subject: String,
    pub content: String,
    pub channel: Channel,
    pub source: Option<Source>,
    pub call_began_at: Option<Instant>,
    /// The call that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// `None` if nobody chose; the category then decides.
    pub chosen_confidential: Option<bool>,
    pub accused_units: Vec<UnitCode>,
    pub deadline: Deadline,
    /// The closed ticket that it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<TicketNumber>,
    /// The places where identifying text was replaced; the original text is in the vault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text_marks: Vec<TextMark>,
    /// The unit that took it in at its own counter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intake_unit: Option<UnitCode>,
    /// Whether its call was answered at a training seat.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_training: bool,
}

/// A repeat that is linked to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct RepeatLinked {
    pub repeat: TicketNumber,
    pub accused_units: Vec<UnitCode>,
    /// The repeats that were linked to the repeat before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub linked: Vec<TicketNumber>,
    /// The limit and the rung of the repeat, and of those that were linked to it in its cycle.
    #[serde(default)]
    pub limits: Vec<RepeatLimit>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_event_names_the_gateway_and_older_ones_none() {
        let actor = Actor { via: Some("gateway".to_owned()), ..Actor::system() };
        let event = Event::TicketWithdrawn { note: "\"via\":\"nobody\"".to_owned() };
        let ticket = TicketNumber::PLACEHOLDER;
        let mut recorded = EventRecord { ticket, sequence: 1, at: Instant::default(), actor, event };
        for via in [Some("gateway".to_owned()), None] {
            recorded.actor.via.clone_from(&via);
            let payload = recorded.payload().expect("it can be written");
            assert_eq!(Actor::via_of(&payload).expect("it can be read"), via, "{payload}");
            assert_eq!(serde_json::from_str::<Event>(&payload).expect("it can be read"), recorded.event);
            assert_eq!(payload.contains("gateway"), via.is_some());
        }
    }
}
