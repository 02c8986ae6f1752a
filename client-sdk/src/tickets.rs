//! The verbs of the loop: intake, dispatch, handling with double feedback, supervision, follow-up.
//!
//! One method for each method of `TicketService`, with the same name. A command returns the ticket after the change. It
//! may be repeated with the same `request_id`: the hotline gives the first answer again and changes nothing twice. The
//! client does this itself if an answer is lost. The hotline keeps a request id for at least 24 hours; with another
//! request it is refused with `REQUEST_ID_REUSED`.
//!
//! Every command on a ticket may be refused with `TICKET_NOT_FOUND`, `ETAG_STALE`, `WRONG_STATE`, `INVALID_FIELDS`,
//! `REQUEST_ID_REUSED` or `ROLE_NOT_ALLOWED`; each method lists its other refusals.

mod around;
mod attachments;
mod command;
mod digests;
mod dispatch_advice;
mod handling;
mod intake;
mod oversight;
mod queries;
mod reveal;
mod search;
mod transfers;
mod undo;
mod update_caller;

pub use around::*;
pub use attachments::*;
pub use digests::*;
pub use dispatch_advice::*;
pub use handling::*;
pub use intake::*;
pub use oversight::*;
pub use queries::*;
pub use reveal::*;
pub use search::*;
pub use transfers::*;
pub use undo::*;
pub use update_caller::*;

use hotline_proto::v1;

use crate::call::Core;
use crate::error::Error;
use crate::model::{
    Digest, OwnIntake, RevealApproved, Revealed, Ticket, TicketDeadline, TicketEvent, TicketHit, TicketView,
    WhoAmI,
};
use crate::observe::ClientEvent;
use crate::page::{self, Listing};
use crate::watch::{TicketWatch, WatchTickets};
use crate::work_queue::WorkQueue;

/// The tickets. Made by [`HotlineClient::tickets`](crate::HotlineClient::tickets).
#[derive(Debug, Clone)]
pub struct Tickets(Core);

impl Tickets {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    pub(crate) fn notify(&self, event: &ClientEvent<'_>) {
        self.0.observers.notify(event);
    }

    /// Reads one ticket, without who called: no identity is read and nothing is recorded. A unit sees the tickets that
    /// it leads, assists or is informed of. For everyone but telephony and administrators.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, also if the caller may not see the ticket.
    pub async fn get_ticket(&self, ticket_number: impl Into<String>) -> Result<Ticket, Error> {
        let ticket_number = ticket_number.into();
        let request = v1::GetTicketRequest { ticket_number, without_caller: true, ..Default::default() };
        let view: TicketView = self.0.query(request).await?;
        Ok(view.ticket)
    }

    /// Reads one ticket with who called. If the answer shows an identity, **that is recorded as an access to it**,
    /// under the name of the principal. Do not poll with it. For everyone but telephony and administrators.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, also if the caller may not see the ticket.
    pub async fn get_ticket_with_caller(
        &self,
        ticket_number: impl Into<String>,
    ) -> Result<TicketView, Error> {
        let ticket_number = ticket_number.into();
        self.0.query(v1::GetTicketRequest { ticket_number, ..Default::default() }).await
    }

    /// Reveals who called, for a purpose; the access is recorded. For agents and supervisors.
    ///
    /// # Errors
    /// `SECOND_PERSON_NEEDED` if a confidential complaint-report has not been approved first.
    pub async fn reveal_identity(&self, command: RevealIdentity) -> Result<Revealed, Error> {
        self.0.command(command).await
    }

    /// Approves that another principal reveals who called. For supervisors.
    ///
    /// # Errors
    /// `INVALID_FIELDS` if the caller approves for itself.
    pub async fn approve_reveal(&self, command: ApproveReveal) -> Result<RevealApproved, Error> {
        self.0.command(command).await
    }

    /// Lists the tickets that the caller may see, without their content. For everyone but telephony and administrators.
    ///
    /// The items are errors with `PART_NOT_ALLOWED` if the filter asks for what the caller's role may not know.
    pub fn list_tickets(&self, which: ListTickets) -> Listing<Ticket> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Finds tickets by words of their subject and content, the best first. A caller finds its own change at once. For
    /// everyone but telephony and administrators.
    ///
    /// ```no_run
    /// use hotline_client::{Error, SearchTickets, TicketState, Tickets};
    ///
    /// async fn earlier(tickets: &Tickets) -> Result<(), Error> {
    ///     let which = SearchTickets::new("营业执照 变更").states([TicketState::Closed]);
    ///     for hit in tickets.search_tickets(which).take_up_to(5).await? {
    ///         println!("{} {} …{}…", hit.ticket.number, hit.ticket.subject, hit.content.text);
    ///         for (marked, text) in hit.content.parts() {
    ///             print!("{}", if marked { text.to_uppercase() } else { text.to_owned() });
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// The items are errors with `SEARCH_INDEX_BEHIND` if the index is still being built.
    pub fn search_tickets(&self, which: SearchTickets) -> Listing<TicketHit> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Lists what the caller's unit took in at its own counter, the newest first, whoever has it now. For units.
    pub fn list_own_intakes(&self) -> Listing<OwnIntake> {
        page::list(self.0.clone(), v1::ListOwnIntakesRequest::default())
    }

