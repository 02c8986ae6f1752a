//! The scanner of attachments: runs the configured program on files that wait, and writes what it found as an event.
//! Takes no input, is idempotent, and runs on every server: a file is taken by one server at a time, and again by
//! another one if that server dies.

use std::time::Duration;

use chrono::TimeDelta;

use crate::access::Scope;
use crate::desk::attachment::Attachments;
use crate::desk::attachment::scan_hook::ScanHook;
use crate::identity::attachment_keys::{self, WaitingScan};
use crate::ledger::{self, Entry, Ledger};
use crate::platform::metrics::{ATTACHMENTS_SCANNED, ATTACHMENTS_WAITING, OUTCOME};
use crate::platform::{Clock, Fault, Store, Work};
use crate::ticket::{Actor, Attachment, AttachmentState, CallerIdentity, Event, Ticket};

/// Files that one pass scans, one after the other.
const FILES_MAX: u64 = 8;
/// The pause after a pass that found nothing to scan.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long a file waits after a scan that failed, beside the time limit of the scan.
const RETRY_AFTER: TimeDelta = TimeDelta::minutes(1);

/// Scans attachments.
#[derive(Debug, Clone)]
pub struct AttachmentScanner {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The only writer of tickets.
    pub ledger: Ledger,
    /// The files.
    pub attachments: Attachments,
    /// The program.
    pub hook: ScanHook,
}

/// What a scan found, if the attachment still waits for it. Pure.
#[must_use]
pub fn decide(ticket: &Ticket, id: &str, is_clean: bool) -> Option<Event> {
    let attachment = ticket.attachments.iter().find(|one| one.id == id && one.state.is_open())?;
    let state = if is_clean { AttachmentState::Clean } else { AttachmentState::Refused };
    Some(Event::AttachmentScanned(Box::new(Attachment { state, ..attachment.clone() })))
}

impl AttachmentScanner {
    /// Scans the next files; returns whether there were any.
    ///
    /// # Errors
    /// If the database refuses. What was not scanned is taken again.
    pub async fn pass(&self) -> Result<bool, Fault> {
        let waiting = attachment_keys::count_waiting(self.store.reader()).await?;
        metrics::gauge!(ATTACHMENTS_WAITING).set(f64::from(u32::try_from(waiting).unwrap_or(u32::MAX)));
        if waiting == 0 {
            return Ok(false);
        }
        let lease = TimeDelta::from_std(self.hook.timeout).unwrap_or(RETRY_AFTER);
        let lease = lease * i32::try_from(FILES_MAX).unwrap_or(1) + RETRY_AFTER;
        let taken = self.store.run(&self.clock, lease, async |work, lease| {
            attachment_keys::take_waiting(work, FILES_MAX, work.now() + *lease).await
        });
        let taken = taken.await?;
        for waiting in &taken {
            self.scan(waiting).await?;
        }
        Ok(!taken.is_empty())
    }

    async fn scan(&self, waiting: &WaitingScan) -> Result<(), Fault> {
        let outcome = match self.scan_file(waiting).await {
            Ok(is_clean) => {
                let input = (self.ledger.clone(), waiting.clone(), is_clean);
                self.store.run(&self.clock, input, async |work, input| record(work, input).await).await?;
                if is_clean { "clean" } else { "refused" }
            }
            Err(error) => {
                let attachment = waiting.id.as_str();
                tracing::error!(
                    attachment,
                    ticket = %waiting.ticket,
                    error,
                    "scan of an attachment failed; retrying"
                );
                "failed"
            }
        };
        metrics::counter!(ATTACHMENTS_SCANNED, OUTCOME => outcome).increment(1);
        if outcome == "refused" {
            let attachment = waiting.id.as_str();
            tracing::warn!(attachment, ticket = %waiting.ticket, "scan refused an attachment; its bytes are removed");
            self.attachments.discard(&waiting.file.name).await;
        }
        Ok(())
    }

    async fn scan_file(&self, waiting: &WaitingScan) -> Result<bool, String> {
        let ticket = ledger::read::find(self.store.reader(), &Scope::All, waiting.ticket).await;
        let ticket = ticket.map_err(|fault| fault.detail)?;
        let known = ticket.iter().flat_map(|ticket| &ticket.attachments);
        let Some(known) = known.into_iter().find(|one| one.id == waiting.id) else {
            return Err("the ticket has no such attachment".to_owned());
        };
        let opened = self.attachments.open(self.ledger.vault(), &waiting.file, known.size_bytes, None).await;
        let file = opened.map_err(|fault| format!("{:?}: {}", fault.reason, fault.detail))?;
        self.hook.scan(file).await
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        loop {
            match self.pass().await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => tokio::time::sleep(INTERVAL).await,
                Err(fault) => {
                    tracing::error!(error = fault.detail, "scanning attachments failed; retrying");
                    tokio::time::sleep(INTERVAL).await;
                }
            }
        }
    }
}

/// Writes what a scan found, once.
async fn record(work: &Work, (ledger, waiting, is_clean): &(Ledger, WaitingScan, bool)) -> Result<(), Fault> {
    let number = waiting.ticket;
    let Some(locked) = ledger::lock::lock_ticket(work, &Scope::All, number).await? else { return Ok(()) };
    if let Some(event) = decide(&locked, &waiting.id, *is_clean) {
        let (actor, identity) = (Actor::system(), CallerIdentity::default());
        let entry = Entry { number, before: Some(locked), actor, events: vec![event], identity };
        ledger.write(work, vec![entry]).await?;
    }
    attachment_keys::end_scan(work, &waiting.id, *is_clean).await
}
