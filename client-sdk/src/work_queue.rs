//! The work queue of a unit: every ticket that is dispatched to it as the lead goes to a handler, and is then accepted.
//!
//! The queue needs no file. It begins with the open tickets, and a ticket that was accepted is not given again. So a
//! worker may be killed at any time. If that happens after the handler has run and before the ticket was accepted, the
//! handler gets the ticket once more when the worker runs again.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, ErrorReason};
use crate::model::{EventDetail, Ticket, TicketState};
use crate::observe::ClientEvent;
use crate::tickets::{AcceptTicket, Tickets};
use crate::watch::{TicketWatch, WatchItem, WatchStart, WatchTickets};

/// The pause before a ticket is given again whose handler failed; it doubles.
const AGAIN_BASE: Duration = Duration::from_secs(1);
/// The longest such pause.
const AGAIN_MAX: Duration = Duration::from_mins(1);

/// A ticket that waits for the handler.
#[derive(Debug)]
struct Waiting {
    ticket_number: String,
    not_before: Instant,
}

/// The work queue of the caller's unit. Made by [`Tickets::work_queue`].
pub struct WorkQueue {
    tickets: Tickets,
    watch: TicketWatch,
    unit: Option<String>,
    waiting: VecDeque<Waiting>,
    /// The ticket that `run` has given to its handler, until it is accepted or put back. If `run` is dropped in
    /// between, the ticket comes again.
    handed_out: Option<String>,
    /// How often the handler of a ticket failed, until it is accepted or no longer the unit's.
    failures: HashMap<String, u32>,
    /// The etags of tickets whose handler has succeeded, until they are accepted or no longer the unit's.
    handled: HashMap<String, String>,
}

