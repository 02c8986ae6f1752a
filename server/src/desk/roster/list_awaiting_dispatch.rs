//! `ListAwaitingDispatch`: what waits for dispatch. A unit on duty reads its field.

use super::{Rosters, field_of};
use crate::access::Permit;
use crate::ledger::awaiting_dispatch::{self, Field};
use crate::platform::Fault;
use crate::ticket::{Ticket, TicketNumber};

impl Rosters {
    /// The tickets after a number, at most `limit`. The unit has no relation to them yet, so they are read without its
    /// scope, and limited to its field and to what does not accuse it.
    ///
    /// # Errors
    /// `NOT_ON_DUTY`; if the database refuses.
    pub async fn list_awaiting_dispatch(
        &self,
        permit: &Permit,
        after: Option<TicketNumber>,
        limit: u64,
    ) -> Result<Vec<Ticket>, Fault> {
        let db = self.store.reader();
        let Some(unit) = permit.unit() else {
            return awaiting_dispatch::page(db, None, after, limit).await;
        };
        let topics = field_of(db, unit, self.clock.now()).await?;
        awaiting_dispatch::page(db, Some(Field { unit, topics: &topics }), after, limit).await
    }
}
