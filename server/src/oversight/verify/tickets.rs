//! The tickets, part by part, with everything that is stored under their numbers.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::part_report::PartReport;
use super::ticket::{self, StoredTicket};
use crate::audit_log::rows::{checkpoint_entry, pending_head};
use crate::identity::rows::identity_access;
use crate::ledger::rows::{event, ticket as ticket_row};
use crate::platform::{Fault, Store};

/// The last ticket number of a part with this many tickets after another number; `None` if fewer are left.
///
/// # Errors
/// If the database can't be reached.
pub async fn end_of_part(db: &impl ConnectionTrait, after: i64, tickets: u64) -> Result<Option<i64>, Fault> {
    let numbers = ticket_row::Entity::find()
        .select_only()
        .column(ticket_row::Column::Number)
        .filter(ticket_row::Column::Number.gt(after))
        .order_by_asc(ticket_row::Column::Number)
        .offset(tickets.saturating_sub(1))
        .limit(1);
    Ok(numbers.into_tuple().one(db).await?)
}

/// Verifies the tickets after a number up to another, with everything that is stored under these numbers.
///
/// # Errors
/// If the database can't be reached.
pub async fn tickets(store: &Store, after: i64, until: i64) -> Result<PartReport, Fault> {
    let part = Part::read(store, after, until).await?;
    // Other tasks run on this thread meanwhile.
    let checked = tokio::task::spawn_blocking(|| part.check()).await;
    checked.map_err(|error| Fault::internal(format!("verifying: {error}")))
}

/// Tickets with everything that is stored under their numbers.
pub(super) struct Part {
    stored: BTreeMap<i64, StoredTicket>,
    links: u64,
    accesses: u64,
}

/// A head under a checkpoint or a pending one: ticket, subject, sequence and link.
type HeadRow = (i64, String, i32, Vec<u8>);

impl Part {
    pub(super) async fn read(store: &Store, after: i64, until: i64) -> Result<Self, Fault> {
        let snapshot = store.snapshot().await?;
        let mut stored: BTreeMap<i64, StoredTicket> = BTreeMap::new();
        let within = |name: &'static str| Expr::col(name).gt(after).and(Expr::col(name).lte(until));
        let rows = ticket_row::Entity::find().filter(within("number")).all(&snapshot).await?;
        for row in rows {
            let number = row.number;
            stored.entry(number).or_default().row = Some(row);
        }
        let numbered = || within("ticket_number");
        let events = event::Entity::find()
            .filter(numbered())
            .order_by_asc(event::Column::TicketNumber)
            .order_by_asc(event::Column::Sequence)
            .all(&snapshot)
            .await?;
        let links = events.len() as u64;
        for row in events {
            stored.entry(row.ticket_number).or_default().events.push(row);
        }
        let found = identity_access::Entity::find().filter(numbered()).all(&snapshot).await?;
        let accesses = found.len() as u64;
        for row in found {
            stored.entry(row.ticket_number).or_default().accesses.rows.push(row);
        }
        let covered = checkpoint_entry::Entity::find()
            .select_only()
            .columns([
                checkpoint_entry::Column::TicketNumber,
                checkpoint_entry::Column::Subject,
                checkpoint_entry::Column::Sequence,
                checkpoint_entry::Column::Hash,
            ])
            .filter(numbered())
            .filter(checkpoint_entry::Column::TicketNumber.ne(0))
            .order_by_asc(checkpoint_entry::Column::CheckpointNumber);
        let covered: Vec<HeadRow> = covered.into_tuple().all(&snapshot).await?;
        for (number, subject, sequence, hash) in covered {
            stored
                .entry(number)
                .or_default()
                .add_head(subject, sequence, &hash, |stored| &mut stored.covered);
        }
        let pending = pending_head::Entity::find()
            .filter(numbered())
            .filter(pending_head::Column::TicketNumber.ne(0))
            .order_by_asc(pending_head::Column::Sequence);
        let pending: Vec<HeadRow> = pending.into_tuple().all(&snapshot).await?;
        for (number, subject, sequence, hash) in pending {
            stored
                .entry(number)
                .or_default()
                .add_head(subject, sequence, &hash, |stored| &mut stored.pending);
        }
        snapshot.rollback().await?;
        Ok(Self { stored, links, accesses })
    }

    pub(super) fn check(self) -> PartReport {
        let Self { stored, links, accesses } = self;
        let chains = stored.len() as u64;
        let findings = |(number, stored)| ticket::findings(number, stored);
        PartReport { chains, links, accesses, findings: stored.into_iter().flat_map(findings).collect() }
    }
}
