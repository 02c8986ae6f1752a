//! What waits for dispatch, and the advice of units on duty.

use hotline_proto::v1;
use uuid::Uuid;

use super::Tickets;
use crate::call::Command;
use crate::convert::{IntoProto as _, answers, setters};
use crate::error::Error;
use crate::model::{AdviceReport, AdviceVerdict, AwaitingTicket, DispatchAdvice};
use crate::page::{self, Listing};

/// Says whether the calling unit is responsible for a ticket that waits for dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdviseDispatch {
    /// The ticket.
    pub ticket_number: String,
    /// Whether the unit is responsible.
    pub verdict: AdviceVerdict,
    /// The rule that it relies on, at most 500 characters. Required if it is not responsible.
    pub rule: Option<String>,
    /// A note, at most 2,000 characters.
    pub note: Option<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl AdviseDispatch {
    /// Advice on a ticket.
    pub fn new(ticket_number: impl Into<String>, verdict: AdviceVerdict) -> Self {
        Self { ticket_number: ticket_number.into(), verdict, rule: None, note: None, request_id: None }
    }
}

setters! {
    AdviseDispatch {
        rule: Option<String>,
        note: Option<String>,
        request_id: Option<Uuid>,
    }
}

impl Command for AdviseDispatch {
    type Request = v1::AdviseDispatchRequest;
    type Changed = DispatchAdvice;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        let advice = v1::DispatchAdvice {
            ticket_number: self.ticket_number,
            verdict: self.verdict.into_proto(),
            rule: self.rule.into_proto(),
            note: self.note.into_proto(),
            ..Default::default()
        };
        v1::AdviseDispatchRequest { request_id, advice: Some(advice) }
    }
}

impl Tickets {
    /// Lists what waits for dispatch, oldest first, with the advice of units. A unit on duty reads its field. For
    /// dispatchers, coordinators, supervisors and units. The first item is an error with `NOT_ON_DUTY` if the unit is
    /// not on duty now.
    pub fn list_awaiting_dispatch(&self) -> Listing<AwaitingTicket> {
        page::list(self.0.clone(), v1::ListAwaitingDispatchRequest::default())
    }

    /// Says before a dispatch whether the calling unit is responsible. For units on duty.
    ///
    /// # Errors
    /// `NOT_ON_DUTY`, `TICKET_NOT_FOUND`, `ADVICE_GIVEN`, `REQUEST_ID_REUSED`.
    pub async fn advise_dispatch(&self, command: AdviseDispatch) -> Result<DispatchAdvice, Error> {
        self.0.command(command).await
    }

    /// Counts the advice of a month like `2019-10` by unit. For dispatchers, supervisors, analysts and administrators.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn get_advice_quality(&self, month: impl Into<String>) -> Result<AdviceReport, Error> {
        self.0.query(v1::GetAdviceQualityRequest { month: month.into() }).await
    }
}

answers! {
    DispatchAdvice: AdviseDispatchResponse.advice;
}
