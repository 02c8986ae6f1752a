//! Injected bugs: answers changed as a bug in the product would change them, so that the suite must find it.

use std::collections::{BTreeMap, BTreeSet};

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::answer::Answer;
use super::system_pair::{PAIR, System};
use crate::store::fixture::unit;
use hotline_server::ticket::TicketNumber;
use hotline_server::ticket::codes::PhoneReading;

/// An injected bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bug {
    /// A repeat by source names the caller's telephone number if it differs.
    DifferingFields,
    /// The warnings of a repeat are about the number that was named first.
    WarningsOfTheFirst,
    /// The answer to an update of the caller says that the telephone number is the one on record.
    UpdateTellsGuess,
    /// A knowledge gap names the callers' telephone numbers.
    GapNamesCaller,
    /// The number of a call is shown though its ticket is confidential.
    CallShowsNumber,
    /// A unit reads in an event who was accused.
    AccusedInEvents,
    /// A unit that lost a ticket reads that it was recalled.
    WhyItLeft,
    /// The name of a caller that was taken out of the texts is found.
    CallersAreFound,
}

/// What a bug knows of the callers of one system.
#[derive(Debug, Default)]
pub(super) struct KnownCallers {
    /// The telephone number of each source.
    pub(super) phones: BTreeMap<String, String>,
    /// Their names.
    pub(super) names: BTreeSet<String>,
}

/// A page of results with one more if the query is the name of a caller.
fn with_caller(system: &System, request: &[u8], answer: &Answer) -> Vec<u8> {
    let request = pb::SearchTicketsRequest::decode(request).unwrap_or_default();
    let mut page: pb::SearchTicketsResponse = answer.read();
    if system.callers.names.contains(&request.query) {
        page.hits.push(pb::TicketHit::default());
    }
    page.encode_to_vec()
}

impl Bug {
    /// The answer with the bug in it.
    pub(super) async fn apply(
        self,
        system: &System,
        method: &str,
        request: &[u8],
        mut answer: Answer,
    ) -> Answer {
        match (self, method) {
            (Self::DifferingFields, "CreateTicket") => {
                let request = pb::CreateTicketRequest::decode(request).unwrap_or_default();
                let reference = request.source.map(|source| source.reference).unwrap_or_default();
                let guess = request.contact.map(|contact| contact.phone);
                let is_wrong =
                    system.callers.phones.get(&reference).is_some_and(|phone| guess.as_ref() != Some(phone));
                if is_wrong {
                    answer.message.push_str(" contact.phone");
                }
            }
            (Self::WarningsOfTheFirst, "CreateTicket") if answer.is_ok() => {
                answer.body = with_first_warnings(system, request, answer.read());
            }
            (Self::UpdateTellsGuess, "UpdateCaller") if answer.is_ok() => {
                let request = pb::UpdateCallerRequest::decode(request).unwrap_or_default();
                let Ok(number) = TicketNumber::parse(&request.ticket_number) else { return answer };
                let source = system.hotline.find(number).await.source;
                let first = source.and_then(|source| system.callers.phones.get(&source.reference));
                let guess = request.contact.map(|contact| contact.phone);
                if first.is_some() && guess.as_ref() == first {
                    answer.message.push_str(" as on record");
                }
            }
            (Self::GapNamesCaller, "ListKnowledgeGaps") if answer.is_ok() => {
                let mut list: pb::ListKnowledgeGapsResponse = answer.read();
                for gap in &mut list.gaps {
                    gap.question.extend(system.callers.phones.values().map(String::as_str));
                }
                answer.body = list.encode_to_vec();
            }
            (Self::CallShowsNumber, "GetCall") if answer.is_ok() => {
                answer.body = with_number(system, answer.read());
            }
            (Self::AccusedInEvents, "ListTicketEvents") if answer.is_ok() => {
                answer.body = with_accused(system, request, answer.read()).await;
            }
            (Self::WhyItLeft, "GetTicket") if !answer.is_ok() => {
                let request = pb::GetTicketRequest::decode(request).unwrap_or_default();
                let Ok(number) = TicketNumber::parse(&request.ticket_number) else { return answer };
                let accused = system.hotline.find(number).await.accused_units;
                if accused.iter().any(|code| *code == unit(PAIR[0])) {
                    answer.message.push_str(", it was recalled");
                }
            }
            (Self::CallersAreFound, "SearchTickets") if answer.is_ok() => {
                answer.body = with_caller(system, request, &answer);
            }
            _ => {}
        }
        answer
    }
}

/// What the first request of this source would have been warned of.
fn with_first_warnings(system: &System, request: &[u8], mut created: pb::CreateTicketResponse) -> Vec<u8> {
    let request = pb::CreateTicketRequest::decode(request).unwrap_or_default();
    let reference = request.source.map(|source| source.reference).unwrap_or_default();
    let first = system.callers.phones.get(&reference);
    if first.is_some_and(|first| !PhoneReading::of(first).is_verified()) {
        let reason = pb::UnverifiedReason::FormUnknown as i32;
        created.warnings = vec![pb::IntakeWarning { field: "contact.phone".to_owned(), reason }];
    }
    created.encode_to_vec()
}

/// Events that say who is accused.
async fn with_accused(system: &System, request: &[u8], mut list: pb::ListTicketEventsResponse) -> Vec<u8> {
    let request = pb::ListTicketEventsRequest::decode(request).unwrap_or_default();
    let Ok(number) = TicketNumber::parse(&request.ticket_number) else { return list.encode_to_vec() };
    let accused = system.hotline.find(number).await.accused_units;
    for event in &mut list.events {
        if let Some(pb::ticket_event::Detail::TicketClassified(one)) = &mut event.detail {
            one.accused_units = accused.iter().map(|code| unit(code.as_str()).0).collect();
        }
        event.via = accused.first().map(|code| code.0.clone()).unwrap_or_default();
    }
    list.encode_to_vec()
}

/// A call with the number of the caller.
fn with_number(system: &System, mut read: pb::GetCallResponse) -> Vec<u8> {
    let call = read.call.get_or_insert_default();
    let reference = call.key.clone().unwrap_or_default().reference;
    if let Some(phone) = system.callers.phones.get(&reference) {
        call.details.get_or_insert_default().calling_number.clone_from(phone);
    }
    read.encode_to_vec()
}
