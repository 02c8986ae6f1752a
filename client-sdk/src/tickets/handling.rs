//! Commands of the handling: plan, dispatch, accept, return, the double feedback, carry over.

use chrono::{DateTime, Utc};
use hotline_proto::v1::{self, carry_over_ticket_request::Step};

use super::Tickets;
use super::command::ticket_command;
use crate::convert::{IntoProto, open_enum};
use crate::error::Error;
use crate::model::{CallerReply, HotlineReport, ReturnReason, Ticket};

impl Tickets {
    /// Writes the handling plan of an appeal whose responsibility overlaps. For the coordinator.
    ///
    /// # Errors
    /// `UNIT_UNKNOWN`, `CONFLICT_OF_INTEREST`.
    pub async fn plan_ticket(&self, command: PlanTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Sends a ticket (派单) to one lead, any assisting and any informed units; it is possible again after a return, and
    /// until both halves of the feedback are there. Signed work moves with a reason (改派). For dispatchers and the
    /// coordinator; for supervisors if the lead has accepted the ticket.
    ///
    /// # Errors
    /// `UNIT_UNKNOWN`, `CONFLICT_OF_INTEREST`, `ANSWERED_ON_THE_SPOT`, `PLAN_MISSING`, `RETURN_PENDING`, `TEXT_HELD`,
    /// `PART_NOT_ALLOWED`.
    pub async fn dispatch_ticket(&self, command: DispatchTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Accepts a ticket (签收). For the lead unit.
    ///
    /// # Errors
    /// `LEAD_ONLY`.
    pub async fn accept_ticket(&self, command: AcceptTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Returns a ticket (退单) inside the return window. The deadline does not change. For the lead unit.
    ///
    /// # Errors
    /// `LEAD_ONLY`, `RETURN_WINDOW_CLOSED`, `RETURNS_EXHAUSTED`, `UNIT_UNKNOWN`.
    pub async fn return_ticket(&self, command: ReturnTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Rules on a return. For dispatchers.
    ///
    /// # Errors
    /// `NO_RETURN_PENDING`.
    pub async fn rule_on_return(&self, command: RuleOnReturn) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Adds the reply to the company, the report to the hotline, or both to the ticket (双反馈). The lead's pair completes
    /// it; an assisting unit's report goes to the lead. For units.
    ///
    /// # Errors
    /// `FEEDBACK_STANDS`, `NOT_INVOLVED`, `LEAD_ONLY`.
    pub async fn submit_feedback(&self, command: SubmitFeedback) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Carries a ticket over (挂账): the lead unit asks, a dispatcher decides, both before the limit.
    ///
    /// # Errors
    /// `LEAD_ONLY`, `PART_NOT_ALLOWED`, `LIMIT_PASSED`, `ALREADY_CARRIED_OVER`, `NO_CARRY_OVER_PENDING`.
    pub async fn carry_over_ticket(&self, command: CarryOverTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }
}

ticket_command! {
    /// Writes the handling plan of an appeal whose responsibility overlaps.
    PlanTicket = PlanTicketRequest {
        /// Who does what, in which order, 1 to 10,000 characters.
        text: String,
        /// The code of the unit that should lead.
        lead_unit: String,
        |
        /// The codes of the units that should assist, at most 20.
        assist_units: Vec<String>,
    }
}

ticket_command! {
    /// Sends a ticket to its units (派单).
    ///
    /// ```
    /// use hotline_client::DispatchTicket;
    ///
    /// let command =
    ///     DispatchTicket::new("1910120000012", "district-chaoyang").assist_units(["dept-tax"]);
    /// assert_eq!(command.lead_unit, "district-chaoyang");
    /// ```
    DispatchTicket = DispatchTicketRequest {
        /// The code of the unit that is responsible for the whole.
        lead_unit: String,
        |
        /// The codes of the units that assist, at most 20.
        assist_units: Vec<String>,
        /// The codes of the units that are informed, at most 20.
        inform_units: Vec<String>,
        /// A note for the units, at most 2,000 characters.
        note: Option<String>,
        /// Why the work moves, at most 2,000 characters. Required if the lead has accepted the ticket.
        reason: Option<String>,
    }
}

ticket_command! {
    /// Accepts a ticket (签收).
    AcceptTicket = AcceptTicketRequest {}
}

ticket_command! {
    /// Returns a ticket (退单).
    ReturnTicket = ReturnTicketRequest {
        /// Why.
        reason: ReturnReason,
        /// The rule that the unit relies on, 1 to 500 characters.
        rule: String,
        |
        /// The code of the unit that it proposes instead. Required if the reason is `NotOurDuty` or `NotOurPlace`.
        proposed_unit: Option<String>,
        /// A note, at most 2,000 characters.
        note: Option<String>,
    }
}

ticket_command! {
    /// Rules on a return.
    RuleOnReturn = RuleOnReturnRequest {
        /// The ruling.
        ruling: Ruling,
        /// The dispatcher's words, 1 to 2,000 characters.
        note: String,
    }
}

open_enum! {
    /// What a dispatcher can rule.
    Ruling = Ruling {
        /// The return is accepted: the ticket is dispatched elsewhere.
        Accept = "同意退单",
        /// The return is refused: the unit keeps the ticket.
        Refuse = "不同意退单",
    }
}

ticket_command! {
    /// Adds feedback to a ticket (双反馈). At least one half is needed.
    SubmitFeedback = SubmitFeedbackRequest {
        |
        /// The reply to the company. Only the lead unit may set it.
        caller_reply: Option<CallerReply>,
        /// The report to the hotline; from an assisting unit, to the lead.
        hotline_report: Option<HotlineReport>,
    }
}

ticket_command! {
    /// Asks to carry a ticket over (挂账), or decides it.
    CarryOverTicket = CarryOverTicketRequest {
        /// The step.
        step: CarryOverStep,
    }
}

/// The two steps: the lead unit asks, or a dispatcher decides.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CarryOverStep {
    /// The lead unit asks.
    Ask {
        /// What comes next, as the company was informed, 1 to 2,000 characters.
        next_steps: String,
        /// The completion date promised to the company, after the present limit.
        promised_time: DateTime<Utc>,
        /// When the company was informed, not before the intake and not in the future.
        inform_time: DateTime<Utc>,
    },
    /// A dispatcher decides.
    Decide {
        /// Whether it is granted.
        granted: bool,
        /// The dispatcher's words, at most 2,000 characters; required if it is refused.
        note: Option<String>,
    },
}

impl IntoProto<Option<Step>> for CarryOverStep {
    fn into_proto(self) -> Option<Step> {
        Some(match self {
            Self::Ask { next_steps, promised_time, inform_time } => Step::Ask(v1::CarryOverAsk {
                next_steps,
                promised_time: promised_time.into_proto(),
                inform_time: inform_time.into_proto(),
            }),
            Self::Decide { granted, note } => {
                Step::Decision(v1::CarryOverDecision { granted, note: note.into_proto() })
            }
        })
    }
}
