//! Staff of units on duty at the platform: rosters, what waits for dispatch in their field, and their advice.
//!
//! A roster says when the staff of a unit are there, and for which topics. While it counts, the unit sees what waits
//! for dispatch in this field, without who called and without the tickets that accuse it. Its advice is an event of the
//! ticket and decides nothing.

pub mod advise_dispatch;
pub mod get_advice_quality;
pub mod list_awaiting_dispatch;
pub mod list_rosters;
pub mod model;
pub mod put_roster;
mod rows;

use hotline_proto::v1::ErrorReason;
use sea_orm::ConnectionTrait;

use crate::ledger::Ledger;
use crate::platform::{Clock, Fault, Store};
use crate::ticket::{Instant, UnitCode};

pub use model::{AdviceQuality, Roster};

/// The dependencies of the rosters.
#[derive(Debug, Clone)]
pub struct Rosters {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Writes the advice on the ticket.
    pub ledger: Ledger,
}

/// The topics for which a unit is on duty at an instant, each once.
///
/// # Errors
/// `NOT_ON_DUTY` if there are none.
async fn field_of(db: &impl ConnectionTrait, unit: &UnitCode, at: Instant) -> Result<Vec<String>, Fault> {
    let rosters = rows::active_of(db, unit).await?;
    let on_duty = rosters.into_iter().filter(|roster| roster.covers(at));
    let mut topics: Vec<String> = on_duty.flat_map(|roster| roster.topics).collect();
    topics.sort_unstable();
    topics.dedup();
    if topics.is_empty() { Err(Fault::new(ErrorReason::NotOnDuty)) } else { Ok(topics) }
}
