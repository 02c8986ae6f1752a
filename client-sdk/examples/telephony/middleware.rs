//! What each event becomes: a part of its call, and a ticket when a call that a seat has answered ends.
//!
//! Request ids are made from the event. So an event that comes again is the same request, and nothing happens twice.

use hotline_client::chrono::{DateTime, Utc};
use hotline_client::spool::Spool;
use hotline_client::{
    CallDetails, CallDirection, CallEnd, CallKey, CallOffer, CallOfferResult, CallQueueStay, Category,
    Channel, Complexity, Contact, CreateTicket, Error, ReportCall, Source, Uuid,
};
use ring::digest::{SHA256, digest};

use crate::event::{CallEvent, Kind};

/// Takes events, and passes them on through the spool.
pub(crate) struct Middleware {
    spool: Spool,
    system: String,
}

impl Middleware {
    /// A middleware of an exchange with this name.
    pub(crate) fn new(spool: Spool, system: &str) -> Self {
        Self { spool, system: system.to_owned() }
    }

    /// Takes an event. When this returns, the hotline gets it, whatever happens.
    pub(crate) async fn take(&self, event: CallEvent) -> Result<(), Error> {
        let at = event.time.unwrap_or_else(now);
        let key = CallKey::end_to_end(&self.system, &event.call_id);
        let start = event.start.or((event.kind == Kind::NewCall).then_some(at));
        let key = CallKey { start_time: start, ..key };
        let part = ReportCall::new(key, at, details(&event, at)).request_id(self.id(&event, "part"));
        self.spool.report_call(part).await?;
        if event.kind == Kind::HangUp && event.seat.is_some() && !event.is_outgoing {
            self.spool.submit(self.ticket(&event, at)).await?;
        }
        Ok(())
    }

    /// The ticket of a call. The agent completes it: what the company wants, the exchange does not know.
    fn ticket(&self, event: &CallEvent, at: DateTime<Utc>) -> CreateTicket {
        let subject = "企业来电";
        let content = "通话已结束，诉求内容由坐席补充。";
        let create =
            CreateTicket::new(Category::Appeal, Complexity::General, Channel::Telephone, subject, content);
        create
            .source(Source::new(self.system.as_str(), event.call_id.as_str()))
            .call_end_to_end_id(event.call_id.as_str())
            .call_start_time(event.start.unwrap_or(at))
            .contact(event.from.as_deref().map(|number| Contact::new("来电人", number)))
            .request_id(self.id(event, "ticket"))
    }

    /// The request id of an event. An event without a time of its own cannot be told from an earlier one.
    fn id(&self, event: &CallEvent, what: &str) -> Uuid {
        let Some(time) = event.time else { return Uuid::new_v4() };
        let micros = time.timestamp_micros();
        let text = format!("{} {} {:?} {micros} {what}", self.system, event.call_id, event.kind);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest(&SHA256, text.as_bytes()).as_ref()[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

#[expect(clippy::disallowed_methods, reason = "the exchange gave no time of its own")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// What an event says of its call.
fn details(event: &CallEvent, at: DateTime<Utc>) -> CallDetails {
    match event.kind {
        Kind::NewCall => {
            let direction = if event.is_outgoing { CallDirection::Outbound } else { CallDirection::Inbound };
            let stay = |queue: &String| CallQueueStay {
                queue: queue.clone(),
                join_time: Some(at),
                leave_time: None,
                position: 0,
            };
            CallDetails {
                direction: Some(direction),
                calling_number: event.from.clone(),
                called_number: event.to.clone(),
                queues: event.queue.iter().map(stay).collect(),
                ..CallDetails::default()
            }
        }
        Kind::Answer => {
            let answered = |seat: &String| CallOffer {
                seat: seat.clone(),
                offer_time: at,
                result: Some(CallOfferResult::Answered),
                result_time: Some(at),
            };
            CallDetails { offers: event.seat.iter().map(answered).collect(), ..CallDetails::default() }
        }
        Kind::HangUp => {
            let (cause, talk_seconds) = (event.cause.clone(), event.talk_seconds);
            let end = CallEnd { time: at, party: None, cause, talk_seconds };
            CallDetails { end: Some(end), ..CallDetails::default() }
        }
    }
}
