//! Telephone calls: what the exchange reports, and what staff read of it.

mod recordings;
mod service_level;

use chrono::{DateTime, Utc};
use hotline_proto::v1;
use uuid::Uuid;

use crate::call::{Command, Core};
use crate::convert::{IntoProto as _, answers, setters};
use crate::error::Error;
use crate::model::{
    Call, CallBack, CallBackOutcome, CallBackState, CallContext, CallDetails, CallKey, CallOutcome,
    HandOverState, ReportedCall,
};
use crate::page::{self, Listing};

pub use recordings::AttachRecording;
pub use service_level::ForecastSeats;

/// Calls. Made by [`HotlineClient::calls`](crate::HotlineClient::calls).
#[derive(Debug, Clone)]
pub struct Calls(Core);

/// Reports a part of a call.
///
/// ```
/// use hotline_client::{CallDetails, CallDirection, CallKey, ReportCall, chrono::Utc};
///
/// let began = Utc::now();
/// let part = ReportCall::new(
///     CallKey::reference("switch-3", "4711", began),
///     began,
///     CallDetails { direction: Some(CallDirection::Inbound), ..CallDetails::default() },
/// );
/// assert_eq!(part.request_id, None, "the library chooses it");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReportCall {
    /// The call.
    pub key: CallKey,
    /// When the exchange made this part. Of two values of one field, that of the later part stays.
    pub part_time: DateTime<Utc>,
    /// What the exchange reports with this part. What is absent stays as it is.
    pub details: CallDetails,
    /// `None` lets the library choose it. Middleware makes it from the event id of the exchange, so that a repeated
    /// event is the same request.
    pub request_id: Option<Uuid>,
}

impl ReportCall {
    /// A part of a call.
    #[must_use]
    pub const fn new(key: CallKey, part_time: DateTime<Utc>, details: CallDetails) -> Self {
        Self { key, part_time, details, request_id: None }
    }
}

setters! {
    ReportCall {
        key: CallKey,
        part_time: DateTime<Utc>,
        details: CallDetails,
        request_id: Option<Uuid>,
    }
}

/// A filter of calls; by default all. All conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListCalls {
    /// They began at or after this instant.
    pub start_time: Option<DateTime<Utc>>,
    /// They began before this instant.
    pub end_time: Option<DateTime<Utc>>,
    /// They ended like this.
    pub outcome: Option<CallOutcome>,
    /// They were offered to this seat, or have a leg to it.
    pub seat: Option<String>,
    /// No ticket came from them.
    pub without_ticket: bool,
    /// They came from this number. It finds no call with a confidential ticket, and the search is recorded.
    pub calling_number: Option<String>,
    /// The exchange gave this id, as end-to-end id or as reference.
    pub exchange_id: Option<String>,
    /// They were handed over to another service like this.
    pub hand_over: Option<HandOverState>,
    /// Items per page: 50 by default, at most 100.
    pub page_size: Option<u32>,
}

setters! {
    ListCalls {
        start_time: Option<DateTime<Utc>>,
        end_time: Option<DateTime<Utc>>,
        outcome: Option<CallOutcome>,
        seat: Option<String>,
        without_ticket: bool,
        calling_number: Option<String>,
        exchange_id: Option<String>,
        hand_over: Option<HandOverState>,
        page_size: Option<u32>,
    }
}

impl Calls {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    /// Reports a part of a call; returns the id of the call. Parts may come late, repeated and in any order: the same
    /// parts make the same call. For telephony.
    ///
    /// # Errors
    /// `CLOCK_AHEAD`, `CALL_TOO_LARGE`, `REQUEST_ID_REUSED`.
    pub async fn report_call(&self, part: ReportCall) -> Result<String, Error> {
        Ok(self.0.command(part).await?.call_id)
    }

    /// Reads one call with the numbers of its parties, which is recorded. They are withheld if a ticket of the call is
    /// confidential. For agents and supervisors.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`.
    pub async fn get_call(&self, call_id: impl Into<String>) -> Result<Call, Error> {
        self.0.query(v1::GetCallRequest { call_id: call_id.into() }).await
    }

