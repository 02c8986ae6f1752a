//! The details of each event: one record for every variant of [`EventDetail`](super::EventDetail), with the same name.

use chrono::{DateTime, Utc};

use super::{
    Answer, AssistReport, CallerReply, CarryOver, Category, Channel, ClassifiedLimit, ClosingReason,
    Complexity, ContactAttempt, Decline, Dispatch, HandlingPlan, HotlineReport, Responsibility, ReturnRuling,
    Rung, Survey, TicketReturn, Tier,
};
use crate::convert::record;

record! {
    /// A limit and what it was counted under.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Deadline = Deadline {
        /// The limit.
        due_time: DateTime<Utc>,
        /// The row of the deadline table.
        tier: Tier,
        /// The version of the policy.
        policy_version: String,
        /// The version of the calendar.
        calendar_version: String,
        /// Whether a year without an official notice was counted.
        provisional: bool,
    }
}

record! {
    /// Taken in.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketCreated = TicketCreated {
        /// What the company wants.
        category: Category,
        /// How much work it is.
        complexity: Complexity,
        /// How it reached the hotline.
        channel: Channel,
        /// The limit.
        deadline: Deadline,
        /// The number of the closed ticket that it follows. Shown to hotline staff only.
        follows_ticket_number: Option<String>,
        /// Whether its call was answered at a training seat, so that it is for practice and counted nowhere. Shown to
        /// hotline staff only.
        training: bool,
    }
}

record! {
    /// Answered on the spot.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketAnswered = TicketAnswered {
        /// The answer.
        answer: Answer,
    }
}

record! {
    /// Declined.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketDeclined = TicketDeclined {
        /// Why, and where to turn instead.
        decline: Decline,
    }
}

record! {
    /// Classified again.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketClassified = TicketClassified {
        /// What the company wants.
        category: Category,
        /// How much work it is.
        complexity: Complexity,
        /// Whether several units are involved.
        several_units: bool,
        /// Whether it is clear which unit is responsible.
        responsibility: Option<Responsibility>,
        /// The topic leaf.
        topic: Option<String>,
        /// The district.
        district: Option<String>,
        /// The limit, counted again from the intake.
        deadline: Deadline,
        /// The units complained about that were added; shown to hotline staff only.
        accused_units: Vec<String>,
        /// Whether it was recalled from the units that had it, because one of them is complained about.
        recalled: bool,
        /// What became of the limit.
        limit: ClassifiedLimit,
        /// Why a supervisor classified it after the limit; shown to hotline staff only.
        note: Option<String>,
    }
}

record! {
    /// Planned by the coordinator.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketPlanned = TicketPlanned {
        /// The plan.
        plan: HandlingPlan,
    }
}

record! {
    /// Dispatched.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketDispatched = TicketDispatched {
        /// To whom.
        dispatch: Dispatch,
        /// Why signed work moved. Shown to hotline staff only.
        reason: Option<String>,
        /// The number of the transfer that sent it; 0 if a person did. Shown to hotline staff only.
        transfer_number: u32,
    }
}

record! {
    /// Accepted by the lead (签收).
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketAccepted = TicketAccepted {
        /// The code of the lead unit.
        unit: String,
    }
}

record! {
    /// Returned by the lead.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketReturned = TicketReturned {
        /// The return.
        ticket_return: TicketReturn,
    }
}

record! {
    /// A ruling on the pending return.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ReturnRuled = ReturnRuled {
        /// The ruling.
        ruling: ReturnRuling,
    }
}

record! {
    /// The reply to the company.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CallerReplied = CallerReplied {
        /// The code of the lead unit.
        unit: String,
        /// The reply.
        reply: CallerReply,
    }
}

record! {
    /// The report to the hotline.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    HotlineReported = HotlineReported {
        /// The code of the lead unit.
        unit: String,
        /// The report.
        report: HotlineReport,
    }
}

record! {
    /// A report of an assisting unit to the lead.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AssistReported = AssistReported {
        /// The report.
        report: AssistReport,
    }
}

record! {
    /// Both halves of the feedback are there: the cycle is complete.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketCompleted = TicketCompleted {
        /// Whether it was complete at or before the limit.
        on_time: bool,
    }
}

record! {
    /// The lead asked to carry the ticket over.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CarryOverAsked = CarryOverAsked {
        /// What was asked.
        carry_over: CarryOver,
    }
}

record! {
    /// The carry-over was decided.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CarryOverDecided = CarryOverDecided {
        /// Whether it was granted.
        granted: bool,
        /// The dispatcher's words.
        note: Option<String>,
        /// The limit in force from now on.
        due_time: DateTime<Utc>,
    }
}

record! {
    /// A rung of the ladder fired.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    RungFired = RungFired {
        /// The number of the handling cycle.
        cycle: u32,
        /// The rung.
        rung: Rung,
        /// The instant at which it was due. The event's own time is when it fired. `None` if staff fired it.
        due_time: Option<DateTime<Utc>>,
        /// The code of the unit it is addressed to; `None` if no unit has the ticket yet.
        unit: Option<String>,
        /// A supervisor's note, if it was fired by hand.
        note: Option<String>,
    }
}

record! {
    /// A rung that was due during an outage, and was skipped because a higher one was due too.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    RungPassed = RungPassed {
        /// The number of the handling cycle.
        cycle: u32,
        /// The rung.
        rung: Rung,
        /// The instant at which it had been due.
        due_time: DateTime<Utc>,
    }
}

record! {
    /// What staff did in manual supervision.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SupervisionRecorded = SupervisionRecorded {
        /// What was done.
        note: String,
    }
}

record! {
    /// A follow-up call that reached nobody.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ContactAttempted = ContactAttempted {
        /// The attempt.
        attempt: ContactAttempt,
    }
}

record! {
    /// What the company said.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SurveySubmitted = SurveySubmitted {
        /// The survey.
        survey: Survey,
    }
}

record! {
    /// What the company said to another agent, who called again.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    RecheckRecorded = RecheckRecorded {
        /// The answers.
        recheck: Survey,
    }
}

record! {
    /// Closed.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketClosed = TicketClosed {
        /// How.
        reason: ClosingReason,
    }
}

record! {
    /// Sent back for rework.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketReworked = TicketReworked {
        /// The number of the new cycle.
        cycle: u32,
        /// Why. `None` if the ticket was opened again: the event before says why.
        note: Option<String>,
        /// The new cycle's limit.
        deadline: Deadline,
    }
}

record! {
    /// Withdrawn by the company.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketWithdrawn = TicketWithdrawn {
        /// Why, in the company's words.
        note: String,
    }
}

record! {
    /// An agent rewrote the texts so that they do not identify the caller, or confirmed that they do not.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketRedacted = TicketRedacted {
        /// Whether the subject was rewritten.
        subject_changed: bool,
        /// Whether the content was rewritten.
        content_changed: bool,
        /// What was done, or why the present texts are harmless. Shown to hotline staff only.
        note: Option<String>,
    }
}
