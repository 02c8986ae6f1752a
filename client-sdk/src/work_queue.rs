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
        Self {
            tickets,
            watch,
            unit: None,
            waiting: VecDeque::new(),
            failures: HashMap::new(),
            handled: HashMap::new(),
        }
    }

    /// Gives each dispatched ticket to the handler, one after the other, and accepts it when the handler has succeeded.
    /// A ticket whose handler fails is given again after a while. If the acceptance fails, it is repeated without the
    /// handler, unless the ticket has changed. Returns only with an error.
    ///
    /// The ticket has no caller, because each reading of a caller is recorded. A handler that needs the caller asks for
    /// it with [`get_ticket_with_caller`](crate::Tickets::get_ticket_with_caller).
    ///
    /// # Errors
    /// If the caller is no unit, or its credential is no longer valid.
    pub async fn run<F, R, E>(&mut self, mut handler: F) -> Result<(), Error>
    where
        F: FnMut(Ticket) -> R,
        R: Future<Output = Result<(), E>>,
    {
        loop {
            let ticket = self.next().await?;
            let is_handled = self.handled.get(&ticket.number) == Some(&ticket.etag);
            if !is_handled && handler(ticket.clone()).await.is_err() {
                self.put_back(ticket.number);
                continue;
            }
            self.handled.insert(ticket.number.clone(), ticket.etag.clone());
            self.accept(&ticket).await?;
        }
    }

    /// Waits for the next dispatched ticket that the unit leads. [`accept`](Self::accept) it when it is handled. A
    /// ticket that is neither accepted nor [put back](Self::put_back) comes again with the next dispatch or process.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn next(&mut self) -> Result<Ticket, Error> {
        loop {
            while let Some(waiting) = self.take_due() {
                if let Some(ticket) = self.read(&waiting.ticket_number).await? {
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
            self.note(item).await?;
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
                self.put_back(ticket.number.clone());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Lets a ticket come again after a while.
    pub fn put_back(&mut self, ticket_number: String) {
        let failures = self.failures.entry(ticket_number.clone()).or_default();
        let pause = (AGAIN_BASE * 2_u32.saturating_pow((*failures).min(10))).min(AGAIN_MAX);
        *failures = failures.saturating_add(1);
        self.add(ticket_number, pause);
    }

    fn add(&mut self, ticket_number: String, pause: Duration) {
        if self.waiting.iter().all(|waiting| waiting.ticket_number != ticket_number) {
            self.waiting.push_back(Waiting { ticket_number, not_before: Instant::now() + pause });
        }
    }

    fn take_due(&mut self) -> Option<Waiting> {
        let now = Instant::now();
        let place = self.waiting.iter().position(|waiting| waiting.not_before <= now)?;
        self.waiting.remove(place)
    }

    /// Adds a ticket to the queue if the item says that it was dispatched to the unit.
    async fn note(&mut self, item: WatchItem) -> Result<(), Error> {
        let unit = self.own_unit().await?;
        let (ticket_number, lead) = match item {
            WatchItem::Open(ticket) if ticket.state == TicketState::Dispatched => {
                (ticket.number, ticket.dispatch.map(|dispatch| dispatch.lead_unit))
            }
            WatchItem::Event(event) => match event.detail {
                EventDetail::TicketDispatched(sent) => (event.ticket_number, Some(sent.dispatch.lead_unit)),
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        if lead == unit {
            self.add(ticket_number, Duration::ZERO);
        }
        Ok(())
    }

    fn forget(&mut self, ticket_number: &str) -> Option<Ticket> {
        self.failures.remove(ticket_number);
        self.handled.remove(ticket_number);
        None
    }

    async fn own_unit(&mut self) -> Result<Option<String>, Error> {
        while self.unit.is_none() {
            match self.tickets.who_am_i().await {
                Ok(caller) => {
                    let unit = caller.unit;
                    self.unit =
                        Some(unit.ok_or_else(|| Error::configuration("only a unit has a work queue"))?);
                }
                Err(error) if error.is_retryable() => tokio::time::sleep(AGAIN_BASE).await,
                Err(error) => return Err(error),
            }
        }
        Ok(self.unit.clone())
    }

    /// The ticket, if it still waits to be accepted.
    async fn read(&mut self, ticket_number: &str) -> Result<Option<Ticket>, Error> {
        match self.tickets.get_ticket(ticket_number).await {
            Ok(ticket) if ticket.state == TicketState::Dispatched => Ok(Some(ticket)),
            Ok(_) => Ok(self.forget(ticket_number)),
            Err(error) if is_settled(&error) => Ok(self.forget(ticket_number)),
            Err(error) if error.is_retryable() => {
                self.put_back(ticket_number.to_owned());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether the ticket is no longer the unit's to accept.
fn is_settled(error: &Error) -> bool {
    matches!(
        error.reason(),
        Some(ErrorReason::TicketNotFound | ErrorReason::WrongState | ErrorReason::LeadOnly)
    )
}
