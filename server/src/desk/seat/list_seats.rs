//! `ListSeats`: seats by code, with their agents and calls.

use super::model::Seat;
use super::{Seats, read};
use crate::platform::Fault;

pub use super::read::SeatFilter;

impl Seats {
    /// The seats after a code, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_seats(
        &self,
        filter: &SeatFilter,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Seat>, Fault> {
        read::page(self.store.reader(), filter, after, limit).await
    }
}
