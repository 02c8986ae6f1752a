//! The calls that the exchange of the simulation reports.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    CallDetails, CallDirection, CallEnd, CallKey, CallOffer, CallOfferResult, CallParty, CallQueueStay,
    ReportCall,
};

use super::actors::Actors;
use super::plan::Request;
use crate::failure::Failure;
use crate::random::Random;

/// The telephone system that the calls come from.
const SYSTEM: &str = "demo-switch";

/// A call that a seat has answered.
#[derive(Debug)]
pub(super) struct Talk {
    /// The server's id of the call.
    pub(super) id: String,
    pub(super) began: DateTime<Utc>,
    key: CallKey,
    answered: DateTime<Utc>,
    seconds: i64,
}

impl Talk {
    /// A seat answers the call of a request. Some companies give up once before.
    pub(super) async fn answer(
        request: &Request,
        random: &mut Random,
        now: DateTime<Utc>,
        actors: &Actors,
    ) -> Result<Self, Failure> {
        let place = request.place;
        let seat = format!("seat-{:02}", random.between(1, 50));
        let wait = TimeDelta::seconds(random.between(3, 90));
        if request.abandoned_call {
            let began = now - TimeDelta::minutes(4);
            let left = began + wait;
            let end = CallEnd { time: left, party: Some(CallParty::Caller), cause: None, talk_seconds: 0 };
            let details = CallDetails { end: Some(end), ..inbound(began, left) };
            let key = CallKey::reference(SYSTEM, format!("{place}-a"), began);
            actors.exchange.report_call(ReportCall::new(key, left, details)).await?;
        }
        let began = now - TimeDelta::minutes(random.between(2, 3));
        let answered = began + wait;
        let result_time = Some(answered);
        let offer =
            CallOffer { seat, offer_time: began, result: Some(CallOfferResult::Answered), result_time };
        let details = CallDetails { offers: vec![offer], ..inbound(began, answered) };
        let key = CallKey::reference(SYSTEM, place.to_string(), began);
        let part = ReportCall::new(key.clone(), answered.min(now), details);
        let id = actors.exchange.report_call(part).await?;
        Ok(Self { id, began, key, answered, seconds: random.between(90, 420) })
    }

    /// The company hangs up, before the next step of its request at the latest.
    pub(super) async fn hang_up(self, now: DateTime<Utc>, actors: &Actors) -> Result<(), Failure> {
        let time = now.min(self.answered + TimeDelta::seconds(self.seconds)).max(self.answered);
        let talk_seconds = u32::try_from((time - self.answered).num_seconds()).unwrap_or_default();
        let end = CallEnd { time, party: Some(CallParty::Caller), cause: None, talk_seconds };
        let details = CallDetails { end: Some(end), ..CallDetails::default() };
        actors.exchange.report_call(ReportCall::new(self.key, time.min(now), details)).await?;
        Ok(())
    }
}

fn inbound(began: DateTime<Utc>, left: DateTime<Utc>) -> CallDetails {
    let queue = "enterprise".to_owned();
    let stay = CallQueueStay { queue, join_time: Some(began), leave_time: Some(left), position: 1 };
    CallDetails { direction: Some(CallDirection::Inbound), queues: vec![stay], ..CallDetails::default() }
}