impl fmt::Debug for WorkQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkQueue").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl WorkQueue {
    pub(crate) fn new(tickets: Tickets) -> Self {
        let which = WatchTickets { start: WatchStart::Snapshot, ..WatchTickets::default() };
        let watch = tickets.watch_tickets(which);
        let (waiting, failures, handled) = (VecDeque::new(), HashMap::new(), HashMap::new());
        Self { tickets, watch, unit: None, waiting, handed_out: None, failures, handled }
    }

    /// Gives each dispatched ticket to the handler, one after the other, and accepts it when the handler has succeeded.
    /// A ticket whose handler fails is given again after a while. If the acceptance fails, it is repeated without the
    /// handler, unless the ticket has changed. Returns only with an error.
    ///
    /// The ticket has no caller, because each reading of a caller is recorded. A handler that needs the caller asks for
    /// it with [`get_ticket_with_caller`](crate::Tickets::get_ticket_with_caller).
    ///
    /// The call may be dropped at any time and made again. A ticket whose handler was dropped with it comes again.
    ///
    /// # Errors
    /// If the caller is no unit, its credential is no longer valid, or a ticket can't be read for a reason that waiting
    /// does not mend. That ticket comes again when this is called again, after the others. Faults that may pass are no
    /// errors: the observers of the client receive [`TicketPutBack`](crate::ClientEvent::TicketPutBack).
    pub async fn run<F, R, E>(&mut self, mut handler: F) -> Result<(), Error>
    where
        F: FnMut(Ticket) -> R,
        R: Future<Output = Result<(), E>>,
    {
        if let Some(ticket_number) = self.handed_out.take() {
            self.add(ticket_number, Duration::ZERO);
        }
        loop {
            let ticket = self.next().await?;
            self.handed_out = Some(ticket.number.clone());
            let is_handled = self.handled.get(&ticket.number) == Some(&ticket.etag);
            if is_handled || handler(ticket.clone()).await.is_ok() {
                self.handled.insert(ticket.number.clone(), ticket.etag.clone());
                self.accept(&ticket).await?;
            } else {
                self.put_back(ticket.number);
            }
            self.handed_out = None;
        }
    }

    /// Waits for the next dispatched ticket that the unit leads. [`accept`](Self::accept) it when it is handled. A
    /// ticket that is neither accepted nor [put back](Self::put_back) comes again with the next dispatch or process.
    /// The call may be dropped at any time and made again.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn next(&mut self) -> Result<Ticket, Error> {
        let unit = self.own_unit().await?;
        loop {
            while let Some(ticket_number) = self.due() {
                if let Some(ticket) = self.read(&ticket_number).await? {
                    return Ok(ticket);
                }
            }
            let wake = self.waiting.iter().map(|waiting| waiting.not_before).min();
            let item = match wake {
                Some(wake) => tokio::select! {
                    item = self.watch.next() => item?,
                    () = tokio::time::sleep_until(wake) => continue,
                },
                None => self.watch.next().await?,
            };
            self.note(item, &unit);
        }
    }

    /// Accepts a ticket that was handled. If it was sent elsewhere meanwhile, nothing happens. If it was sent to the
    /// unit again, it comes again.
    ///
    /// # Errors
    /// If the hotline can't be reached within the client's deadline. The ticket comes again then.
    pub async fn accept(&mut self, ticket: &Ticket) -> Result<(), Error> {
        let command =
            AcceptTicket { etag: Some(ticket.etag.clone()), ..AcceptTicket::new(ticket.number.clone()) };
        match self.tickets.accept_ticket(command).await {
            Ok(_) => {
                self.forget(&ticket.number);
                Ok(())
            }
            Err(error) if is_settled(&error) => {
                self.forget(&ticket.number);
                Ok(())
            }
            Err(error) if error.is_retryable() || error.reason() == Some(ErrorReason::EtagStale) => {
                self.put_back_after(&ticket.number, &error);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Lets a ticket come again after a while.
    pub fn put_back(&mut self, ticket_number: String) {
        self.put_back_for(ticket_number);
    }

    /// The same, and tells the observers of the client why.
    fn put_back_after(&mut self, ticket_number: &str, error: &Error) {
        let wait = self.put_back_for(ticket_number.to_owned());
        self.tickets.notify(&ClientEvent::TicketPutBack { ticket_number, error, wait });
    }

    fn put_back_for(&mut self, ticket_number: String) -> Duration {
        let failures = self.failures.entry(ticket_number.clone()).or_default();
        let pause = (AGAIN_BASE * 2_u32.saturating_pow((*failures).min(10))).min(AGAIN_MAX);
        *failures = failures.saturating_add(1);
        self.take(&ticket_number);
        self.add(ticket_number, pause);
        pause
    }

    fn add(&mut self, ticket_number: String, pause: Duration) {
        if self.waiting.iter().all(|waiting| waiting.ticket_number != ticket_number) {
            self.waiting.push_back(Waiting { ticket_number, not_before: Instant::now() + pause });
        }
    }

    /// The next ticket to read. It stays in the queue until it is read, so that a dropped call loses nothing.
    fn due(&self) -> Option<String> {
        let now = Instant::now();
        let due = self.waiting.iter().find(|waiting| waiting.not_before <= now)?;
        Some(due.ticket_number.clone())
    }

    fn take(&mut self, ticket_number: &str) {
        self.waiting.retain(|waiting| waiting.ticket_number != ticket_number);
    }

    /// Adds a ticket to the queue if the item says that it was dispatched to the unit.
    fn note(&mut self, item: WatchItem, unit: &str) {
        let (ticket_number, lead) = match item {
            WatchItem::Open(ticket) if ticket.state == TicketState::Dispatched => {
                (ticket.number, ticket.dispatch.map(|dispatch| dispatch.lead_unit))
            }
            WatchItem::Event(event) => match event.detail {
                EventDetail::TicketDispatched(sent) => (event.ticket_number, Some(sent.dispatch.lead_unit)),
                _ => return,
            },
            _ => return,
        };
        if lead.as_deref() == Some(unit) {
            self.add(ticket_number, Duration::ZERO);
        }
    }

    /// Nothing is known of a ticket any more that was accepted, or is no longer the unit's.
    fn forget(&mut self, ticket_number: &str) {
        self.failures.remove(ticket_number);
        self.handled.remove(ticket_number);
    }

    /// The caller's unit. A fault that may pass is waited for.
    async fn own_unit(&mut self) -> Result<String, Error> {
        if let Some(unit) = &self.unit {
            return Ok(unit.clone());
        }
        let caller = loop {
            match self.tickets.who_am_i().await {
                Err(error) if error.is_retryable() => tokio::time::sleep(AGAIN_BASE).await,
                answer => break answer?,
            }
        };
        let unit = caller.unit.ok_or_else(|| Error::configuration("only a unit has a work queue"))?;
        self.unit = Some(unit.clone());
        Ok(unit)
    }

    /// Takes a ticket out of the queue and returns it, if it still waits to be accepted. One that can't be read comes
    /// again later.
    async fn read(&mut self, ticket_number: &str) -> Result<Option<Ticket>, Error> {
        let error = match self.tickets.get_ticket(ticket_number).await {
            Ok(ticket) if ticket.state == TicketState::Dispatched => {
                self.take(ticket_number);
                return Ok(Some(ticket));
            }
            Ok(_) => None,
            Err(error) if is_settled(&error) => None,
            Err(error) => Some(error),
        };
        let Some(error) = error else {
            self.take(ticket_number);
            self.forget(ticket_number);
            return Ok(None);
        };
        self.put_back_after(ticket_number, &error);
        if error.is_retryable() { Ok(None) } else { Err(error) }
    }
}

/// Whether the ticket is no longer the unit's to accept.
fn is_settled(error: &Error) -> bool {
    matches!(
        error.reason(),
        Some(ErrorReason::TicketNotFound | ErrorReason::WrongState | ErrorReason::LeadOnly)
    )
}
