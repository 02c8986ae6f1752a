//! `hotline watch`: what happens to tickets, as it is committed. One line for each entry, or one JSON object a line.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use hotline_client::{TicketEvent, WatchCursor, WatchItem, WatchStart, WatchTickets};
use serde::Serialize;

use crate::context::{Context, Done};
use crate::failure::Failure;
use crate::instant;
use crate::output::Format;

/// The flags of the command.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// Begin with the open tickets.
    #[arg(long, conflicts_with = "cursor")]
    snapshot: bool,
    /// Go on after this cursor.
    #[arg(long)]
    cursor: Option<String>,
    /// Keep the cursor in this file, and go on from there the next time.
    #[arg(long, value_name = "FILE")]
    cursor_file: Option<PathBuf>,
    /// End after this many entries; 0 never ends.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    count: u64,
}

/// An entry as it is printed.
#[derive(Debug, Serialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
enum Entry<'a> {
    Event(&'a TicketEvent),
    Left { ticket_number: &'a str },
    Digest(&'a hotline_client::Digest),
    Open(&'a hotline_client::Ticket),
    SnapshotEnd { ticket_count: u64 },
    Gap,
}

impl Watch {
    /// The methods of the contract that it calls.
    #[cfg(test)]
    pub(crate) const METHODS: &[&str] = &["WatchTickets"];

    pub(crate) async fn run(self, context: &Context) -> Done {
        let start = match self.cursor {
            Some(cursor) => WatchStart::After(WatchCursor::new(cursor)),
            None if self.snapshot => WatchStart::Snapshot,
            None => WatchStart::Now,
        };
        let mut which = WatchTickets::new(start);
        if let Some(file) = self.cursor_file {
            which = which.cursor_file(file);
        }
        let mut watch = context.client().await?.tickets().watch_tickets(which);
        let mut printed = 0;
        while self.count == 0 || printed < self.count {
            let item = watch.next().await?;
            let Some(entry) = entry(&item) else { continue };
            let line = match context.output {
                Format::Json => {
                    serde_json::to_string(&entry).map_err(|error| Failure::about("JSON", error))?
                }
                _ => line(&entry),
            };
            if writeln!(io::stdout(), "{line}").is_err() {
                // Nobody reads any more.
                break;
            }
            printed += 1;
        }
        watch.flush().await?;
        Ok(String::new())
    }
}

/// An entry that people want to see.
fn entry(item: &WatchItem) -> Option<Entry<'_>> {
    Some(match item {
        WatchItem::Event(event) => Entry::Event(event),
        WatchItem::Left { ticket_number } => Entry::Left { ticket_number },
        WatchItem::Digest(digest) => Entry::Digest(digest),
        WatchItem::Open(ticket) => Entry::Open(ticket),
        WatchItem::SnapshotEnd { ticket_count } => Entry::SnapshotEnd { ticket_count: *ticket_count },
        WatchItem::Gap { .. } => Entry::Gap,
        _ => return None,
    })
}

fn line(entry: &Entry<'_>) -> String {
    match entry {
        Entry::Event(event) => {
            let (time, actor) = (instant::text(event.event_time), event.actor.as_deref().unwrap_or("-"));
            format!("{time}  {}  {}  {actor}", event.ticket_number, event.detail.name())
        }
        Entry::Left { ticket_number } => format!("{ticket_number} has left the caller's scope"),
        Entry::Digest(digest) => {
            let (time, rung) = (instant::text(digest.event_time), digest.rung.to_string().to_lowercase());
            format!("{time}  {}: {} tickets {rung}", digest.unit, digest.tickets.len())
        }
        Entry::Open(ticket) => {
            let state = ticket.state.to_string().to_lowercase();
            format!("open  {}  {state}  {}", ticket.number, ticket.subject)
        }
        Entry::SnapshotEnd { ticket_count } => format!("these were the {ticket_count} open tickets"),
        Entry::Gap => "a backup was restored: the open tickets follow".to_owned(),
    }
}
