//! `OfferCall`: the exchange asks for a seat for a call of its queue, and asks again to learn where the call stands.

use prost::Message;

use super::Seats;
use super::board::Board;
use super::model::{CallBackWish, SeatCall};
use super::transfer_call::queue;
use crate::access::Permit;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;
use crate::ticket::CallId;

/// A call that needs a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferCall {
    /// The call.
    pub call: CallId,
    /// The skill.
    pub skill: String,
    /// What the caller wishes who does not want to wait.
    pub wish: Option<CallBackWish>,
}

impl Seats {
    /// Offers a call, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`, `CALL_ENDED`, `SKILL_UNKNOWN`, `SEAT_BUSY`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn offer_call<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        offer: OfferCall,
        answer: fn(&SeatCall) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), offer, answer);
        let offered = self.store.run_once(&self.clock, key, input, async |work, input| {
            let (seats, permit, offer, answer) = input;
            let board = Board::open(work, seats).await?;
            Ok(answer(&offer_in(&board, permit, offer).await?))
        });
        self.changes.announce(offered.await)
    }
}

async fn offer_in(board: &Board<'_>, permit: &Permit, offer: &OfferCall) -> Result<SeatCall, Fault> {
    let OfferCall { call, skill, wish } = offer;
    // The exchange learns of a call-back that was made for it, or of an end that another part of it reported.
    if let Some(over) = board.call(call).await?.filter(|call| call.is_over() && wish.is_none()) {
        return Ok(over);
    }
    queue(board, permit, call, skill, wish.as_ref()).await
}