    /// Lists the events of one ticket, oldest first. For everyone but telephony and administrators. The first item is
    /// an error with `TICKET_NOT_FOUND` if the caller may not see the ticket.
    pub fn list_ticket_events(&self, ticket_number: impl Into<String>) -> Listing<TicketEvent> {
        let ticket_number = ticket_number.into();
        page::list(self.0.clone(), v1::ListTicketEventsRequest { ticket_number, ..Default::default() })
    }

    /// Lists the digests of the supervision ladder, oldest first: one for each unit, rung and tick. A unit reads its
    /// own. For units, dispatchers and supervisors.
    ///
    /// A unit polls with the last sequence that it has read, and stores that sequence over restarts. So it reads each
    /// digest once and misses none:
    ///
    /// ```no_run
    /// use hotline_client::{Error, ListDigests, Tickets};
    ///
    /// /// Reads what is new, and answers with the sequence to go on from.
    /// async fn poll(tickets: &Tickets, last: i64) -> Result<i64, Error> {
    ///     let mut sequence = last;
    ///     let mut new = tickets.list_digests(ListDigests::default().after_sequence(last));
    ///     while let Some(digest) = new.try_next().await? {
    ///         println!("{}: {} tickets", digest.rung, digest.tickets.len());
    ///         sequence = digest.sequence;
    ///     }
    ///     Ok(sequence)
    /// }
    /// ```
    pub fn list_digests(&self, which: ListDigests) -> Listing<Digest> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Streams what happens to the tickets that the caller may see, as it is committed, and the digests of units. The
    /// stream reconnects by itself and misses nothing. For everyone but telephony and administrators.
    ///
    /// ```no_run
    /// use hotline_client::{Error, Tickets, WatchItem, WatchTickets};
    ///
    /// async fn follow(tickets: &Tickets) -> Result<(), Error> {
    ///     let mut watch = tickets.watch_tickets(WatchTickets::default().cursor_file("hotline.cursor"));
    ///     loop {
    ///         match watch.next().await? {
    ///             WatchItem::Event(event) => println!("{}: {}", event.ticket_number, event.detail.name()),
    ///             WatchItem::Left { ticket_number } => println!("{ticket_number} has left our scope"),
    ///             WatchItem::Gap { .. } => println!("a backup was restored: the open tickets follow"),
    ///             _ => {}
    ///         }
    ///     }
    /// }
    /// ```
    pub fn watch_tickets(&self, which: WatchTickets) -> TicketWatch {
        TicketWatch::new(&self.0, which)
    }

    /// The work queue of the caller's unit: each ticket that is dispatched to it, once. For units.
    #[must_use]
    pub fn work_queue(&self) -> WorkQueue {
        WorkQueue::new(self.clone())
    }

    /// Who the caller is to the hotline: its principal, its roles, its unit, and when its credential expires. For
    /// everyone. A program should ask this when it starts: a wrong unit code finds empty lists, and no error.
    ///
    /// ```no_run
    /// # async fn example(client: hotline_client::HotlineClient) -> Result<(), Box<dyn std::error::Error>> {
    /// let me = client.tickets().who_am_i().await?;
    /// if me.unit.as_deref() != Some("district-chaoyang") {
    ///     return Err(format!("{} acts for {:?}", me.principal, me.unit).into());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `UNAUTHENTICATED` where the hotline does not know the credential.
    pub async fn who_am_i(&self) -> Result<WhoAmI, Error> {
        self.0.query(v1::WhoAmIRequest {}).await
    }

    /// Explains a ticket's limit, line by line. For everyone but telephony and administrators.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`.
    pub async fn explain_deadline(&self, ticket_number: impl Into<String>) -> Result<TicketDeadline, Error> {
        self.0.query(v1::ExplainDeadlineRequest { ticket_number: ticket_number.into() }).await
    }
}
