//! The ticket: its fields, its states, its events, and how the events fold into it.
//!
//! Everything here is pure. A [`Ticket`] is only made by [`apply::apply`] from its events; no other code sets a field.

mod actor;
mod advice;
mod answer;
pub mod apply;
mod around;
mod attachment;
mod call_key;
mod caller_identity;
mod caller_update;
mod carry_over;
pub mod classification;
mod closing;
pub mod codes;
pub(crate) mod columns;
mod contact_attempt;
mod cycle;
pub mod dated;
mod deadline;
mod decline;
mod dispatch;
mod ending;
pub mod event;
mod feedback;
#[cfg(test)]
mod fixture;
mod instant;
pub mod invariants;
pub mod number;
pub mod pii;
mod plan;
pub mod record;
mod repeat;
mod return_request;
mod source;
mod survey;
mod ticket_classified;
pub mod transitions;
mod unit_code;

pub use actor::Actor;
pub use advice::{AdviceVerdict, DispatchAdvice};
pub use answer::{Answer, AnswerGap, ArticleCitation};
pub use around::{
    CompanyQuestion, HelpAnswer, HelpRequest, InsideAssignment, LinkedTicket, Note, Supplement,
};
pub use attachment::{Attachment, AttachmentState};
pub use call_key::{CallId, CallKey, ExchangeId};
pub use caller_identity::CallerIdentity;
pub use caller_update::{CallerField, CallerUpdate, CallerUpdated, UpdatedTexts};
pub use carry_over::{CarryOver, CarryOverState};
pub use classification::{Category, Complexity, Rung, Tier};
pub use closing::{Closing, ClosingReason};
pub use contact_attempt::ContactAttempt;
pub use cycle::Cycle;
pub use deadline::{ClassifiedLimit, CorrectableLimit, Deadline};
pub use decline::{Decline, DeclineReason};
pub use dispatch::{Dispatch, Relation};
pub use ending::Ending;
pub use event::{Event, EventRecord};
pub use feedback::{AssistReport, CallerReply, ContactMethod, HotlineReport};
pub use instant::Instant;
pub use number::TicketNumber;
pub use pii::{TextField, TextMark};
pub use plan::{HandlingPlan, Responsibility};
pub use record::{PendingTexts, Ticket, unit_sequence};
pub use repeat::{RepeatCall, RepeatLimit};
pub use return_request::{ReturnReason, ReturnRuling, TicketReturn};
pub use source::{Channel, Source};
pub use survey::{Resolved, Responded, Satisfied, Survey};
pub use ticket_classified::TicketClassified;
pub use transitions::{Command, State};
pub use unit_code::UnitCode;
