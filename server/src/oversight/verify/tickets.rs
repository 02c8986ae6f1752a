//! Verifying the timeline: every event and every record is the one that was hashed, every chain ends where its seals say,
//! every seal is signed and follows the one before it, and every ticket is the fold of its events.
//!
//! Each part is read in one snapshot, so that what is written meanwhile is never taken for a fault. It writes nothing, and
//! its findings say where something is wrong and never what is there.
//!
//! What it can't find: what was cut off before it was sealed, if the ticket's row and the note of its head were changed
//! with it; and whatever else somebody does who has the signing key and every copy of the seals.

pub mod presence;
mod readings;
mod restores;
mod seals;
mod subjects;
mod ticket;
mod walk;
pub mod whole;

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::audit::{ADOPTION_METHOD, READING_ADOPTION_METHOD};
use super::chain::start;
use super::identity::read;
use super::rows::{event, ticket as ticket_row};
use super::seals::{entry, unsealed};
use crate::platform::hashing::Link;
use crate::platform::{Fault, Store};
use crate::timeline::Finding;
use ticket::Stored;

pub use seals::{Accepted, seals};
pub use subjects::subjects;

/// What was verified, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Tickets, subjects or seals that were looked at.
    pub chains: u64,
    /// Events and records.
    pub links: u64,
    /// Readings of identities.
    pub readings: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Verified {
    fn add(&mut self, other: Self) {
        self.chains += other.chains;
        self.links += other.links;
        self.readings += other.readings;
        self.findings.extend(other.findings);
    }
}

/// The ticket number at which a part ends that begins behind another and holds so many tickets; `None` where the rest
/// holds fewer.
///
/// # Errors
/// Where the database can't be reached.
pub async fn end_of_part(db: &impl ConnectionTrait, behind: i64, tickets: u64) -> Result<Option<i64>, Fault> {
    let numbers = ticket_row::Entity::find()
        .select_only()
        .column(ticket_row::Column::Number)
        .filter(ticket_row::Column::Number.gt(behind))
        .order_by_asc(ticket_row::Column::Number)
        .offset(tickets.saturating_sub(1))
        .limit(1);
    Ok(numbers.into_tuple().one(db).await?)
}

/// Verifies the tickets behind a number up to another, with everything that is stored under these numbers.
///
/// # Errors
/// Where the database can't be reached.
pub async fn tickets(store: &Store, behind: i64, until: i64) -> Result<Verified, Fault> {
    let part = Part::read(store, behind, until).await?;
    // Others are served meanwhile.
    let checked = tokio::task::spawn_blocking(|| part.check()).await;
    checked.map_err(|error| Fault::internal(format!("verifying: {error}")))
}

/// Tickets with everything that is stored under their numbers.
struct Part {
    stored: BTreeMap<i64, Stored>,
    links: u64,
    readings: u64,
    /// Whether the readings of an older release are sealed.
    are_sealed: bool,
}

/// Of a note of a head: the ticket, what else it is of, and the sequence and the link.
type Note = (i64, String, i32, Vec<u8>);

impl Part {
    async fn read(store: &Store, behind: i64, until: i64) -> Result<Self, Fault> {
        let snapshot = store.snapshot().await?;
        let mut stored: BTreeMap<i64, Stored> = BTreeMap::new();
        let within = |name: &'static str| Expr::col(name).gt(behind).and(Expr::col(name).lte(until));
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
        let over_at = subjects::over_at(&snapshot, ADOPTION_METHOD).await?;
        for row in start::Entity::find().filter(numbered()).all(&snapshot).await? {
            // What was hashed later than the first chains is not older than they are.
            if over_at.is_none_or(|over_at| row.noted_at <= over_at) {
                stored.entry(row.ticket_number).or_default().starts.push((row.sequence, Link::of(&row.hash)));
            }
        }
        let read = read::Entity::find().filter(numbered()).all(&snapshot).await?;
        let readings = read.len() as u64;
        for row in read {
            stored.entry(row.ticket_number).or_default().readings.rows.push(row);
        }
        let are_sealed = subjects::over_at(&snapshot, READING_ADOPTION_METHOD).await?.is_some();
        let sealed = entry::Entity::find()
            .select_only()
            .columns([
                entry::Column::TicketNumber,
                entry::Column::Subject,
                entry::Column::Sequence,
                entry::Column::Hash,
            ])
            .filter(numbered())
            .filter(entry::Column::TicketNumber.ne(0))
            .order_by_asc(entry::Column::SealNumber);
        let sealed: Vec<Note> = sealed.into_tuple().all(&snapshot).await?;
        for (number, subject, sequence, hash) in sealed {
            stored.entry(number).or_default().note(subject, sequence, &hash, |stored| &mut stored.sealed);
        }
        let waiting = unsealed::Entity::find()
            .filter(numbered())
            .filter(unsealed::Column::TicketNumber.ne(0))
            .order_by_asc(unsealed::Column::Sequence);
        let waiting: Vec<Note> = waiting.into_tuple().all(&snapshot).await?;
        for (number, subject, sequence, hash) in waiting {
            stored.entry(number).or_default().note(subject, sequence, &hash, |stored| &mut stored.waiting);
        }
        snapshot.rollback().await?;
        Ok(Self { stored, links, readings, are_sealed })
    }

    fn check(self) -> Verified {
        let Self { stored, links, readings, are_sealed } = self;
        let chains = stored.len() as u64;
        let findings = |(number, stored)| ticket::findings(number, stored, are_sealed);
        Verified { chains, links, readings, findings: stored.into_iter().flat_map(findings).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::{Place, Wrong};

    #[test]
    fn what_was_verified_adds_up() {
        let finding = |number| Finding::new(Place::Ticket(number), Wrong::Missing);
        let mut all = Verified { chains: 3, links: 5, readings: 7, findings: vec![finding(1)] };
        all.add(Verified { chains: 10, links: 20, readings: 30, findings: vec![finding(2)] });
        let expected =
            Verified { chains: 13, links: 25, readings: 37, findings: vec![finding(1), finding(2)] };
        assert_eq!(all, expected);
    }
}
