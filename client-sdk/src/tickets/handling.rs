//! Commands of the handling: planning, dispatching, signing for it, returning it, the double feedback, carrying over.

use chrono::{DateTime, Utc};
use hotline_proto::v1::{self, carry_over_ticket_request::Step};

use super::command::ticket_command;
use crate::convert::{IntoProto, open_enum};
use crate::model::{CallerReply, HotlineReport, ReturnReason};

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
    /// let command = DispatchTicket {
    ///     assist_units: vec!["dept-tax".into()],
    ///     ..DispatchTicket::new("1910120000012", "district-chaoyang")
    /// };
    /// assert_eq!(command.lead_unit, "district-chaoyang");
    /// ```
    DispatchTicket = DispatchTicketRequest {
        /// The code of the unit that answers for the whole.
        lead_unit: String,
        |
        /// The codes of the units that assist, at most 20.
        assist_units: Vec<String>,
        /// The codes of the units that are informed, at most 20.
        inform_units: Vec<String>,
        /// A note for them, at most 2,000 characters.
        note: Option<String>,
    }
}

ticket_command! {
    /// Signs for a ticket (签收).
    AcceptTicket = AcceptTicketRequest {}
}

ticket_command! {
    /// Sends a ticket back (退单).
    ReturnTicket = ReturnTicketRequest {
        /// Why.
        reason: ReturnReason,
        /// The rule that the unit relies on, 1 to 500 characters.
        rule: String,
        |
        /// The code of the unit it proposes instead. Required where the reason is `NotOurDuty` or `NotOurPlace`.
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
        Accept,
        /// The return is refused: the unit has it again.
        Refuse,
    }
}

ticket_command! {
    /// Puts feedback on a ticket (双反馈). At least one half is needed.
    SubmitFeedback = SubmitFeedbackRequest {
        |
        /// The reply to the company. The lead's only.
        caller_reply: Option<CallerReply>,
        /// The report to the hotline; from an assisting unit, to the lead.
        hotline_report: Option<HotlineReport>,
    }
}

ticket_command! {
    /// Carries a ticket over (挂账), or decides whether it is.
    CarryOverTicket = CarryOverTicketRequest {
        /// Whose step it is.
        step: CarryOverStep,
    }
}

/// Either the lead unit asks, or a dispatcher decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CarryOverStep {
    /// The lead unit asks.
    Ask {
        /// What comes next, as the company was told, 1 to 2,000 characters.
        next_steps: String,
        /// The completion date promised to the company, after the present limit.
        promised_time: DateTime<Utc>,
        /// When the company was told, not before the intake and not in the future.
        told_time: DateTime<Utc>,
    },
    /// A dispatcher decides.
    Decide {
        /// Whether it is granted.
        granted: bool,
        /// The dispatcher's words, at most 2,000 characters; required where it is refused.
        note: Option<String>,
    },
}

impl IntoProto<Option<Step>> for CarryOverStep {
    fn into_proto(self) -> Option<Step> {
        Some(match self {
            Self::Ask { next_steps, promised_time, told_time } => Step::Ask(v1::CarryOverAsk {
                next_steps,
                promised_time: promised_time.into_proto(),
                told_time: told_time.into_proto(),
            }),
            Self::Decide { granted, note } => {
                Step::Decision(v1::CarryOverDecision { granted, note: note.into_proto() })
            }
        })
    }
}
