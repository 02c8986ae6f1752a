//! The handling of a ticket: plan, dispatch, return, and the double feedback of the lead.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::convert::{FromProto, Malformed, open_enum, record, writable};

record! {
    /// The coordinator's plan for overlapping responsibility.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    HandlingPlan = HandlingPlan {
        /// Who does what, in which order.
        text: String,
        /// The code of the unit that should lead.
        lead_unit: String,
        /// The codes of the units that should assist.
        assist_units: Vec<String>,
        /// When it was written.
        plan_time: Option<DateTime<Utc>>,
    }
}

record! {
    /// A dispatch (派单): one lead (主办), any assisting (协办), any informed (抄送).
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Dispatch = Dispatch {
        /// The code of the unit that is responsible for the whole.
        lead_unit: String,
        /// The codes of the units that report to the lead.
        assist_units: Vec<String>,
        /// The codes of the units that are informed.
        inform_units: Vec<String>,
        /// When it was sent.
        dispatch_time: DateTime<Utc>,
        /// Until when the lead may return it.
        return_due_time: Option<DateTime<Utc>>,
        /// When the lead accepted it.
        accept_time: Option<DateTime<Utc>>,
        /// A note for the units.
        note: Option<String>,
    }
}

open_enum! {
    /// Why a unit returns a ticket.
    ReturnReason = ReturnReason {
        /// Another unit is responsible by its duties.
        NotOurDuty = "非本单位职责",
        /// The matter lies in another district.
        NotOurPlace = "非本辖区",
        /// Several units are responsible and a plan is needed.
        Overlapping = "职责交叉",
        /// The request lacks what is needed to begin.
        Incomplete = "信息不全",
        /// It should not have been accepted at all.
        NotAcceptable = "不应受理",
    }
}

record! {
    /// A return (退单) and the ruling on it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketReturn = TicketReturn {
        /// The code of the unit that returned it.
        unit: String,
        /// Why.
        reason: ReturnReason,
        /// The rule it relies on.
        rule: String,
        /// The code of the unit it proposes instead.
        proposed_unit: Option<String>,
        /// A note.
        note: Option<String>,
        /// When it was returned.
        return_time: DateTime<Utc>,
        /// Whether the allowed number of returns was used up, so that the ruling on this one is an arbitration.
        arbitration: bool,
        /// The ruling; `None` while it is pending.
        ruling: Option<ReturnRuling>,
    }
}

/// The dispatcher's ruling on a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReturnRuling {
    /// Accepted: the ticket can be dispatched elsewhere. Refused: the returning unit keeps it.
    pub accepted: bool,
    /// Whether no further return is possible on this ticket.
    pub is_final: bool,
    /// The dispatcher's words.
    pub note: String,
    /// When.
    pub ruling_time: DateTime<Utc>,
}

// Written by hand, because the contract's `final` is a keyword in Rust.
impl FromProto<hotline_proto::v1::ReturnRuling> for ReturnRuling {
    fn from_proto(value: hotline_proto::v1::ReturnRuling, _: &'static str) -> Result<Self, Malformed> {
        Ok(Self {
            accepted: value.accepted,
            is_final: value.r#final,
            note: value.note,
            ruling_time: FromProto::from_proto(value.ruling_time, "ReturnRuling.ruling_time")?,
        })
    }
}

impl FromProto<Option<hotline_proto::v1::ReturnRuling>> for ReturnRuling {
    fn from_proto(
        value: Option<hotline_proto::v1::ReturnRuling>,
        at: &'static str,
    ) -> Result<Self, Malformed> {
        Self::from_proto(value.ok_or(Malformed(at))?, at)
    }
}

record! {
    /// The reply to the company: one half of the double feedback (双反馈).
    #[derive(Debug, Clone, PartialEq, Eq)]
    CallerReply = CallerReply {
        /// When the company was informed.
        reply_time: DateTime<Utc>,
        /// How.
        method: ContactMethod,
        /// The name or post of the official who spoke. At most 64 characters.
        official: String,
        /// What was said. At most 10,000 characters.
        content: String,
        /// When it was added to the ticket. Set by the server; ignored in requests.
        record_time: Option<DateTime<Utc>>,
    }
}
writable!(CallerReply = CallerReply { reply_time, method, official, content, record_time });

impl CallerReply {
    /// A reply that was given at an instant.
    pub fn new(
        reply_time: DateTime<Utc>,
        method: ContactMethod,
        official: impl Into<String>,
        content: impl Into<String>,
    ) -> Self {
        let (official, content) = (official.into(), content.into());
        Self { reply_time, method, official, content, record_time: None }
    }
}

record! {
    /// The report to the hotline: the other half of the double feedback.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    HotlineReport = HotlineReport {
        /// What was done. At most 10,000 characters.
        actions: String,
        /// The result. At most 10,000 characters.
        result: String,
        /// References to the evidence, for example document numbers. At most 20, each at most 500 characters.
        evidence: Vec<String>,
        /// When it was added to the ticket. Set by the server; ignored in requests.
        record_time: Option<DateTime<Utc>>,
    }
}
writable!(HotlineReport = HotlineReport { actions, result, evidence, record_time });

impl HotlineReport {
    /// A report without evidence.
    pub fn new(actions: impl Into<String>, result: impl Into<String>) -> Self {
        Self { actions: actions.into(), result: result.into(), ..Self::default() }
    }
}

record! {
    /// What an assisting unit reports to the lead.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AssistReport = AssistReport {
        /// The code of the assisting unit.
        unit: String,
        /// Its report.
        report: HotlineReport,
    }
}

open_enum! {
    /// How a company was reached.
    ContactMethod = ContactMethod {
        /// By telephone.
        Telephone = "电话",
        /// In person.
        InPerson = "当面",
        /// In writing.
        Written = "书面",
        /// By text message, app or web.
        Online = "网络",
    }
}