    /// What an agent reads before the first word: the call, the company behind its number, and the company's tickets.
    /// It is recorded as an access to the identity behind each of these tickets. For agents and supervisors.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`.
    pub async fn get_call_context(&self, call_id: impl Into<String>) -> Result<CallContext, Error> {
        self.0.query(v1::GetCallContextRequest { call_id: call_id.into() }).await
    }

    /// Lists calls without the numbers of their parties, the newest first. For agents and supervisors.
    pub fn list_calls(&self, which: ListCalls) -> Listing<Call> {
        let filter = v1::CallFilter {
            start_time: which.start_time.into_proto(),
            end_time: which.end_time.into_proto(),
            outcome: which.outcome.into_proto(),
            seat: which.seat.into_proto(),
            without_ticket: which.without_ticket,
            calling_number: which.calling_number.into_proto(),
            exchange_id: which.exchange_id.into_proto(),
            hand_over: which.hand_over.into_proto(),
        };
        let request = v1::ListCallsRequest {
            page_size: which.page_size.into_proto(),
            page_token: String::new(),
            filter: Some(filter),
        };
        page::list(self.0.clone(), request)
    }

    /// Lists companies that are to be called back, the one that is due first at the top; `None` for those that are
    /// open. For agents and supervisors.
    pub fn list_call_backs(&self, state: Option<CallBackState>) -> Listing<CallBack> {
        let request = v1::ListCallBacksRequest { state: state.into_proto(), ..Default::default() };
        page::list(self.0.clone(), request)
    }

    /// Records how a call-back ended. If the company was reached, the ticket that names the call comes first. For
    /// agents and supervisors.
    ///
    /// # Errors
    /// `CALL_BACK_NOT_FOUND`, `CALL_BACK_CLOSED`, `REQUEST_ID_REUSED`.
    pub async fn record_call_back(&self, command: RecordCallBack) -> Result<CallBack, Error> {
        self.0.command(command).await
    }
}

/// Records how a call-back ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordCallBack {
    /// The call that the company is called back for.
    pub call_id: String,
    /// How it ended.
    pub outcome: CallBackOutcome,
    /// The ticket that names the call, if the company was reached.
    pub ticket_number: Option<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl RecordCallBack {
    /// The company was reached, and this ticket was made.
    pub fn reached(call_id: impl Into<String>, ticket_number: impl Into<String>) -> Self {
        let ticket_number = Some(ticket_number.into());
        Self { call_id: call_id.into(), outcome: CallBackOutcome::Reached, ticket_number, request_id: None }
    }

    /// Nobody was reached; the company is to be called again.
    pub fn not_reached(call_id: impl Into<String>) -> Self {
        let outcome = CallBackOutcome::NotReached;
        Self { call_id: call_id.into(), outcome, ticket_number: None, request_id: None }
    }

    /// Nobody is to be called any more.
    pub fn dropped(call_id: impl Into<String>) -> Self {
        let outcome = CallBackOutcome::Dropped;
        Self { call_id: call_id.into(), outcome, ticket_number: None, request_id: None }
    }
}

setters! {
    RecordCallBack {
        call_id: String,
        outcome: CallBackOutcome,
        ticket_number: Option<String>,
        request_id: Option<Uuid>,
    }
}

impl Command for RecordCallBack {
    type Request = v1::RecordCallBackRequest;
    type Changed = CallBack;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::RecordCallBackRequest {
            request_id,
            call_id: self.call_id,
            outcome: self.outcome.into_proto(),
            ticket_number: self.ticket_number.into_proto(),
        }
    }
}

impl Command for ReportCall {
    type Request = v1::ReportCallRequest;
    type Changed = ReportedCall;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::ReportCallRequest {
            request_id,
            key: self.key.into_proto(),
            part_time: self.part_time.into_proto(),
            details: self.details.into_proto(),
        }
    }
}

answers! {
    Call: GetCallResponse.call;
    CallBack: RecordCallBackResponse.call_back;
}
